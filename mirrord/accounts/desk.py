"""What is done with the accounts, step by step: the same from the page and from a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlite_utils import Database

from mirrord.accounts.book import AccountBook
from mirrord.accounts.code import drop_code, make_code, since_boot, try_code, use_code
from mirrord.accounts.records import (
    ROLES,
    SCOPES,
    Key,
    Kind,
    NewUser,
    Role,
    Scope,
    Unacceptable,
    User,
)
from mirrord.credentials import names, secrets

DAY_S: Final = 86_400.0
IDLE_S: Final = 30 * DAY_S
SESSION_S: Final = 365 * DAY_S
LONGEST_DAYS: Final = 3650.0
LONGEST_NAME: Final = 60


class Desk:
    """Works on an open book. Blocking; raises MirrorError if the file cannot be used."""

    def __init__(self, book: AccountBook) -> None:
        self._book = book

    def begin_code(self) -> str:
        """Return a new one-time code, or "" if there is an owner, who needs none."""
        with self._book.opened() as database:
            if self._book.has_owner():
                drop_code(database)
                return ""
            return make_code(database, since_boot())

    def check_first(self, code: str) -> None:
        """Raise Unacceptable if there is an owner already, or the code is wrong, which counts."""
        with self._book.opened() as database:
            self._no_owner(database)
            try_code(database, code, since_boot())

    def add_first(self, code: str, new: NewUser, password: str) -> User:
        """Add the owner with a hashed password. Raises Unacceptable as `check_first`."""

        def unless(database: Database) -> None:
            self._no_owner(database)
            use_code(database, code, since_boot())

        return self._book.add_user(new, password, "owner", unless)

    def add_another(self, new: NewUser, password: str, role: Role) -> User:
        """Add a user. Raises Unacceptable: the first one has to be an owner."""

        def unless(_: Database) -> None:
            if role != "owner" and not self._book.has_owner():
                raise Unacceptable("role", "the first user has to be an owner")

        return self._book.add_user(new, password, role, unless)

    def begin_session(self, user: User, kind: Kind, address: str, agent: str) -> str:
        """Return the secret of a new session: it lasts a month unused, a year at most."""
        whole: frozenset[Scope] = frozenset(SCOPES)
        key = replace(self._key(user, kind, whole, SESSION_S), idle_s=IDLE_S, address=address)
        return self._kept(replace(key, agent=_printable(agent)))

    def add_token(
        self, user: User, name: str, scopes: Sequence[str], days: float
    ) -> tuple[Key, str]:
        """Return a new token and its secret. Raises Unacceptable."""
        name = names.checked_words("name", name, LONGEST_NAME)
        if not name:
            raise Unacceptable("name", "expected what the token is for, such as 'evening script'")
        if not 0 < days <= LONGEST_DAYS:
            raise Unacceptable("days", f"expected more than 0 and at most {LONGEST_DAYS:g}")
        key = replace(self._key(user, "api", _scopes(user, scopes), days * DAY_S), name=name)
        return key, self._kept(key)

    def _key(self, user: User, kind: Kind, scopes: frozenset[Scope], lasts_s: float) -> Key:
        now = self._book.now()
        times = (now, now, now + lasts_s, lasts_s)
        return Key(secrets.new_handle(), user.id, kind, "", scopes, *times, "", "")

    def _kept(self, key: Key) -> str:
        secret = secrets.new_key()
        self._book.add_key(key, secret)
        return secret

    def _no_owner(self, _: Database) -> None:
        if self._book.has_owner():
            raise Unacceptable("code", "the mirror has an owner already; sign in instead")


def _scopes(user: User, asked: Sequence[str]) -> frozenset[Scope]:
    if not asked or set(asked) - set(SCOPES):
        raise Unacceptable("scopes", f"expected any of {', '.join(SCOPES)}")
    given: frozenset[Scope] = frozenset(one for one in SCOPES if one in asked)
    if beyond := given - ROLES[user.role]:
        raise Unacceptable("scopes", f"a {user.role} may not {' or '.join(sorted(beyond))}")
    return given | {"look"}


def _printable(agent: str) -> str:
    return "".join(one for one in agent if one.isprintable())[:200]
