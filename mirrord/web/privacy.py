"""The Privacy page: what is stored and for how long, and when the camera was on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Final

import msgspec
from aiohttp import web

from mirrord.api.asked import Listed, Nothing
from mirrord.api.caller import require
from mirrord.api.paging import page_of, window_of
from mirrord.api.records import Found
from mirrord.api.reply import Handler, json_response, success
from mirrord.api.validation import checked, query_of
from mirrord.config import StoreSettings
from mirrord.store import Store, windows
from mirrord.store.camera import camera_changes, lengths
from mirrord.web.pages import add_document

LOG: Final = "/emotions/api/camera_log/"
STORED: Final = "/emotions/api/stored/"


class Stored(msgspec.Struct, frozen=True):
    """What is kept: counts, bytes on the disk, since when (UTC), and what ends it."""

    readings: int
    sessions: int
    corrections: int
    camera_changes: int
    bytes: int
    oldest: datetime | None
    state: str
    detail: str
    keep_days: float
    max_mb: float


def privacy_part(
    store: Store, settings: Callable[[], StoreSettings]
) -> Callable[[web.Application], None]:
    """Return the part with the page and its two resources; `settings` are those that hold now."""

    async def stored(request: web.Request) -> web.Response:
        require(request, "read")
        checked(query_of(request), Nothing, words=True)
        sizes, status, limits = await store.ask(lengths), store.status, settings()
        kept = Stored(
            status.readings,
            sizes["sessions"],
            sizes["corrections"],
            sizes["camera_log"],
            status.bytes,
            status.oldest,
            status.state,
            status.detail,
            limits.keep_days,
            limits.max_mb,
        )
        return success("What is stored.", kept)

    async def log(request: web.Request) -> web.Response:
        require(request, "read")
        query = query_of(request)
        listed = checked(query, Listed, words=True)
        wanted = windows.Window(**asdict(window_of(listed)))
        there = await store.ask(lambda database: camera_changes(database, wanted))
        found = Found(there.count, there.records, there.numbers)
        return json_response(page_of(found, listed, request.path, query))

    return _part(stored, log)


def _part(stored: Handler, log: Handler) -> Callable[[web.Application], None]:
    def add(app: web.Application) -> None:
        add_document(app, "/privacy", "privacy")
        for address, handler in ((STORED, stored), (LOG, log)):
            app.router.add_get(address, handler)
            app.router.add_get(address.rstrip("/"), handler)

    return add
