"""`GET /emotions/api/export/`: the readings as a file, streamed (docs/export.md)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from aiohttp import web

from mirrord.api.addresses import addresses
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
    return _Exports(store, path).add


class _Exports:
    """The exports that run: few at a time, each with a thread of its own that reads and writes."""

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._path = path
        self._room = asyncio.Semaphore(AT_ONCE)
        self._running: set[Body] = set()

    def add(self, app: web.Application) -> None:
        app.on_shutdown.append(self._stop)
        for address in addresses(ADDRESS):
            app.router.add_get(address, self._answer)

    async def _stop(self, _app: web.Application) -> None:
        for body in self._running:
            body.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        require(request, "read")
        asked = checked(query_of(request), Asked, words=True)
        chosen, form = _wanted(asked), _form(asked)
        if self._room.locked():
            raise Rejected(f"{AT_ONCE} exports are running already; wait for one to end.", 429)
        async with self._room, Worker("export") as worker:
            with suppress(Unavailable):  # what the disk does not take is not there to export
                await self._store.flush()
            source = await worker.call(_OPEN_S, Source, self._path, chosen)
            response = web.StreamResponse(headers=_headers(asked))
            await response.prepare(request)
            if request.method != "HEAD":
                job = _Job(form, chosen, source, Body(response))
                await self._send(request, worker, job)
            return response

    async def _send(self, request: web.Request, worker: Worker, job: _Job) -> None:
        """Send the file. If it fails midway the connection breaks, lest a part passes as whole."""
        self._running.add(job.body)
        try:
            await worker.call(_LONGEST_S, job.write)
        except Exception as error:
            level = logging.INFO if isinstance(error, ConnectionError) else logging.WARNING
            _log.log(level, "an export ended early, after %d rows: %s", job.source.rows, error)
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._running.discard(job.body)
            job.body.stop()


@dataclass(frozen=True, slots=True)
class _Job:
    """One export, to be written by a thread."""

    form: Format
    chosen: Wanted
    source: Source
    body: Body

    def write(self) -> None:
        self.form.write(self.chosen.table, self.source.pages(), self.body)
        self.body.finish()


def _wanted(asked: Asked) -> Wanted:
    return wanted(
        asked.session_id,
        asked.since,
        asked.until,
        asked.days,
        asked.after,
        asked.include_environment,
        asked.what,
    )


def _form(asked: Asked) -> Format:
    """Return the format. Raises Rejected if it cannot be written here."""
    form = FORMATS[asked.format]
    try:
        form.check()
    except MirrorError as error:  # nothing will change while the mirror runs
        raise Rejected(str(error), 501) from None
    return form


def _headers(asked: Asked) -> dict[str, str]:
    name = f"mood-mirror-{asked.what}-{datetime.now(UTC):%Y-%m-%d}.{asked.format}"
    return {
        "Content-Type": FORMATS[asked.format].media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
