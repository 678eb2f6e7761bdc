"""The commands for the collective: they work on the mirror's files, also while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from mirrord.runtime import loop

if TYPE_CHECKING:
    from mirrord.config import Config
    from mirrord.sync.link import Link

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)
_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings, which say where its file is.",
)


@click.command()
@click.argument("url", metavar="URL")
@_config
@click.option("--yes", is_flag=True, help="Do not ask.")
def link(url: str, file: Path | None, yes: bool) -> None:
    """Link the mirror with an account at a collective.

    Says what will be sent and asks, before the first byte is; then shows a code to confirm there.
    """
    from mirrord.sync.command import WHAT_IS_SENT, Linking
    from mirrord.whereabouts import place_of

    linking = Linking(_settings(file))
    address = linking.address(url)
    _err.print(WHAT_IS_SENT, markup=False)
    if address.startswith("http:"):
        _err.print(
            "Plain http: whoever is on the same network can read and change it.", style="red"
        )
    if not yes and not click.confirm(f"Link the mirror with {place_of(address)}?", err=True):
        _out.print("Nothing was sent.")
        return

    def show(asking: Link) -> None:
        _err.print(Panel(f"[bold]{asking.code}[/]", padding=(1, 8), expand=False))
        _err.print(f"Confirm this code at {asking.page}", markup=False)

    linked = loop.run(linking.link(address, show))
    spaces = f" and what it belongs to ({', '.join(linked.spaces)})" if linked.spaces else ""
    _out.print(f"Linked: visits from now on go to {linked.user}'s account{spaces}.", markup=False)


@click.command()
@_config
@click.option("--erase", is_flag=True, help="Have the collective delete all that it was sent.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def unlink(file: Path | None, erase: bool, yes: bool) -> None:
    """End the link with the collective. What was sent stays there, unless it is erased."""
    from mirrord.sync.command import Linking

    question = "End the link, and have everything that was sent deleted there?"
    if not yes and not click.confirm(question if erase else "End the link?", err=True):
        _out.print("The mirror is still linked.")
        return
    _out.print(loop.run(Linking(_settings(file)).unlink(erase)), markup=False)


@click.command()
@_config
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def ledger(file: Path | None, limit: int, as_json: bool) -> None:
    """Show every byte that left for a collective or for newer versions, the newest first."""
    import msgspec

    from mirrord.sync.command import Linking

    linking = Linking(_settings(file))
    rows, (requests, size) = loop.run(linking.ledger(limit))
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row).decode())
        return
    table = Table("When", "Where", "What", "Requests", "Items", "Bytes", "Answer")
    for row in rows:
        table.add_row(f"{row.at.astimezone():%Y-%m-%d %H:%M:%S}", row.place, *_told(row))
    if rows:
        _out.print(table)
    _out.print(
        f"{requests:,} requests with {size:,} bytes in all, headers and encryption included."
    )
    _out.print(loop.run(linking.state()), markup=False)


def _told(row: Any) -> list[str]:
    return [
        row.kind,
        *(f"{number:,}" for number in (row.requests, row.items, row.bytes)),
        row.outcome,
    ]


def _settings(file: Path | None) -> Config:
    """Return the settings in force: the file's, with what was changed on the page."""
    from mirrord.config import Config, load
    from mirrord.settings.start import settings_in_force

    return settings_in_force(load(file) if file else Config(file="command line")).config
