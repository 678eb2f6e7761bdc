"""The lists of administration: how each is found, filtered and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.records import Found, Window
from mirrord.api.reply import Rejected
from mirrord.collective.admin import told
from mirrord.collective.admin.asked import ListAsked
from mirrord.collective.records.pages import page
from mirrord.collective.schema import (
    WORLD,
    accounts,
    audit,
    members,
    mirrors,
    published,
    readings,
    sessions,
    spaces,
)
from mirrord.credentials import names

COUNTED: Final = 10_000  # beyond, a list says that there are more
Test = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class AdminList:
    """One list: its rows, what numbers them, what may be asked of them, and how one is told."""

    query: Select[Any]
    number: Any
    tests: Mapping[str, Test]
    told: Callable[[told.Row], dict[str, Any]]
    default: Mapping[str, Any]

    async def found(self, of: AsyncConnection, asked: ListAsked, window: Window) -> Found[Any]:
        """Return a stretch of it, the newest first. Raises Rejected for an unknown filter."""
        query = self.query
        for name, value in self._wanted(asked):
            query = query.where(self.tests[name](value))
        few = query.with_only_columns(self.number).limit(COUNTED + 1).subquery()
        count = int(await of.scalar(select(func.count()).select_from(few)) or 0)
        # `_mapping` is SQLAlchemy's documented way to a row by name.
        return await page(
            of, query, self.number, count, window, lambda row: self.told(row._mapping)
        )

    def _wanted(self, asked: ListAsked) -> Iterator[tuple[str, Any]]:
        for name in ("search", "user", "kind", "space", "active", "admin", "public"):
            value = getattr(asked, name)
            if value is UNSET:
                value = self.default.get(name, UNSET)
            if value is UNSET:
                continue
            if name not in self.tests:
                said = f"{name}: this list cannot be filtered by it"
                raise Rejected(said, details={name: said})
            yield name, value


def contains(column: Any) -> Test:
    """Return the test that a text contains what is searched, whatever its case."""
    return lambda text: func.lower(column).contains(str(text).lower(), autoescape=True)


def _of_user(text: str) -> Any:
    return accounts.c.folded == names.folded(text)


def _count(table: Any, mine: Any) -> Any:
    return select(func.count()).select_from(table).where(mine).scalar_subquery()


_MIRRORS: Final = _count(mirrors, (mirrors.c.account == accounts.c.account) & mirrors.c.active)
_MEMBERS: Final = _count(members, members.c.space == spaces.c.space)
_OF_SESSION: Final = (sessions.c.account == readings.c.account) & (
    sessions.c.session == readings.c.session
)
_READINGS: Final = AdminList(
    select(
        readings.c.number,
        readings.c.account,
        readings.c.id,
        readings.c.at,
        sessions.c.session_id,
        accounts.c.username,
    )
    .join(sessions, _OF_SESSION)
    .join(accounts, accounts.c.account == readings.c.account),
    readings.c.number,
    {"search": contains(sessions.c.session_id), "user": _of_user},
    told.reading,
    {},
)
LISTS: Final[Mapping[str, AdminList]] = {
    "readings": _READINGS,
    "responses": _READINGS,  # one to a reading; how it looks would tell the mood
    "sessions": AdminList(
        select(*sessions.c, accounts.c.username).join(
            accounts, accounts.c.account == sessions.c.account
        ),
        sessions.c.session,
        {
            "search": contains(sessions.c.session_id),
            "user": _of_user,
            "active": sessions.c.is_active.is_,
            "kind": lambda kind: sessions.c.device_type == kind,
        },
        told.session,
        {},
    ),
    "collective": AdminList(
        select(*published.c, spaces.c.name).join(spaces, spaces.c.space == published.c.space),
        published.c.start,
        {
            "space": lambda space: published.c.space == _number(space),
            "active": published.c.shown.is_,
        },
        told.figure,
        {"space": str(WORLD)},
    ),
    "users": AdminList(
        select(*accounts.c, _MIRRORS.label("mirrors")),
        accounts.c.account,
        {
            "search": lambda text: (
                contains(accounts.c.username)(text) | contains(accounts.c.email)(text)
            ),
            "active": accounts.c.active.is_,
            "admin": accounts.c.is_admin.is_,
        },
        told.user,
        {},
    ),
    "mirrors": AdminList(
        select(*mirrors.c, accounts.c.username).join(
            accounts, accounts.c.account == mirrors.c.account
        ),
        mirrors.c.mirror,
        {
            "search": contains(mirrors.c.name),
            "user": _of_user,
            "active": mirrors.c.active.is_,
        },
        told.mirror,
        {},
    ),
    "spaces": AdminList(
        select(*spaces.c, _MEMBERS.label("members")),
        spaces.c.space,
        {
            "search": contains(spaces.c.name),
            "kind": lambda kind: spaces.c.kind == kind,
            "active": spaces.c.active.is_,
            "public": spaces.c.public.is_,
        },
        told.space,
        {},
    ),
    "audit": AdminList(
        select(audit),
        audit.c.number,
        {
            "search": lambda text: contains(audit.c.subject)(text) | contains(audit.c.detail)(text),
            "user": lambda text: audit.c.actor_name == text,
            "kind": lambda kind: audit.c.kind == kind,
        },
        told.act,
        {},
    ),
}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else -1
