"""The commands for what the mirror has recorded: they work on its file, also while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from mirrord.config import Config

F = TypeVar("F", bound=Callable[..., Any])

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)
_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings, which say where its file is.",
)


def _chosen(command: F) -> F:
    """Add the options that say which readings."""
    for option in (
        click.option("--session", metavar="ID", help="Only this session."),
        click.option("--until", metavar="TIME", help="Only what came before."),
        click.option("--since", metavar="TIME", help="Only from then on."),
    ):
        command = option(command)
    return command


@click.command()
@_config
@_chosen
@click.option(
    "--what",
    type=click.Choice(("readings", "sessions", "corrections")),
    default="readings",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", "jsonl", "csv", "parquet")),
    help="By default FILE's ending, or json.",
)
@click.option("--days", type=click.FloatRange(min=0.0, max=36_500.0), help="The last N days.")
@click.option("--include-environment", is_flag=True, help="With the room's answer to each.")
@click.option("--after", type=click.UUID, metavar="ID", help="Only what came after this reading.")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="By default standard output.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def export(
    file: Path | None, form: str | None, output: Path | None, force: bool, **asked: Any
) -> None:
    """Write what the mirror has recorded to a file, in order of arrival.

    A TIME is 2026-03-01, 2026-03-01T18:30, or how long ago: 90m, 24h, 7d, 2w. Works while the
    mirror runs and while it does not.
    """
    from mirrord.export.command import export as write
    from mirrord.export.formats import format_for
    from mirrord.export.source import wanted

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as progress:
        bar = progress.add_task("Exporting", total=1.0)
        said = write(
            _settings(file),
            wanted(**asked),
            format_for(form, output),
            output,
            force,
            lambda share: progress.update(bar, completed=share),
        )
    _err.print(said, markup=False)


@click.command()
@_config
@_chosen
@click.option("--all", "everything", is_flag=True, help="Everything that was ever recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(file: Path | None, everything: bool, yes: bool, **asked: Any) -> None:
    """Delete what the mirror has recorded, for good: all, a span of time, or a session.

    A TIME is 2026-03-01, 2026-03-01T18:30, or how long ago: 90m, 24h, 7d, 2w. Says what goes, and
    asks. Settings, accounts and files that were exported stay. Works while the mirror runs and
    while it does not.
    """
    from mirrord.export.forget import chosen
    from mirrord.export.forget import forget as delete

    def agreed(question: str) -> bool:
        _err.print(question, markup=False)
        return yes or click.confirm("Delete it?", err=True)

    said = delete(_settings(file), chosen(everything, **asked), agreed)
    _out.print(said, markup=False)


def _settings(file: Path | None) -> Config:
    """Return the settings in force: the file's, with what was changed on the page."""
    from mirrord.config import Config, load
    from mirrord.settings.start import settings_in_force

    return settings_in_force(load(file) if file else Config(file="command line")).config
