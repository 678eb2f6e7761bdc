"""`GET /emotions/api/export/`: the readings as a file, streamed (docs/export.md)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from aiohttp import web

from mirrord.api.asked import SessionId
from mirrord.api.caller import require
from mirrord.api.reply import Rejected
from mirrord.api.validation import checked, query_of
from mirrord.errors import MirrorError, Unavailable
from mirrord.export.formats import FORMATS, Format
from mirrord.export.source import Source, Wanted, What, wanted
from mirrord.runtime.worker import Worker
from mirrord.store import Store
from mirrord.web.body import Body

_log = logging.getLogger(__name__)
ADDRESS: Final = "/emotions/api/export/"
AT_ONCE: Final = 2
_OPEN_S: Final = 40.0
_LONGEST_S: Final = 6 * 3600.0

Moment = Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="a time")]
Days = Annotated[
    float, msgspec.Meta(gt=0, le=36_500, description="a number of days above 0 and up to 36500")
]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of an export."""

    what: What = "readings"
    format: Literal["json", "jsonl", "csv", "parquet"] = "json"
    session_id: SessionId | None = None
    since: Moment | None = None
    until: Moment | None = None
    days: Days | None = None
    after: UUID | None = None
    include_environment: bool = False


def exports(store: Store, path: Path) -> Callable[[web.Application], None]:
    """Return the part that serves exports of the store whose file is at `path`."""
    room = asyncio.Semaphore(AT_ONCE)
    running: set[Body] = set()

    async def export(request: web.Request) -> web.StreamResponse:
        require(request, "read")
        asked = checked(query_of(request), Asked, words=True)
        chosen = wanted(
            asked.session_id,
            asked.since,
            asked.until,
            asked.days,
            asked.after,
            asked.include_environment,
            asked.what,
        )
        form = FORMATS[asked.format]
        try:
            form.check()
        except MirrorError as error:  # nothing will change while the mirror runs
            raise Rejected(str(error), 501) from None
        if room.locked():
            raise Rejected(f"{AT_ONCE} exports are running already; wait for one to end.", 429)
        async with room, Worker("export") as worker:
            with suppress(Unavailable):  # what the disk does not take is not there to export
                await store.flush()
            source = await worker.call(_OPEN_S, Source, path, chosen)
            return await _stream(request, worker, form, chosen, source, running)

    async def stop(_app: web.Application) -> None:
        for body in running:
            body.stop()

    def add(app: web.Application) -> None:
        app.on_shutdown.append(stop)
        for address in (ADDRESS, ADDRESS.rstrip("/")):
            app.router.add_get(address, export)

    return add


async def _stream(
    request: web.Request,
    worker: Worker,
    form: Format,
    chosen: Wanted,
    source: Source,
    running: set[Body],
) -> web.StreamResponse:
    """Send the file. If it fails midway the connection breaks, lest a part passes for the whole."""
    response = web.StreamResponse(headers=_headers(chosen.what, form))
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    body = Body(response)
    running.add(body)

    def write() -> None:
        form.write(chosen.table, source.pages(), body)
        body.finish()

    try:
        await worker.call(_LONGEST_S, write)
        await response.write_eof()
    except Exception as error:
        level = logging.INFO if isinstance(error, ConnectionError) else logging.WARNING
        _log.log(level, "an export ended early, after %d rows: %s", source.rows, error)
        if request.transport is not None:
            request.transport.abort()
    finally:
        running.discard(body)
        body.stop()
    return response


def _headers(what: What, form: Format) -> dict[str, str]:
    name = f"mood-mirror-{what}-{datetime.now(UTC):%Y-%m-%d}.{form.name}"
    return {
        "Content-Type": form.media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
