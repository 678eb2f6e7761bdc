"""The part of the running mirror that asks once a day, and remembers the answer."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

import mirrord
from mirrord.errors import MirrorError
from mirrord.runtime import wall
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.beside import beside
from mirrord.updates.asking import Asker, Ledger, NoAnswer
from mirrord.updates.release import Release, is_newer, release_in
from mirrord.updates.standing import Standing
from mirrord.updates.ways import Machine, this_machine, ways
from mirrord.whereabouts import place_of

_log = logging.getLogger(__name__)
DAY_S: Final = 86_400.0
FIRST_S: Final = (180.0, 600.0)  # after the start: not all mirrors at once after a power cut
LEAST_S: Final = 600.0  # between two attempts that fail
LONGEST_S: Final = 21_600.0


class Answered(msgspec.Struct, frozen=True):
    """What is remembered over restarts: who answered what, and when."""

    url: str
    address: str  # after redirections
    at: float
    release: Release


class Updates:
    """Asks whoever the settings name; says what it knows as `standing`.

    `memory` is what `keep` was given last, at another start.
    """

    def __init__(
        self,
        ledger: Ledger,
        url: str,
        memory: object = None,
        keep: Callable[[Any], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
        *,
        asker: Asker | None = None,
        machine: Machine | None = None,
        installed: str = mirrord.__version__,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now_s: Callable[[], float] = lambda: wall.now().timestamp(),
        rng: random.Random | None = None,
    ) -> None:
        self._url = url
        self._keep = keep
        self._changed = changed
        self._asker = asker or Asker(ledger)
        self._machine = machine or this_machine()
        self._installed = installed
        self._sleep = sleep
        self._now_s = now_s
        self._rng = rng or random.Random()
        self._backoff = Backoff(first_s=2 * LEAST_S, cap_s=LONGEST_S, steady_s=0.0, rng=self._rng)
        self._other = asyncio.Event()
        self._answered = _remembered(memory, url)
        self.standing = self._known()

    def change(self, url: str) -> None:
        """Ask there from now on, and nobody else; "" asks nobody."""
        if url == self._url:
            return
        self._url, self._answered = url, None
        self._keep(None)
        self._show(self._known())
        self._other.set()

    async def run(self) -> None:
        """Ask for ever. A question under way ends when the settings change."""
        wait_s = self._first_wait_s()
        while True:
            self._other.clear()
            async with beside(self._ask_from(wait_s), "updates"):
                await self._other.wait()
            self._backoff.reset()
            wait_s = 0.0  # somebody has just said whom to ask, and wants to see

    async def turn(self) -> float:
        """Ask once; return after how many seconds to ask again."""
        try:
            address, body = await self._asker.ask(self._url)
            release = release_in(body)
        except MirrorError as error:
            return self._failed(str(error), error.least_s if isinstance(error, NoAnswer) else 0.0)
        except Exception:  # a mistake of ours must not end the mirror
            _log.exception("updates: failed")
            return self._failed("Something went wrong; the mirror's log says what.")
        self._backoff.worked()
        self._answered = Answered(self._url, address, self._now_s(), release)
        self._keep(msgspec.to_builtins(self._answered))
        before, known = self.standing, self._known()
        if known.state == "newer" and known.latest != before.latest:
            _log.info("updates: version %s is there", known.latest)
        self._show(known)
        return DAY_S * self._rng.uniform(0.9, 1.1)

    async def _ask_from(self, wait_s: float) -> None:
        while self._url:
            await self._sleep(wait_s)
            wait_s = await self.turn()

    def _first_wait_s(self) -> float:
        """Return how long to wait after the start: a mirror that starts often asks once a day."""
        pause_s = self._rng.uniform(*FIRST_S)
        age_s = self._now_s() - self.standing.asked_at
        return max(pause_s, DAY_S - age_s) if 0.0 <= age_s <= DAY_S else pause_s

    def _failed(self, said: str, least_s: float = 0.0) -> float:
        wait_s = max(LEAST_S, least_s) + self._backoff.next_s()
        level = logging.DEBUG if self.standing.said else logging.INFO
        _log.log(level, "updates: %s: %s", self.standing.place, said)
        self._show(self.standing.failed(said, self._now_s() + wait_s))
        return wait_s

    def _known(self) -> Standing:
        """Return what is known, with nothing that hinders."""
        if not self._url:
            return Standing(installed=self._installed)
        place, known = place_of(self._url), self._answered
        if known is None:
            return Standing("unknown", self._installed, place=place)
        release = known.release
        if not is_newer(release.version, self._installed):
            now = self._installed
            return Standing("current", now, latest=now, place=place, asked_at=known.at)
        return Standing(
            "newer",
            self._installed,
            release.version,
            release.date.isoformat(),
            release.notes,
            ways(release, known.address, self._machine),
            place,
            known.at,
        )

    def _show(self, standing: Standing) -> None:
        self.standing = standing
        self._changed()


def _remembered(memory: object, url: str) -> Answered | None:
    """Return the answer of another start; what cannot be read, or was somebody else's, is none."""
    try:
        answered = msgspec.convert(memory, Answered)
    except msgspec.ValidationError:
        return None
    return answered if answered.url == url else None
