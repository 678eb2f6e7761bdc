"""The accounts for an event loop: one thread reads and writes, another stretches passwords."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

from mirrord.accounts.book import AccountBook
from mirrord.accounts.desk import Desk
from mirrord.accounts.records import Key, Kind, NewUser, Role, User
from mirrord.credentials import names, secrets
from mirrord.errors import Unavailable
from mirrord.runtime.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")

_ASK_S: Final = 10.0
_STRETCH_S: Final = 15.0
MOST_STRETCHING: Final = 16  # passwords that wait for their turn


class Accounts:
    """Users and keys. Made by `Accounts.open`; used from the event loop it was opened in.

    Every method raises Unavailable if the file does not answer, and Unacceptable where said.
    """

    def __init__(self, worker: Worker, stretcher: Worker, book: AccountBook, cookie: str) -> None:
        self._worker = worker
        self._stretcher = stretcher
        self._book = book
        self._desk = Desk(book)
        self._stretching = 0
        self.cookie: Final = cookie  # the name of the browser's cookie: another mirror's is another
        self.changes = 0  # grows with every change: what was found before may not hold any more

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, clock: Callable[[], float] = time.time) -> AsyncIterator[Self]:
        """Open or make the file. Raises MirrorError if it cannot be used."""
        async with Worker("accounts") as worker, Worker("passwords") as stretcher:
            book = await worker.call(_ASK_S, AccountBook, path, clock)
            try:
                yield cls(worker, stretcher, book, await worker.call(_ASK_S, book.fact, "cookie"))
            finally:
                await worker.call(_ASK_S, book.close)

    async def has_owner(self) -> bool:
        return await self._ask(self._book.has_owner)

    async def begin_code(self) -> str:
        """Return a new one-time code, or "" if there is an owner, who needs none."""
        return await self._ask(self._desk.begin_code)

    async def add_owner(self, code: str, new: NewUser) -> User:
        """Add the first user. Raises Unacceptable, also for a wrong code or a second first user."""
        await self._ask(self._desk.check_first, code)
        new = await self._stretch(names.checked, new)  # judging takes a moment, too
        password = await self._stretch(secrets.stretched, new.password)
        return await self._change(self._desk.add_first, code, new, password)

    async def add_user(self, new: NewUser, role: Role) -> User:
        """Add another user. Raises Unacceptable."""
        new = await self._stretch(names.checked, new)  # judging takes a moment, too
        password = await self._stretch(secrets.stretched, new.password)
        return await self._change(self._desk.add_another, new, password, role)

    async def sign_in(self, username: str, password: str) -> User | None:
        """Return the user if the password is theirs; an unknown name takes as long to refuse."""
        kept = await self._ask(self._book.password, username)
        if not await self._stretch(secrets.matches, kept, password):
            return None
        user = await self._ask(self._book.user, username)
        if user and kept and secrets.outdated(kept):
            newer = await self._stretch(secrets.stretched, password)
            await self._ask(self._book.refresh_password, user.id, kept, newer)
        return user

    async def set_password(self, user: User, password: str, keep: str = "") -> None:
        """Set a new one and end every session but the one named. Raises Unacceptable."""
        await self._stretch(names.check_password, password, user.username)
        hashed = await self._stretch(secrets.stretched, password)
        await self._change(self._book.set_password, user.id, hashed, keep)

    async def users(self) -> list[User]:
        return await self._ask(self._book.users)

    async def user(self, username: str) -> User | None:
        return await self._ask(self._book.user, username)

    async def update(self, user: User, changes: Mapping[str, str]) -> User:
        """Change `email`, `first_name` or `last_name`. Raises Unacceptable."""
        changed = dict(changes)
        for field, text in changed.items():
            is_email = field == "email"
            changed[field] = (
                names.checked_email(text) if is_email else names.checked_words(field, text)
            )
        await self._change(self._book.update_user, user.id, changed)
        return await self._ask(self._book.user, user.username) or user

    async def remove(self, username: str) -> User:
        """Remove a user with their sessions and tokens. Raises Unacceptable for the last owner."""
        return await self._change(self._book.remove_user, username)

    async def begin_session(self, user: User, kind: Kind, address: str, agent: str) -> str:
        """Return the secret of a new session, which nobody can be told a second time."""
        return await self._ask(self._desk.begin_session, user, kind, address, agent)

    async def add_token(
        self, user: User, name: str, scopes: Iterable[str], days: float
    ) -> tuple[Key, str]:
        """Return a new token and its secret. Raises Unacceptable."""
        return await self._ask(self._desk.add_token, user, name, list(scopes), days)

    async def find(self, secret: str, kinds: Iterable[Kind]) -> tuple[Key, User] | None:
        """Return the session or token of a secret with its user, if it still holds."""
        return await self._ask(self._book.find, secret, tuple(kinds))

    async def holds(self, key: str) -> bool:
        """Tell whether a session or token is there and has not ended."""
        return await self._ask(self._book.holds, key)

    async def keys(self, user: int | None, kinds: Iterable[Kind]) -> list[Key]:
        return await self._ask(self._book.keys, user, tuple(kinds))

    async def revoke(self, key: str, user: int | None, kinds: Iterable[Kind]) -> bool:
        """End one session or token; False if there is none of that name."""
        return await self._change(self._book.revoke, key, user, tuple(kinds))

    async def revoke_all(self, user: int, kinds: Iterable[Kind]) -> int:
        return await self._change(self._book.revoke_all, user, tuple(kinds))

    async def _ask(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._worker.call(_ASK_S, job, *args, **kwargs)

    async def _change(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._ask(job, *args, **kwargs)
        finally:
            self.changes += 1

    async def _stretch(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._stretching >= MOST_STRETCHING:
            raise Unavailable("Too many are signing in at once; try again in a minute.")
        self._stretching += 1
        try:
            return await self._stretcher.call(_STRETCH_S, job, *args, **kwargs)
        finally:
            self._stretching -= 1
