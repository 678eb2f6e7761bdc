"""`mirrord diagnose`: a file for whoever is asked for help."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

_err = Console(stderr=True, highlight=False, soft_wrap=True)


@click.command()
@click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings, which say where its files are.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, for instance mirror-diagnosis.zip.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
def diagnose(file: Path | None, output: Path, force: bool) -> None:
    """Write versions, settings, health and log to one file, without secrets and without records."""
    from mirrord.config import Config, load
    from mirrord.diagnose.bundle import write_bundle

    base = load(file) if file else Config(file="command line")
    with _err.status("Looking around ..."):
        names = write_bundle(base, output, force=force)
    _err.print(f"{output}: {', '.join(names)}", markup=False)
    _err.print("No records, secrets, addresses or names are in it. Read it before you send it on.")
