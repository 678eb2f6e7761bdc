"""Stretches of lists, newest first, with cursors that stay right while the list grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.records import Found, Window

T = TypeVar("T")


async def page(
    of: AsyncConnection,
    query: Select[Any],
    number: Any,
    count: int,
    window: Window,
    told: Callable[[Any], T],
) -> Found[T]:
    """Return a stretch of what a query finds; `number` is the column that orders it."""
    rows = list(await of.execute(_window(query, number, window)))
    if window.after is not None:
        rows.reverse()
    return Found(
        count, [told(row) for row in rows], [int(getattr(row, number.name)) for row in rows]
    )


def _window(query: Select[Any], number: Any, window: Window) -> Select[Any]:
    query = query.limit(window.size)
    if window.after is not None:
        return query.where(number > window.after).order_by(number)
    if window.before is not None:
        query = query.where(number < window.before)
    return query.order_by(number.desc()).offset(window.skip)
