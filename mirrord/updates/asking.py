"""One question for the newest version: noted in the ledger, bounded, and about nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from re import fullmatch
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from mirrord.config import RELEASES
from mirrord.errors import MirrorError
from mirrord.runtime import wall
from mirrord.runtime.counting import Meter
from mirrord.runtime.outward import HEAD_BYTES, TROUBLE, Answer, send, sentence, trust_of
from mirrord.store.entries import Entry
from mirrord.store.ledger import SendingBegins, SendingEnded
from mirrord.whereabouts import place_of

MOST_BYTES: Final = 64 * 1024
TIMEOUT_S: Final = 20.0
FOLLOWED: Final = 3
# Everything that is said: which program asks, not which version of it, and nothing of the house.
HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "mood-mirror",
}


class Ledger(Protocol):
    """Where every request is noted (`mirrord.store.Store`)."""

    async def put(self, entry: Entry) -> None:
        """Write an entry; once this returns it is on the disk. Raises Unavailable."""


class NoAnswer(MirrorError):
    """Nothing came of a request; whoever was asked may say how long to wait."""

    def __init__(self, said: str, least_s: float = 0.0) -> None:
        super().__init__(said)
        self.least_s = least_s


class Asker:
    """Asks for descriptions of releases."""

    def __init__(
        self,
        ledger: Ledger,
        timeout_s: float = TIMEOUT_S,
        now_s: Callable[[], float] = lambda: wall.now().timestamp(),
    ) -> None:
        self._ledger = ledger
        self._timeout_s = timeout_s
        self._now_s = now_s

    async def ask(self, url: str) -> tuple[str, bytes]:
        """Return what is there, and the address where it was in the end.

        Raises NoAnswer, and Unavailable if the request cannot be noted: then it is not made.
        """
        for _ in range(1 + FOLLOWED):
            answer = await self._noted(url)
            if not answer.elsewhere:
                return url, _told(answer)
            url = next_address(url, answer.headers.get("Location", ""))
        raise NoAnswer("It points from one place to the next without end.")

    async def _noted(self, url: str) -> Answer:
        begins = SendingBegins(int(self._now_s() * 1000), place_of(url), "update", HEAD_BYTES)
        await self._ledger.put(begins)
        meter, outcome = Meter(), "no answer"
        try:
            answer = await send(
                "GET",
                url,
                meter,
                headers=HEADERS,
                trust=await trust_of(url),
                timeout_s=self._timeout_s,
                most_bytes=MOST_BYTES,
            )
            outcome = str(answer.status)
            return answer
        except TROUBLE as error:
            raise NoAnswer(sentence(error)) from None
        finally:
            with suppress(MirrorError):  # then it stays noted with what it took at most
                await self._ledger.put(SendingEnded(begins.number, meter.sent, outcome))


def next_address(url: str, location: str) -> str:
    """Return where an answer points. Raises NoAnswer for what leads to somebody else."""
    with suppress(ValueError):
        there = urljoin(url, location)
        if location and fullmatch(RELEASES, there) and _origin(there) == _origin(url):
            return there
    raise NoAnswer(f"It points to {location[:100] or 'nowhere'}, which is not followed.")


def _origin(url: str) -> tuple[str, str]:
    return urlsplit(url).scheme, place_of(url)


def _told(answer: Answer) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise NoAnswer(f"It answered {answer.status}.", answer.retry_after_s or 0.0)
    return answer.body
