"""The command that takes the mirror out of the smart home."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from mirrord.runtime import loop

_out = Console(highlight=False, soft_wrap=True)


@click.group()
def hub() -> None:
    """The smart-home hub (MQTT)."""


@hub.command()
@click.option(
    "-c",
    "--config",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="The settings, with [hub] as the mirror runs with it.",
)
def forget(file: Path) -> None:
    """Take the stopped mirror out of the hub: clear all that it has left at the broker."""
    from mirrord.config import load
    from mirrord.smart_home import leave

    cleared = loop.run(leave(load(file)))
    _out.print(f"{cleared} topics are cleared; the hub knows the mirror no more.")
