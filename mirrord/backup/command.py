"""`mirrord backup` and `mirrord restore`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from mirrord.errors import Unavailable

if TYPE_CHECKING:
    from mirrord.config import Config

_err = Console(stderr=True, highlight=False, soft_wrap=True)
_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings, which say where its files are.",
)
_force = click.option("--force", is_flag=True, help="Replace what is there.")


@click.command()
@_config
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, for instance mirror.backup.",
)
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Put keys and passwords of devices into it as well: whoever has the file has them.",
)
@_force
def backup(file: Path | None, output: Path, with_secrets: bool, force: bool) -> None:
    """Copy records, accounts and settings of the page into one file, also while the mirror runs."""
    from mirrord.backup.make import make_backup

    base = _base(file)
    _flush(base)
    with _err.status("Copying and checking ..."):
        made = make_backup(base, output, secrets=with_secrets, force=force)
    size = output.stat().st_size / 1e6
    _err.print(f"{output}: {made.readings} readings, {size:.1f} MB, checked.", markup=False)
    if with_secrets:
        _err.print("It holds keys and passwords of devices: keep it as you keep those.")
    else:
        _err.print("Keys and passwords of devices are not in it (--with-secrets puts them in).")
    for key in made.left_out:
        _err.print(f"Left out, for it holds a password: {key}", markup=False)


@click.command()
@click.argument("backup_file", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@_config
@_force
def restore(backup_file: Path, file: Path | None, force: bool) -> None:
    """Put a backup back while the mirror is stopped; what is there now is set aside."""
    from mirrord.backup.restore import restore as put_back

    with _err.status("Checking and putting back ..."):
        done = put_back(_base(file), backup_file, force=force)
    made = done.manifest
    said = f"{made.readings} readings of {made.created:%Y-%m-%d %H:%M} UTC are back."
    _err.print(said, markup=False)
    for path in done.set_aside:
        _err.print(f"What was there before: {path}", markup=False)
    for name in done.homeless:
        _err.print(f"No place for the secret {name}: the settings name none.", markup=False)


def _base(file: Path | None) -> Config:
    from mirrord.config import Config, load

    return load(file) if file else Config(file="command line")


def _flush(base: Config) -> None:
    """Have a running mirror write what waits in its memory, so that it is in the copy."""
    from mirrord.status import NotRunning, ask, socket_path

    with suppress(NotRunning, Unavailable):
        ask(socket_path(base), "flush", 15.0)
