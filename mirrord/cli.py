"""The command `mirrord`: one thin function each.

What a command needs is imported when it runs, so that `--help` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import mirrord
from mirrord import cli_accounts, cli_collective, cli_hub, cli_records, cli_service, cli_sync
from mirrord.backup import command as backing_up
from mirrord.diagnose import command as diagnosing
from mirrord.drill import command as drilling
from mirrord.errors import ConfigError, MirrorError
from mirrord.runtime import logs, loop
from mirrord.status import command as asking

if TYPE_CHECKING:
    from mirrord.config import Config
    from mirrord.daemon import Daemon
    from mirrord.model import Environment

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)
_config = click.option(
    "-c",
    "--config",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="The settings, for instance config/mirrord.toml.",
)
_optional_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The settings, if they are not the built-in ones.",
)
_MODELS = ("fused", "fer", "face-api", "fer-reference")
_verbose = click.option("-v", "--verbose", is_flag=True, help="Say more of what happens.")


class Tools:
    """What commands brought by drivers may use (`ctx.obj`)."""

    def environment_for(self, mood: str) -> Environment:
        """Return the environment of one pure mood. Raises MirrorError for an unknown word."""
        from mirrord.config import nearest
        from mirrord.model import MOODS, Measured, Mood
        from mirrord.mood import affect_by_hand
        from mirrord.response import respond

        if mood not in MOODS:
            raise MirrorError(f"no mood {mood!r}{nearest(mood, list(MOODS))} ({', '.join(MOODS)})")
        affect = affect_by_hand(*(float(name == mood) for name in MOODS))
        return respond(Mood(affect, "unsure", 1.0, 1, present=True), Measured())


class Commands(click.Group):
    """Our own commands and those that the installed drivers bring."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._of_drivers()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self._of_drivers().get(cmd_name)

    def _of_drivers(self) -> dict[str, click.Command]:
        from mirrord.driver_host import installed_plugins

        plugins = installed_plugins().values()
        return {one.name: one for plugin in plugins for one in plugin.commands if one.name}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mirrord.__version__, prog_name="mirrord")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A mirror that reads facial expressions locally and answers with the room.

    Begin with `mirrord demo`; it needs no camera and no devices.
    """
    ctx.obj = Tools()


@cli.command()
@_config
@_verbose
def run(file: Path, verbose: bool) -> None:
    """Run the mirror with the settings of a file, until it is stopped."""
    from mirrord.config import load

    logs.set_up(verbose=verbose)
    config = load(file)  # what is wrong with it is said before the rest is imported
    from mirrord import daemon
    from mirrord.sight_cameras import find_cameras

    _go(lambda: daemon.run(config, ready=_announce, cameras=find_cameras))


@cli.command()
@click.option("--source", help="A camera's number, a film, a folder of pictures or a stream.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, help="The page's port.")
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop by itself after so long.")
@_verbose
def demo(source: str | None, port: int, seconds: float | None, verbose: bool) -> None:
    """Run the real mirror in a simulated room: a Hue bridge, a broker, thermostats, a speaker.

    Uses your camera if there is one, and a short film of a face if not.
    """
    from mirrord import demo as room

    logs.set_up(verbose=verbose)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err, transient=True) as progress:
        bar = progress.add_task("Making the film of a face, this once", total=1.0, visible=False)

        def running(daemon: Daemon, url: str) -> None:
            progress.stop()
            _announce(daemon, url)

        def filming(share: float) -> None:
            progress.update(bar, completed=share, visible=True)

        _go(lambda: room.run(_source(source), port, seconds, running, filming))


@cli.command()
@_config
def check(file: Path) -> None:
    """Check the settings, and try every device at once. Exit status 0 if all is well, else 1."""
    from mirrord.check import check_all
    from mirrord.config import load
    from mirrord.settings.start import settings_in_force

    layers = settings_in_force(load(file))
    with _err.status("Trying every device ..."):
        findings = loop.run(check_all(layers))
    table = Table("", "Part", title=escape(str(file)), title_justify="left")
    table.add_column("What was found", overflow="fold")
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
        table.add_row(mark, escape(finding.part), escape(finding.said))
    _out.print(table)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@cli.command()
def devices() -> None:
    """List cameras, sound outputs, Hue bridges, and the installed drivers."""
    from mirrord.check import discover

    with _err.status("Looking around for three seconds ..."):
        found = loop.run(discover())
    for title, lines in found.items():
        _out.print(f"[bold]{title}[/]")
        for line in lines or ["none found"]:
            _out.print(f"  {line}", markup=False, soft_wrap=True)


@cli.command()
@click.argument("driver")
@_optional_config
def pair(driver: str, file: Path | None) -> None:
    """Pair with a device that wants to be asked: `mirrord pair hue`."""
    from mirrord.config import state_dir
    from mirrord.driver_host.pairing import pair_with

    config = _settings(file)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err, transient=True) as progress:
        bar = progress.add_task(f"Pairing with {driver}: press its button now", total=1.0)

        def advance(share: float) -> None:
            progress.update(bar, completed=share)

        said = loop.run(pair_with(driver, config.drivers, config.file, state_dir(), advance))
    _out.print(said, markup=False, soft_wrap=True)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each face.")
@click.option("--model", type=click.Choice(_MODELS), default="fused", help="Who judges.")
def look(paths: Sequence[str], as_json: bool, model: str) -> None:
    """Say what is seen in pictures, folders, films, or - for a picture on standard input."""
    from mirrord.look.printing import show

    sys.exit(show(paths, as_json, model, _out, _err))


cli.add_command(cli_accounts.code)
cli.add_command(cli_accounts.user)
cli.add_command(cli_accounts.token)
cli.add_command(cli_records.export)
cli.add_command(cli_records.forget)
cli.add_command(cli_hub.hub)
cli.add_command(cli_sync.link)
cli.add_command(cli_sync.unlink)
cli.add_command(cli_sync.ledger)
cli.add_command(cli_collective.collective)
cli.add_command(asking.status)
cli.add_command(backing_up.backup)
cli.add_command(backing_up.restore)
cli.add_command(diagnosing.diagnose)
cli.add_command(drilling.drill)
cli.add_command(cli_service.install_service)


def _settings(file: Path | None) -> Config:
    """Return the settings of a file, if there is one, with what was changed on the page."""
    from mirrord.config import Config, load
    from mirrord.settings.start import settings_in_force

    return settings_in_force(load(file) if file else Config(file="command line")).config


def _source(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() else text


def _announce(daemon: Daemon, url: str) -> None:
    name = escape(daemon.state()["name"])
    _out.print(f"\n[bold]{name}[/] is running. Open [bold cyan]{url}[/]")
    _out.print(f"The picture for the wall: {url}mirror    Stop with Ctrl-C.\n")
    if daemon.code:
        said = f"It has no password yet. Set one at {url}welcome with the code {daemon.code}\n"
        _out.print(said, soft_wrap=True)
    if sys.stdout.isatty():
        _show_code(daemon)


def _show_code(daemon: Daemon) -> None:
    """Show the page's address for a phone's camera; whoever sees this console owns the mirror."""
    from mirrord.web.address import code_of

    if not daemon.reach.urls:
        _out.print('Phones reach it with [web] host = "0.0.0.0" (docs/setup.md).\n', markup=False)
        return
    address = daemon.reach.urls[0]
    url = f"{address}welcome#code={daemon.code}" if daemon.code else address
    code_of(url).terminal(sys.stdout, border=2, compact=True)
    others = "  or  ".join(daemon.reach.urls)
    _out.print(f"On a phone in the same network: {others}\n", markup=False, soft_wrap=True)


def _go(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop.run(work())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. A failure that we foresaw is one sentence and exit status 1."""
    try:
        cli.main(arguments, prog_name="mirrord", standalone_mode=True)
    except ConfigError as error:
        _fail(f"{error}")
    except MirrorError as error:
        _fail(f"{error}")
    except BrokenPipeError:  # `mirrord look ... | head`
        sys.stderr.close()
        sys.exit(1)
    finally:
        loop.leave()


def _fail(sentence: str) -> None:
    _err.print(f"mirrord: {sentence}", markup=False, style="red", soft_wrap=True)
    sys.exit(1)
