"""The Privacy page: what is stored and for how long, and when the camera was on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import msgspec
from aiohttp import web

from mirrord.api.asked import Listed, Nothing
from mirrord.api.caller import Caller
from mirrord.api.mount import mount
from mirrord.api.paging import Page, window_of
from mirrord.api.records import Found
from mirrord.api.resource import Resource
from mirrord.config import StoreSettings
from mirrord.store import Store, windows
from mirrord.store.camera import CameraChange, camera_changes, lengths
from mirrord.web.pages import add_document


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


@dataclass(frozen=True, slots=True)
class Kept:
    """What the page asks of the store; `settings` are those that hold now."""

    store: Store
    settings: Callable[[], StoreSettings]


async def stored(kept: Kept, _caller: Caller, _asked: Nothing) -> Stored:
    """Answer what is stored, since when and for how long."""
    sizes, status, limits = await kept.store.ask(lengths), kept.store.status, kept.settings()
    return Stored(
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


async def log(kept: Kept, _caller: Caller, asked: Listed) -> Found[CameraChange]:
    """List when the camera was in which state, newest first."""
    wanted = windows.Window(**asdict(window_of(asked)))
    there = await kept.store.ask(lambda database: camera_changes(database, wanted))
    return Found(there.count, there.records, there.numbers)


PRIVACY: Final = (
    Resource("GET", "api/stored/", "read", "What is stored.", Nothing, Stored, stored),
    Resource(
        "GET",
        "api/camera_log/",
        "read",
        "When the camera was in which state.",
        Listed,
        Page[CameraChange],
        log,
    ),
)


def privacy_part(
    store: Store, settings: Callable[[], StoreSettings]
) -> Callable[[web.Application], None]:
    """Return the part with the page and its two resources."""

    def add(app: web.Application) -> None:
        add_document(app, "/privacy", "privacy")
        mount(app, PRIVACY, Kept(store, settings))

    return add
