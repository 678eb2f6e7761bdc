"""The commands for accounts: they work on the file, also while the mirror runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirrord.errors import MirrorError

if TYPE_CHECKING:
    from mirrord.accounts import AccountBook
    from mirrord.accounts.desk import Desk

F = TypeVar("F", bound=Callable[..., Any])

_out = Console(highlight=False, soft_wrap=True)
_config = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings; the accounts are beside the database that they name.",
)
_ELSEWHERE = (
    "no mirror has run with these files ({path} is missing). Name its settings with -c; of a "
    "mirror that runs as a service: `sudo mirrord ... -c /etc/mirrord/mirrord.toml`"
)


@click.command()
@_config
def code(file: Path | None) -> None:
    """Print a new one-time code for setting the page's first password."""
    with _desk(file) as (_, desk):
        made = desk.begin_code()
    if not made:
        raise MirrorError("the mirror has an owner; `mirrord user password NAME` sets a password")
    _out.print(f"The code is [bold]{made}[/]. Enter it at /welcome within an hour.")


@click.group()
def user() -> None:
    """Who may use the page: list, add, password, remove."""


@user.command(name="list")
@_config
def list_users(file: Path | None) -> None:
    """List the users with their roles."""
    with _desk(file) as (book, _):
        found = book.users()
    rows = [[one.username, one.role, one.email, _day(one.joined)] for one in found]
    _show(["Name", "Role", "E-mail", "Since"], rows, "nobody yet: `mirrord code`")


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["owner", "guest"]), help="The first is an owner.")
@_config
def add(name: str, role: str | None, file: Path | None) -> None:
    """Add a user; asks for the password, or reads it from standard input."""
    from mirrord.accounts import NewUser
    from mirrord.credentials.names import checked
    from mirrord.credentials.secrets import stretched

    with _desk(file, make=True) as (book, desk):
        new = checked(NewUser(name, _password()))
        role = role or ("guest" if book.has_owner() else "owner")
        hashed = stretched(new.password)
        added = desk.add_another(new, hashed, "owner" if role == "owner" else "guest")
    _out.print(f"{added.username} is added as {added.role}.")


@user.command()
@click.argument("name")
@_config
def password(name: str, file: Path | None) -> None:
    """Set a user's password; every session of theirs ends."""
    from mirrord.credentials.names import check_password
    from mirrord.credentials.secrets import stretched

    with _desk(file) as (book, _):
        found = book.user(name)
        if found is None:
            raise MirrorError(f"there is no user {name!r}; `mirrord user list` shows them")
        typed = _password()
        check_password(typed, found.username)
        book.set_password(found.id, stretched(typed))
    _out.print(f"{found.username} has a new password and is signed out everywhere.")


@user.command()
@click.argument("name")
@_config
def remove(name: str, file: Path | None) -> None:
    """Remove a user with their sessions and tokens; the last owner stays."""
    with _desk(file) as (book, _):
        gone = book.remove_user(name)
    _out.print(f"{gone.username} is removed.")


@click.group()
def token() -> None:
    """Tokens for programs: add, list, revoke."""


@token.command(name="add")
@click.argument("name")
@click.option("--user", "username", help="Whose it is; the first owner's if not said.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["look", "read", "control"]),
    multiple=True,
    default=["read"],
    show_default=True,
    help="What it may do; repeat it for more.",
)
@click.option("--days", type=float, default=90.0, show_default=True, help="How long it holds.")
@_config
def add_token(
    name: str, username: str | None, scopes: Sequence[str], days: float, file: Path | None
) -> None:
    """Make a token and print it, this once."""
    with _desk(file) as (book, desk):
        owners = [one for one in book.users() if one.role == "owner"]
        found = book.user(username) if username else next(iter(owners), None)
        if found is None:
            raise MirrorError("there is no such user; `mirrord user list` shows them")
        key, secret = desk.add_token(found, name, scopes, days)
    held = ", ".join(sorted(key.scopes))
    click.echo(f"{name}, for {found.username}, may {held} until {_day(key.expires)}:", err=True)
    click.echo(secret)


@token.command(name="list")
@_config
def list_tokens(file: Path | None) -> None:
    """List the tokens that hold."""
    with _desk(file) as (book, _):
        names = {one.id: one.username for one in book.users()}
        found = book.keys(None, ("api",))
    rows = [
        [key.id, key.name, names[key.user], ", ".join(sorted(key.scopes)), _day(key.expires)]
        for key in found
    ]
    _show(["Id", "Name", "User", "May", "Until"], rows, "none")


@token.command()
@click.argument("identifier", metavar="ID")
@_config
def revoke(identifier: str, file: Path | None) -> None:
    """Revoke a token by its id; a running mirror refuses it a second later."""
    with _desk(file) as (book, _):
        if not book.revoke(identifier, None, ("api",)):
            raise MirrorError(f"there is no token {identifier!r}; `mirrord token list` shows them")
    _out.print("The token is revoked.")


@contextmanager
def _desk(file: Path | None, make: bool = False) -> Iterator[tuple[AccountBook, Desk]]:
    from mirrord.accounts import AccountBook
    from mirrord.accounts.desk import Desk
    from mirrord.config import Config, accounts_path, load

    path = accounts_path(load(file) if file else Config(file="command line"))
    if not make and not path.exists():
        raise MirrorError(_ELSEWHERE.format(path=path))
    with AccountBook(path) as book:
        yield book, Desk(book)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _show(columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    if not rows:
        _out.print(nothing)
        return
    table = Table()
    for column in columns:  # an id that is cut short could not be revoked
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    _out.print(table)


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d}"
