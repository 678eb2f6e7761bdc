"""The command that makes a service of a mirror."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from mirrord.errors import MirrorError

_out = Console(highlight=False, soft_wrap=True)


@click.command("install-service")
@click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Settings to begin with; copied to /etc/mirrord/mirrord.toml unless that exists.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--remove", "away", is_flag=True, help="Take the service away again.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    default=Path("/"),
    help="A system that is being prepared, such as a mounted memory card.",
)
def install_service(file: Path | None, yes: bool, away: bool, root: Path) -> None:
    """Have systemd start this mirror with the system: shows the units, asks, installs them.

    For a mirror from pipx or a virtual environment; the Debian package brings its own service.
    """
    from mirrord import service

    if not away:
        click.echo(
            "\n".join(f"# {one}\n{service.unit_text(one)}" for one in service.UNITS), nl=False
        )
    question = "Remove the service?" if away else "Install this as a service and start it?"
    if not _agreed(yes, question):
        return
    for line in service.remove(root) if away else service.install(root, file):
        _out.print(line, markup=False)


def _agreed(yes: bool, question: str) -> bool:
    """Return whether to go on. Raises MirrorError for a wish that only root may have."""
    if os.geteuid() != 0:
        again = f"sudo {sys.executable} -m mirrord {' '.join(sys.argv[1:])}"
        if yes:
            raise MirrorError(f"only root may do that: {again}")
        click.echo(f"\nNothing is changed. To install it: {again}", err=True)
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        click.echo("\nNothing is changed. To install it without a question: --yes", err=True)
        return False
    return click.confirm(f"\n{question}", err=True)
