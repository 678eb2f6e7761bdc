"""The commands of the collective."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from mirrord.errors import MirrorError
from mirrord.runtime import loop

if TYPE_CHECKING:
    from mirrord.collective.database import Database
    from mirrord.collective.settings import Settings

T = TypeVar("T")

_out = Console(highlight=False, soft_wrap=True)
_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The settings, for instance config/collective.toml; without them the defaults.",
)


@click.group()
def collective() -> None:
    """The collective: the API in the cloud that mirrors send their aggregates to."""
    if find_spec("sqlalchemy") is None:
        raise MirrorError(
            "the collective's libraries are not installed: pip install 'mood-mirror[collective]'"
        )


@collective.command()
@_config
@click.option("--host", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes a free one.")
@click.option("--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME.")
@click.option("--bus", metavar="URL", help="redis://HOST/0, shared by several processes.")
def serve(file: Path | None, **given: Any) -> None:
    """Serve the API and its pages until Ctrl-C; one process on SQLite by default."""
    from mirrord.collective.serve import run

    settings = _settings(file, given)
    loop.run(run(settings, lambda url: _out.print(f"The collective is at {url}")))


@collective.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8090, show_default=True)
def demo(port: int) -> None:
    """Show the collective with simulated mirrors until Ctrl-C; nothing of it is kept."""
    from mirrord.collective.demo import Demo, run

    def ready(shown: Demo) -> None:
        _out.print(f"The collective is at {shown.url}")
        _out.print(f"A space of its mirrors: {shown.url}/space/{shown.space}")
        _out.print(f"Sign in as {shown.username} with the password {shown.password}")

    loop.run(run(port, ready))


def _settings(file: Path | None, given: dict[str, Any] | None = None) -> Settings:
    from mirrord.collective.settings import Settings, changed, load

    settings = load(file) if file else Settings()
    return changed(settings, given or {})


def _with_database(file: Path | None, job: Callable[[Database], Awaitable[T]]) -> T:
    from mirrord.collective.serve import opened

    async def work() -> T:
        async with opened(_settings(file)) as database:
            return await job(database)

    return loop.run(_coroutine(work))


async def _coroutine(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return await work()


def _password() -> str:
    """Ask for a password twice, or read one line where nobody types."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@collective.group()
def user() -> None:
    """Accounts: list, add, password, admin, deactivate."""


@user.command(name="list")
@_config
def list_users(file: Path | None) -> None:
    """List the accounts."""
    from mirrord.collective.commands import accounts

    rows = _with_database(file, accounts)
    table = Table("Name", "E-mail", "Admin", "Active", "Since")
    for row in rows:
        table.add_row(*row)
    _out.print(table if rows else "nobody yet: `mirrord collective user add NAME --admin`")


@user.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see and change everything under /admin.")
@_config
def add(name: str, admin: bool, file: Path | None) -> None:
    """Add an account; asks for the password, or reads it from standard input."""
    from mirrord.collective.commands import add_account

    password = _password()
    account = _with_database(file, lambda database: add_account(database, name, password, admin))
    _out.print(f"{account.username} may sign in{', as an administrator' if admin else ''}.")


@user.command()
@click.argument("name")
@_config
def password(name: str, file: Path | None) -> None:
    """Set a new password; every session ends."""
    from mirrord.collective.commands import set_password

    new = _password()
    _with_database(file, lambda database: set_password(database, name, new))
    _out.print(f"{name} has a new password; every session has ended.")


@user.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="No administrator any more.")
@_config
def admin(name: str, off: bool, file: Path | None) -> None:
    """Make somebody an administrator."""
    from mirrord.collective.commands import set_admin

    _with_database(file, lambda database: set_admin(database, name, not off))
    _out.print(f"{name} is {'no' if off else 'an'} administrator now.")


@user.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let them in again.")
@_config
def deactivate(name: str, undo: bool, file: Path | None) -> None:
    """Let somebody in no longer; what they have is kept."""
    from mirrord.collective.commands import set_active

    _with_database(file, lambda database: set_active(database, name, undo))
    _out.print(f"{name} is {'let in again' if undo else 'not let in any more'}.")


@collective.command()
@_config
def update(file: Path | None) -> None:
    """Do now what a serving process does by itself: publish what is due, delete what is old."""
    from mirrord.collective.commands import brought_up

    settings = _settings(file)
    shown, gone = _with_database(file, lambda database: brought_up(database, settings))
    _out.print(f"{shown} new figures are shown; {gone} old sessions are deleted.")


@collective.command()
@_config
@click.option("--format", "kind", type=click.Choice(["json", "csv"]), default="json")
@click.option("--user", "name", help="Of one account.")
@click.option("--session", help="Of one session.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Of the last days.")
@click.option("--include-environment", is_flag=True, help="With the environment responses.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else the console.")
def export(file: Path | None, output: Path | None, **asked: Any) -> None:
    """Write readings as JSON lines or CSV, in constant memory."""
    from mirrord.collective.exporting import Asked, export_to

    wanted = Asked(**asked)
    count = _with_database(file, lambda database: export_to(database, wanted, output))
    if output:
        _out.print(f"{count} readings in {output}.")


@collective.command()
@click.argument("target", type=click.Path(path_type=Path))
@_config
def backup(target: Path, file: Path | None) -> None:
    """Write a consistent copy, also while it is serving."""
    from mirrord.collective.backup import write_backup

    rows = _with_database(file, lambda database: write_backup(database, target))
    _out.print(f"{rows} rows in {target}.")


@collective.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--force", is_flag=True, help="Also where there are records: they are replaced.")
@_config
def restore(source: Path, force: bool, file: Path | None) -> None:
    """Read a backup into the database, of either kind."""
    from mirrord.collective.backup import read_backup

    rows = _with_database(file, lambda database: read_backup(database, source, force))
    _out.print(f"{rows} rows restored.")


@collective.command()
@_config
def check(file: Path | None) -> None:
    """Look whether the settings hold and everything answers; exit status 1 if not."""
    from mirrord.collective.commands import checked

    findings = loop.run(checked(_settings(file)))
    table = Table("What", "How")
    for what, how, _ in findings:
        table.add_row(what, how)
    _out.print(table)
    sys.exit(0 if all(good for *_, good in findings) else 1)
