"""Sessions and tokens in the accounts' file. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from mirrord.accounts.records import SCOPES, Key, Kind, Scope, Unacceptable, User
from mirrord.accounts.shelf import Shelf
from mirrord.credentials import secrets
from mirrord.errors import MirrorError

USER: Final = "id, username, email, first_name, last_name, role, joined"  # in User's order
_KEY: Final = (
    "id, user, kind, name, scopes, created, seen, expires, idle_s, address, agent"  # in Key's order
)
MOST_KEYS: Final = 50  # of one user and kind; the one that was used longest ago makes room
SEEN_EVERY_S: Final = 3600.0  # a memory card does not like a write for each request


class KeyShelf(Shelf):
    """What is done with keys."""

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

        A clock that is set back neither ends a key nor makes it look as if it had not been used.
        """
        row = self._one(f"SELECT {_KEY} FROM keys WHERE digest = ?", secrets.digest(secret))
        key = _key(row) if row else None
        now = self._clock()
        if key is None or key.kind not in kinds or key.ends() <= now:
            return None
        row = self._one(f"SELECT {USER} FROM users WHERE id = ?", key.user)
        self._note_use(key, now)
        return (key, User(*row)) if row else None

    def holds(self, key: str) -> bool:
        """Tell whether a session or token has not ended, and note that it is used."""
        row = self._one(f"SELECT {_KEY} FROM keys WHERE id = ?", key)
        now = self._clock()
        if row is None or _key(row).ends() <= now:
            return False
        self._note_use(_key(row), now)
        return True

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

    def _note_use(self, key: Key, now: float) -> None:
        if now - key.seen < min(SEEN_EVERY_S, key.idle_s / 10):
            return
        with suppress(MirrorError), self._writing() as database:  # a full disk locks nobody out
            database.execute("UPDATE keys SET seen = ? WHERE id = ?", [now, key.id])


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
