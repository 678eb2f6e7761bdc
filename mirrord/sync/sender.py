"""The part of the running mirror that brings what waits in the outbox to the collective."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlite_utils import Database

from mirrord.config import SyncSettings
from mirrord.errors import ConfigError, MirrorError, Refused, Unavailable
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.boot_clock import BootClock
from mirrord.store.outbox import (
    Fate,
    Retried,
    Settled,
    SharingBegins,
    SharingEnds,
    Taken,
    Taking,
    sharing_as,
)
from mirrord.sync import account
from mirrord.sync.client import Heard
from mirrord.sync.judging import Verdict, fates, verdict
from mirrord.sync.link import Link, LinkFile
from mirrord.sync.post import API, SELF, Books, Post, ended
from mirrord.sync.status import Problem, SyncStatus
from mirrord.sync_wire import MOST_ITEMS, Batch, BatchAnswer

_log = logging.getLogger(__name__)
LOOK_S: Final = 2.0  # how often to see whether somebody has linked or unlinked the mirror
_LATER_S: Final = 300.0  # before what was to be sent later is tried again
_SKEW_MS: Final = 120_000  # the clock is right if the collective's differs by no more
_ANEW_AN_HOUR: Final = 20


class _Wait(Exception):
    """Nothing more can be done now."""

    def __init__(self, problem: Problem, said: str, least_s: float = 0.0) -> None:
        super().__init__(said)
        self.problem: Problem = problem
        self.least_s = least_s


class Sender:
    """Sends, and says how it goes. One request at a time."""

    def __init__(
        self,
        books: Books,
        file: LinkFile,
        settings: Callable[[], SyncSettings],
        clock: BootClock,
        post: Post | None = None,
        backoff: Backoff | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._books = books
        self._file = file
        self._settings = settings
        self._clock = clock
        self._post = post or Post(books, lambda: settings().ca_file)
        self._rng = rng or random.Random()
        self._backoff = backoff or Backoff(first_s=2.0, cap_s=600.0, steady_s=0.0, rng=self._rng)
        self._most = MOST_ITEMS
        self._anew: list[float] = []
        self._later_s = 0.0
        self._wake = asyncio.Event()
        self._seen: Link | None = None
        self.status = SyncStatus()

    def wake(self) -> None:
        """Look now: something has changed, or a person does not want to wait."""
        self._backoff.reset()
        self._wake.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            wait_s = await self.turn()
            await self._sleep(wait_s)

    async def turn(self) -> float:
        """Do all that can be done now; return after how many seconds to go on."""
        try:
            self._seen = self._file.read()
            wait_s = await self._do(self._seen)
        except _Wait as wait:
            return self._failed(wait.problem, str(wait), wait.least_s)
        except MirrorError as error:
            problem: Problem = "settings" if isinstance(error, ConfigError) else "store"
            return self._failed(problem, str(error))
        except Exception:  # a mistake of ours must not end the mirror
            _log.exception("sync: failed")
            return self._failed("store", "Something went wrong; the mirror's log says what.")
        if self.status.problem and self._seen is not None:
            _log.info("sync: working again")
        self.status = self.status.well(self._seen)
        self._backoff.worked()
        return wait_s

    async def _do(self, link: Link | None) -> float:
        if link is None:
            if await self._books.ask(_shares):
                await self._books.put(SharingEnds())
            return LOOK_S * 1e6
        if link.state == "asking":
            return await self._claim(link)
        if link.state == "linked":
            return await self._sync(link)
        return await self._leave(link)

    async def _claim(self, link: Link) -> float:
        try:
            linked = await account.claim(self._post, link)
        except Refused as error:
            account.stop_asking(self._file, link)
            self.status = self.status.told(str(error))
            return 0.0
        except Unavailable as error:
            if time.time() > link.asked_until + 60:
                account.stop_asking(self._file, link)
            raise _Wait("unreachable", str(error)) from None
        if linked is None:
            return account.CLAIM_S
        await account.become_linked(self._books, self._file, linked)
        _log.info("sync: linked with %s", link.url)
        return 0.0

    async def _sync(self, link: Link) -> float:
        if await self._books.ask(sharing_as) != link.mirror:
            await self._books.put(SharingBegins(link.mirror))
        await self._know_the_time(link)
        if time.monotonic() >= self._later_s:
            self._later_s = time.monotonic() + _LATER_S
            await self._books.put(Retried())
        while await self._books.ask(_has_ready):
            link = await self._send_batch(link)
            if (now := self._file.read()) is not None and now.state != "linked":
                return 0.0
        # Not all mirrors at the same second of a minute.
        return self._settings().every_s * self._rng.uniform(0.8, 1.2)

    async def _know_the_time(self, link: Link) -> None:
        """Before the clock is right nothing is sent; the collective's may say that it is."""
        if self._clock.is_set():
            return
        heard, _ = await self._post.signed("about", link, "GET", SELF)
        if not heard.worked:
            raise _wait_for(heard)
        if heard.date_ms is None or abs(heard.date_ms - self._post.now_ms()) > _SKEW_MS:
            raise _Wait("clock", "This computer's clock has not been set, and is wrong.")
        self._clock.confirm()

    async def _send_batch(self, link: Link, only_erasures: bool = False) -> Link:
        egress = self._post.begins("sync", link.url)
        taking = Taking(self._post.now_ms(), egress, self._most, only_erasures)
        await self._books.put(taking)
        if not taking.taken:
            return link
        items = [one.item for one in taking.taken]
        batch = Batch(sent_at=self._post.now_ms(), items=items)
        used = link.credentials[0] if link.credentials else ""
        heard = await self._post.send(link.url, "POST", f"{API}sync/", batch, used)
        judged = verdict(heard, len(items))
        settled = self._settled(taking.taken, judged, heard.said)
        await self._books.put(Settled(settled, ended(egress, heard)))
        if judged == "split":
            self._most = max(1, len(items) // 2)
            return link
        return await self._after(link, used, heard, judged)

    def _settled(
        self, taken: list[Taken], judged: Verdict, said: str
    ) -> list[tuple[int, Fate, str]]:
        if isinstance(judged, BatchAnswer):
            return fates(taken, judged, may_begin_anew=self._may_begin_anew())
        if judged == "split" and len(taken) == 1:
            return [(taken[0].number, "aside", said)]
        return []

    async def _after(self, link: Link, used: str, heard: Heard, judged: Verdict) -> Link:
        if isinstance(judged, BatchAnswer):
            self._most = min(MOST_ITEMS, self._most * 2)
            self.status = self.status.sent_at(self._post.now_ms())
            return await self._renewed(account.after_use(self._file, link, used), judged)
        if judged == "credential" and used == link.next_credential and link.credential != used:
            dropped = link.changed(next_credential="")
            self._file.write(dropped)
            return dropped
        raise _wait_for(heard)

    async def _renewed(self, link: Link, answer: BatchAnswer) -> Link:
        if not account.is_due(link, answer.server_time):
            return link
        return await account.rotate(self._post, self._file, link)

    def _may_begin_anew(self) -> bool:
        """Bound how often sessions are sent once more: a collective may be mad."""
        now = time.monotonic()
        self._anew = [one for one in self._anew if now - one < 3600.0]
        self._anew.append(now)
        return len(self._anew) <= _ANEW_AN_HOUR

    async def _leave(self, link: Link) -> float:
        keep = link.state == "leaving"  # what was deleted here is to be deleted there, too
        await self._books.put(SharingEnds(keep_erasures=keep))
        while keep and await self._books.ask(_has_ready):
            link = await self._send_batch(link, only_erasures=True)
        try:
            erased = await account.withdraw(self._post, self._books, self._file, link)
        except Unavailable as error:
            raise _Wait("unreachable", str(error)) from None
        said = f"Unlinked from {link.url}."
        if erased is not None:
            said += f" It has erased {erased.sessions} sessions with {erased.tallies} stretches."
        _log.info("sync: %s", said)
        self.status = self.status.told(said)
        return 0.0

    def _failed(self, problem: Problem, said: str, least_s: float = 0.0) -> float:
        level = logging.DEBUG if self.status.problem == problem else logging.WARNING
        _log.log(level, "sync: %s", said)
        wait_s = least_s + self._backoff.next_s()
        self.status = self.status.failed(self._seen, problem, said, time.time() + wait_s)
        return wait_s

    async def _sleep(self, wait_s: float) -> None:
        """Wait, but not for what somebody has changed meanwhile."""
        ends = time.monotonic() + wait_s
        while (left := ends - time.monotonic()) > 0 and not self._wake.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_S)):
                    await self._wake.wait()
            with suppress(MirrorError):
                if self._file.read() is not self._seen:
                    self._backoff.reset()
                    break
        self._wake.clear()


def _wait_for(heard: Heard) -> _Wait:
    least_s = heard.retry_after_s or 0.0
    if heard.status in (401, 403):
        return _Wait("credential", heard.said, least_s)
    return _Wait("unreachable" if heard.status == 0 else "refused", heard.said, least_s)


def _has_ready(database: Database) -> bool:
    query = "SELECT 1 FROM outbox WHERE state IN ('ready', 'sent') LIMIT 1"
    return database.execute(query).fetchone() is not None


def _shares(database: Database) -> bool:
    return bool(sharing_as(database))
