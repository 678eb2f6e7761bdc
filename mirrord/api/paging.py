"""Lists in pages, with links that stay right while the list grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from mirrord.api.asked import Listed
from mirrord.api.records import Found, Window
from mirrord.api.reply import Rejected

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list, newest first; `next` is the address of the older, None at the end."""

    count: int
    next: str | None
    previous: str | None
    results: Sequence[T]


def window_of(listed: Listed) -> Window:
    """Return the stretch that was asked for, and one record more, which tells if there are more."""
    size = listed.page_size + 1
    if listed.cursor is UNSET:
        return Window(size, skip=(listed.page - 1) * listed.page_size)
    direction, number = listed.cursor.split("-")
    if direction == "before":
        return Window(size, before=int(number))
    return Window(size, after=int(number))


def page_of(found: Found[T], listed: Listed, address: str, query: dict[str, str]) -> Page[T]:
    """Return the page, its links made of cursors on `address` with the rest of `query`.

    Raises Rejected (404) for the number of a page that the list has not.
    """
    window, size = window_of(listed), listed.page_size
    more = len(found.records) > size
    kept = slice(1, None) if more and window.after is not None else slice(size)
    records, numbers = found.records[kept], found.numbers[kept]
    if window.skip and not records:
        pages = max(1, -(-found.count // size))
        raise Rejected(f"page: there are {pages} pages, not {listed.page}", 404)

    def link(cursor: str | None) -> str | None:
        others = {key: value for key, value in query.items() if key not in ("page", "cursor")}
        return cursor and f"{address}?{urlencode({**others, 'cursor': cursor})}"

    older, newer = _cursors(window, numbers, more)
    return Page(found.count, link(older), link(newer), records)


def _cursors(window: Window, numbers: Sequence[int], more: bool) -> tuple[str | None, str | None]:
    """Return the cursors to what is older and to what is newer."""
    if window.after is not None:
        last = numbers[-1] if numbers else window.after + 1
        return f"before-{last}", f"after-{numbers[0]}" if more else None
    older = f"before-{numbers[-1]}" if more else None
    if window.before is None and not window.skip:
        return older, None
    first = numbers[0] if numbers else (window.before or 1) - 1
    return older, f"after-{first}"
