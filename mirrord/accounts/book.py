"""Users and keys in their file. Blocking; used by one thread, or by one command."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from sqlite_utils import Database

from mirrord.accounts import names, secrets
from mirrord.accounts.opening import open_accounts, trouble, writing
from mirrord.accounts.records import SCOPES, Key, Kind, NewUser, Role, Scope, Unacceptable, User
from mirrord.errors import MirrorError

_USER: Final = "id, username, email, first_name, last_name, role, joined"
_KEY: Final = (
    "id, user, kind, name, scopes, created, seen, expires, idle_s, address, agent"  # in Key's order
)
MOST_USERS: Final = 50
MOST_KEYS: Final = 50  # of one user and kind; the one that was used longest ago makes room
SEEN_EVERY_S: Final = 3600.0  # a memory card does not like a write for each request


class AccountBook:
    """The open file. Every method raises MirrorError if the file cannot be used."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._database: Database = open_accounts(path)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> float:
        return self._clock()

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Give the database itself, for what concerns neither users nor keys."""
        with trouble(self.path):
            yield self._database

    def fact(self, key: str) -> str:
        """Return a fact about the file, or ""."""
        row = self._one("SELECT value FROM facts WHERE key = ?", key)
        return str(row[0]) if row else ""

    def has_owner(self) -> bool:
        return self._one("SELECT 1 FROM users WHERE role = 'owner'") is not None

    def users(self) -> list[User]:
        return [User(*row) for row in self._all(f"SELECT {_USER} FROM users ORDER BY id")]

    def user(self, username: str) -> User | None:
        row = self._one(f"SELECT {_USER} FROM users WHERE folded = ?", names.folded(username))
        return User(*row) if row else None

    def password(self, username: str) -> str | None:
        """Return the kept hash."""
        row = self._one("SELECT password FROM users WHERE folded = ?", names.folded(username))
        return str(row[0]) if row else None

    def add_user(
        self, new: NewUser, password: str, role: Role, unless: Callable[[Database], None]
    ) -> User:
        """Add a checked user with the hash of their password; `unless` may raise to prevent it."""
        with self._writing() as database:
            unless(database)
            if self._count("users", "1") >= MOST_USERS:
                raise Unacceptable("username", f"there are {MOST_USERS} users already")
            texts = [new.username, names.folded(new.username), new.email]
            values = [*texts, new.first_name, new.last_name, role, password, self._clock()]
            try:
                database.execute(
                    "INSERT INTO users (username, folded, email, first_name, last_name, role,"
                    " password, joined) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
            except sqlite3.IntegrityError:
                raise Unacceptable("username", "there is a user of that name already") from None
        return self._known(new.username)

    def update_user(self, user: int, changes: Mapping[str, str]) -> None:
        """Change e-mail address or names, already checked."""
        with self._writing() as database:
            for field in changes.keys() & {"email", "first_name", "last_name"}:
                database.execute(
                    f"UPDATE users SET {field} = ? WHERE id = ?",  # one of the three
                    [changes[field], user],
                )

    def set_password(self, user: int, password: str, keep: str = "") -> None:
        """Set the hash and end every session of theirs but the one named."""
        with self._writing() as database:
            database.execute("UPDATE users SET password = ? WHERE id = ?", [password, user])
            database.execute(
                "DELETE FROM keys WHERE user = ? AND kind != 'api' AND id != ?", [user, keep]
            )

    def refresh_password(self, user: int, before: str, password: str) -> None:
        """Keep the same password with newer parameters, unless it has changed meanwhile."""
        with self._writing() as database:
            database.execute(
                "UPDATE users SET password = ? WHERE id = ? AND password = ?",
                [password, user, before],
            )

    def remove_user(self, username: str) -> User:
        """Remove a user with all their keys. Raises Unacceptable for the last owner."""
        with self._writing() as database:
            user = self._known(username)
            if user.role == "owner" and self._count("users", "role = 'owner'") == 1:
                raise Unacceptable("username", f"{user.username} is the last owner and has to stay")
            database.execute("DELETE FROM users WHERE id = ?", [user.id])
        return user

    def add_key(self, key: Key, secret: str) -> None:
        """Keep a key; what has ended goes, and of too many the one used longest ago."""
        with self._writing() as database:
            database.execute(
                "DELETE FROM keys WHERE min(expires, seen + idle_s) <= ?", [self._clock()]
            )
            database.execute(
                "DELETE FROM keys WHERE id IN (SELECT id FROM keys WHERE user = ? AND kind = ?"
                " ORDER BY seen DESC LIMIT -1 OFFSET ?)",
                [key.user, key.kind, MOST_KEYS - 1],
            )
            try:
                database.execute(
                    f"INSERT INTO keys (digest, {_KEY}) VALUES ({', '.join('?' * 12)})",
                    [secrets.digest(secret), *_row(key)],
                )
            except sqlite3.IntegrityError:
                raise Unacceptable("username", "there is no such user any more") from None

    def find(self, secret: str, kinds: Iterable[Kind]) -> tuple[Key, User] | None:
        """Return the key of a secret with its user, if it has not ended, and note that it is used.

        A clock that was set back neither ends a key nor lengthens its life beyond `expires`.
        """
        row = self._one(f"SELECT {_KEY} FROM keys WHERE digest = ?", secrets.digest(secret))
        key = _key(row) if row else None
        now = self._clock()
        if key is None or key.kind not in kinds or key.ends() <= now:
            return None
        row = self._one(f"SELECT {_USER} FROM users WHERE id = ?", key.user)
        if abs(now - key.seen) >= min(SEEN_EVERY_S, key.idle_s / 10):
            self._note_use(key.id, now)
        return (key, User(*row)) if row else None

    def holds(self, key: str) -> bool:
        """Tell whether a session or token is there and has not ended."""
        row = self._one("SELECT min(expires, seen + idle_s) FROM keys WHERE id = ?", key)
        return row is not None and row[0] > self._clock()

    def keys(self, user: int | None, kinds: Iterable[Kind]) -> list[Key]:
        """Return what has not ended, of one user or all, the newest first."""
        rows = self._all(f"SELECT {_KEY} FROM keys ORDER BY created DESC, id")
        now, wanted = self._clock(), set(kinds)
        found = [_key(row) for row in rows]
        return [
            key
            for key in found
            if key.kind in wanted and key.ends() > now and user in (None, key.user)
        ]

    def revoke(self, key: str, user: int | None, kinds: Iterable[Kind]) -> bool:
        """End one key, of one user or any; False if there is none of that name."""
        wanted = sorted(set(kinds))
        with self._writing() as database:
            done = database.execute(
                "DELETE FROM keys WHERE id = ? AND user = ifnull(?, user)"
                f" AND kind IN ({', '.join('?' * len(wanted))})",
                [key, user, *wanted],
            )
        return done.rowcount > 0

    def revoke_all(self, user: int, kinds: Iterable[Kind]) -> int:
        """End all of a user's; return how many there were."""
        found = self.keys(user, kinds)
        return sum(self.revoke(key.id, user, kinds) for key in found)

    def _known(self, username: str) -> User:
        user = self.user(username)
        if user is None:
            raise Unacceptable("username", "there is no user of that name")
        return user

    def _note_use(self, key: str, now: float) -> None:
        """A full disk must not lock anybody out."""
        with suppress(MirrorError), self._writing() as database:
            database.execute("UPDATE keys SET seen = ? WHERE id = ?", [now, key])

    def _count(self, table: str, where: str) -> int:
        row = self._one(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(row[0]) if row else 0

    def _one(self, sql: str, *values: Any) -> Any:
        with trouble(self.path):
            return self._database.execute(sql, list(values)).fetchone()

    def _all(self, sql: str) -> list[Any]:
        with trouble(self.path):
            return list(self._database.execute(sql).fetchall())

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with trouble(self.path), writing(self._database):
            yield self._database


def _row(key: Key) -> tuple[Any, ...]:
    scopes = " ".join(one for one in SCOPES if one in key.scopes)
    names_ = (key.id, key.user, key.kind, key.name, scopes)
    times = (key.created, key.seen, key.expires, key.idle_s)
    return (*names_, *times, key.address, key.agent)


def _key(row: Any) -> Key:
    handle, user, kind, name, scopes, *rest = row
    kept = set(str(scopes).split())
    found: frozenset[Scope] = frozenset(one for one in SCOPES if one in kept)
    return Key(handle, user, kind, name, found, *rest)
