"""The bus of many processes: Redis.

A Redis that is away costs requests nothing: what is counted meanwhile is this process's own, and
news reaches this process alone, until Redis is there again. Whoever listens is then told nothing
("") once: news may have been missed, and the database knows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mirrord.collective.bus import LocalBus
from mirrord.runtime.backoff import Backoff

log = logging.getLogger(__name__)
ANSWER_S: Final = 0.5  # within which Redis answers, or counts as away
QUIET_S: Final = 2.0  # without news or questions, it is asked whether it is there
MOST_AT_ONCE: Final = 256
_PREFIX: Final = "mirrord:"
_NEWS: Final = f"{_PREFIX}news"
_AWAY: Final = (RedisError, OSError, TimeoutError)
_COUNT: Final = """
local by = tonumber(ARGV[2])
if by == 0 then
  return {tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])}
end
local value = redis.call('INCRBY', KEYS[1], by)
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {value, left}
"""
_Question = tuple[tuple[Any, ...], "asyncio.Future[Any]"]


class RedisBus:
    """Counts and news in Redis. Made by `RedisBus.open`. News without a text: look yourself.

    All that is asked while an answer is under way goes in one piece after it, over one connection.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self._own = LocalBus()
        self._name = secrets.token_hex(6)
        self._client, self._news = _client(url), _client(url)
        self._waiting: list[_Question] = []
        self._asked = asyncio.Event()
        self._topics: set[str] = set()
        self._untold: set[str] = set()  # topics with news that the others have not heard
        self._problems: dict[str, str] = {"counts": "not asked yet", "news": "not heard yet"}
        self.losses = 0  # how often it went away

    @property
    def problem(self) -> str:
        """Why Redis cannot be used now; empty when it can."""
        found = next((one for one in self._problems.values() if one), "")
        return found and f"Redis is away ({found}); this process counts for itself"

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Hold the connection as long as this is open; it need not be there yet."""
        bus = cls(url)
        tasks = [
            asyncio.create_task(bus._keep("counts", bus._client, bus._ask_on), name="bus counts"),
            asyncio.create_task(bus._keep("news", bus._news, bus._hear_on), name="bus news"),
        ]
        try:
            yield bus
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            bus._drop()
            for client in (bus._client, bus._news):
                with contextlib.suppress(*_AWAY):
                    await client.aclose()

    async def count(self, key: str, window_s: float, by: int = 1) -> tuple[int, float]:
        own = await self._own.count(key, window_s, by)
        window_ms = max(1, round(window_s * 1000))
        answer = await self._ask("EVAL", _COUNT, 1, _PREFIX + key, window_ms, by)
        if not isinstance(answer, list):
            return own
        value, left_ms = answer
        return int(value), left_ms / 1000 if left_ms >= 0 else window_s

    async def forget(self, key: str) -> None:
        await self._own.forget(key)
        await self._ask("DEL", _PREFIX + key)

    async def tell(self, topic: str, text: str) -> None:
        await self._own.tell(topic, text)
        if await self._ask("PUBLISH", _NEWS, f"{self._name} {topic} {text}") is None:
            self._untold.add(topic)

    def listen(self, topic: str, heard: Callable[[str], None]) -> None:
        self._topics.add(topic)
        self._own.listen(topic, heard)

    async def _ask(self, *words: Any) -> Any:
        """Return Redis's answer; None if it is away."""
        if self._problems["counts"]:
            return None
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((words, future))
        self._asked.set()
        return await future

    async def _ask_on(self, worked: Callable[[], None]) -> None:
        """Pass on what is asked, until Redis is away."""
        await self._client.ping()
        worked()
        while self._untold:
            topic = next(iter(self._untold))
            await self._client.publish(_NEWS, f"{self._name} {topic} ")
            self._untold.discard(topic)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(QUIET_S):
                    await self._asked.wait()
            self._asked.clear()
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            if self._waiting:
                self._asked.set()
            try:
                await self._pass_on(batch)
            finally:
                _resolve(batch, [None] * len(batch))

    async def _pass_on(self, batch: list[_Question]) -> None:
        if not batch:
            await self._client.ping()
            return
        line = self._client.pipeline(transaction=False)
        for words, _ in batch:
            line.execute_command(*words)
        _resolve(batch, await line.execute(raise_on_error=False))

    async def _hear_on(self, worked: Callable[[], None]) -> None:
        """Hand on the news, until Redis is away."""
        news = self._news.pubsub(ignore_subscribe_messages=False)
        try:
            await news.subscribe(_NEWS)
            await _next(news)  # it has been taken down: whatever is told from now on is heard
            worked()
            for topic in self._topics:
                await self._own.tell(topic, "")
            while True:
                message = await _next(news)
                if message["type"] == "message":
                    await self._hand_on(str(message["data"]))
        finally:
            with contextlib.suppress(*_AWAY):
                await news.aclose()  # type: ignore[no-untyped-call]  # redis has no type there

    async def _hand_on(self, data: str) -> None:
        name, _, rest = data.partition(" ")
        topic, _, text = rest.partition(" ")
        if name != self._name:
            await self._own.tell(topic, text)

    async def _keep(
        self, what: str, client: Redis, work: Callable[[Callable[[], None]], Any]
    ) -> None:
        """Do some work for ever, anew after each failure."""
        backoff = Backoff(first_s=0.2, cap_s=5.0)

        def worked() -> None:
            backoff.worked()
            self._problems[what] = ""

        while True:
            try:
                await work(worked)
            except _AWAY as error:
                self._went(what, error)
            except Exception as error:
                log.exception("the bus failed")
                self._went(what, error)
            with contextlib.suppress(*_AWAY):
                await client.connection_pool.disconnect()  # what is left of it may be broken, too
            await asyncio.sleep(backoff.next_s())

    def _went(self, what: str, error: Exception) -> None:
        if not any(self._problems.values()):
            self.losses += 1
            log.warning("Redis is away, this process counts for itself: %s", _kind(error))
        self._problems[what] = _kind(error)
        if what == "counts":
            self._drop()
        else:
            self._asked.set()  # the other connection may be as broken: see at once

    def _drop(self) -> None:
        _resolve(self._waiting, [None] * len(self._waiting))
        self._waiting.clear()


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=ANSWER_S,
        socket_connect_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


async def _next(news: PubSub) -> dict[str, Any]:
    """Return what comes next; a Redis that says nothing is asked, once, whether it is there."""
    for _ in range(2):
        message: dict[str, Any] | None = await news.get_message(timeout=QUIET_S)
        if message is not None:
            return message
        await news.ping()
    raise TimeoutError


def _resolve(batch: list[_Question], answers: list[Any]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if not future.done():
            future.set_result(answer)


def _kind(error: Exception) -> str:
    """Return what failed, without the address, which may hold a password."""
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "no answer in time"
    if isinstance(error, OSError) or "Connection" in type(error).__name__:
        return "no connection"
    return type(error).__name__
