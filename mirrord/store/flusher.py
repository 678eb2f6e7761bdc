"""When things are written: every few seconds, by one task, on one thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from mirrord.errors import Refused, Unavailable
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.worker import Worker
from mirrord.store.book import Figures
from mirrord.store.entries import Entry, ReadingTaken
from mirrord.store.forget import Forgotten
from mirrord.store.keeper import Keeper, Written
from mirrord.store.limits import Limits
from mirrord.store.pending import Pending
from mirrord.store.queries import Chosen
from mirrord.store.records import StoreStatus

_log = logging.getLogger(__name__)
_OPEN_S: Final = 60.0  # a migration takes its time
_CLOSE_S: Final = 5.0
_SLOW_S: Final = 30.0
_STUCK_S: Final = 120.0  # a card that cleans up may take long, but not so long
_PUT_S: Final = 60.0
_IDLE_S: Final = 60.0  # how often to tidy when nothing is written
_FORGET_S: Final = 900.0  # a large file is copied
_FOREVER: Final = 1e9  # a write is waited for: giving up on one that succeeds would write it twice
_Outcome = asyncio.Future[Unavailable | None]


class Flusher:
    """Hands what is pending to the keeper. All but the keeper's work happens on the event loop."""

    def __init__(self, worker: Worker, keeper: Keeper, flush_s: float) -> None:
        self._worker = worker
        self._keeper = keeper
        self._flush_s = flush_s
        self._delay_s = flush_s
        self._backoff = Backoff(first_s=min(flush_s, 60.0), cap_s=60.0)
        self._pending = Pending()
        self._batch: Sequence[Entry] = ()  # on its way to the file
        self._wake = asyncio.Event()
        self._waiting: list[_Outcome] = []
        self._closing = False
        self._written = Written(Figures())
        self._written_s = 0.0
        self._lost = 0
        self.flushes = 0  # batches that were written
        self._problem = ""
        self._forgetting = False

    @property
    def status(self) -> StoreStatus:
        figures, recovered = self._written.figures, self._written.recovered
        return StoreStatus(
            "paused" if self._problem else "recovered" if recovered else "ok",
            self._problem or recovered,
            figures.bytes,
            figures.readings,
            self._unwritten,
            self._pending.dropped + self._lost,
            figures.oldest,
        )

    @property
    def forgotten_ms(self) -> int:
        """When a person last had something deleted, here or beside us; ms since 1970."""
        return self._written.figures.forgotten_ms

    @property
    def stuck(self) -> str:
        """Why nothing will be written any more, as it seems; or nothing (a full disk is none)."""
        busy_s = self._worker.busy_s
        if busy_s <= (_FORGET_S if self._forgetting else _STUCK_S):
            return ""
        return f"the thread of the database has not answered for {busy_s:.0f} s"

    @property
    def _unwritten(self) -> int:
        return len(self._pending) + len(self._batch)

    async def begin(self) -> Mapping[str, str]:
        """Open the file and return the settings. Raises ConfigError; what may pass is a pause."""
        try:
            self._succeeded(await self._worker.call(_OPEN_S, self._keeper.open))
        except Unavailable as error:
            self._failed(error)
        with suppress(Unavailable):
            return await self._worker.call(_OPEN_S, self._keeper.settings)
        return {}

    async def run(self) -> None:
        """Write until `finish` is called."""
        while True:
            last = self._closing
            if not last:
                await self._until_due()
            await self._turn()
            if last:
                return

    async def finish(self, running: asyncio.Task[None]) -> None:
        """Write what is left and close the file, within ten seconds in all."""
        self._closing = True
        self._wake.set()
        await asyncio.wait({running}, timeout=_CLOSE_S)
        running.cancel()
        await asyncio.wait({running})
        if left := self._unwritten:
            _log.warning("store: %d entries were not written: %s", left, self._problem)
        _settle(self._waiting, Unavailable("the store is closed"))
        with suppress(Unavailable):
            await self._worker.call(_CLOSE_S, self._keeper.close)

    def change(self, flush_s: float, limits: Limits) -> None:
        """Go on with other limits; the keeper takes them over with the next batch."""
        self._flush_s = self._delay_s = flush_s
        self._keeper.change(limits)
        self._wake.set()

    def add(self, entry: Entry) -> None:
        """Queue an entry; never blocks."""
        self._pending.add(entry)

    async def put(self, entry: Entry) -> None:
        """Write an entry by itself. Raises Unavailable, or Refused: then it is not written."""
        if self._closing:
            raise Unavailable("the store is closed")
        written = await self._worker.call(_PUT_S, self._keeper.write, (entry,))
        self._succeeded(written)
        if written.lost:
            raise Refused("the database does not take that")
        if isinstance(entry, ReadingTaken) and not entry.number:
            raise Refused("it was forgotten, as everything until now, while it was being kept")

    async def forget(self, chosen: Chosen) -> Forgotten:
        """Delete what is chosen for good, behind what is being written. Raises Unavailable."""
        if self._closing:
            raise Unavailable("the store is closed")
        self._forgetting = True
        try:
            forgotten = await self._worker.call(_FORGET_S, self._keeper.forget, chosen)
        finally:
            self._forgetting = False
        self._succeeded(await self._worker.call(_PUT_S, self._keeper.write, ()))
        return forgotten

    def soon(self) -> asyncio.Future[Unavailable | None]:
        """Write now. The future's result is None once all is written, or why it is not."""
        future: asyncio.Future[Unavailable | None] = asyncio.get_running_loop().create_future()
        if self._closing:
            future.set_result(Unavailable("the store is closed"))
        else:
            self._waiting.append(future)
            self._wake.set()
        return future

    async def _until_due(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._delay_s):
                await self._wake.wait()
        self._wake.clear()

    async def _turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        _settle(waiting, await self._write() if self._is_due() else None)

    def _is_due(self) -> bool:
        idle = asyncio.get_running_loop().time() - self._written_s >= _IDLE_S
        return bool(self._pending or self._problem or self._written.behind or idle)

    async def _write(self) -> Unavailable | None:
        self._batch = self._pending.take()
        try:
            self._succeeded(await self._patiently(self._batch))
        except Unavailable as error:
            self._pending.put_back(self._batch)
            self._failed(error)
            return error
        except Exception as error:  # a mistake of ours must not end the keeping of readings
            _log.exception("store: a batch of %d was lost", len(self._batch))
            self._lost += len(self._batch)
            return Unavailable(f"a batch could not be written ({error})")
        finally:
            self._batch = ()
        return None

    async def _patiently(self, batch: Sequence[Entry]) -> Written:
        job = asyncio.ensure_future(self._worker.call(_FOREVER, self._keeper.write, batch))
        while not (await asyncio.wait({job}, timeout=_SLOW_S))[0]:
            self._problem = f"the disk has not answered for more than {_SLOW_S:g} s"
        return job.result()

    def _succeeded(self, written: Written) -> None:
        if self._problem:
            _log.info("store: writing again")
        self._problem = ""
        self.flushes += 1
        self._written = written
        self._written_s = asyncio.get_running_loop().time()
        self._lost += written.lost
        self._delay_s = self._flush_s
        self._backoff.worked()

    def _failed(self, error: Unavailable) -> None:
        level = logging.DEBUG if self._problem else logging.WARNING
        _log.log(level, "store: writing is paused: %s", error)
        self._problem = f"{error}: readings wait in memory until it can be written"
        self._delay_s = self._backoff.next_s()


def _settle(waiting: Sequence[_Outcome], outcome: Unavailable | None) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(outcome)
