"""Users and keys in their file. Blocking; used by one thread, or by one command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from sqlite_utils import Database

from mirrord.accounts.key_shelf import USER, KeyShelf
from mirrord.accounts.records import NewUser, Role, Unacceptable, User
from mirrord.credentials import names

MOST_USERS: Final = 50


class AccountBook(KeyShelf):
    """The open file. Every method raises MirrorError if the file cannot be used."""

    def has_owner(self) -> bool:
        return self._one("SELECT 1 FROM users WHERE role = 'owner'") is not None

    def users(self) -> list[User]:
        return [User(*row) for row in self._all(f"SELECT {USER} FROM users ORDER BY id")]

    def user(self, username: str) -> User | None:
        row = self._one(f"SELECT {USER} FROM users WHERE folded = ?", names.folded(username))
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

    def _known(self, username: str) -> User:
        user = self.user(username)
        if user is None:
            raise Unacceptable("username", "there is no user of that name")
        return user
