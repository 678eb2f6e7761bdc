"""phue, with time limits, without surprises, behind a thread of its own."""

from __future__ import annotations

import asyncio
import math
import os
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn, ParamSpec, TypeVar

import msgspec

from mirrord.driver import Refused, Unavailable, Worker
from mirrord_hue.transport import Answer, Link

with warnings.catch_warnings():
    # phue compares with a literal by `is`, which the compiler remarks on.
    warnings.simplefilter("ignore", SyntaxWarning)
    import phue

DEADLINE_S = 3.0  # for one exchange with the bridge, from the first byte to the last
MAX_PAUSE_S = 30.0
_LONGEST_ID = 64

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Unavailable):
    """The bridge has too much to do; `pause_s` is how long it asks for, 0 if it does not say."""

    def __init__(self, message: str, pause_s: float) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class Declined(Exception):
    """The bridge understood a command and did not carry out some of it.

    `types` are the API's error numbers: 3 no such resource, 6 and 7 parameters, 201 switched off.
    """

    def __init__(self, types: frozenset[int], descriptions: str) -> None:
        super().__init__(descriptions)
        self.types = types


class Bridge(phue.Bridge):  # type: ignore[misc]  # phue has no types
    """phue's bridge over a `Link`. Every method blocks and raises Unavailable or Refused."""

    def __init__(self, link: Link, username: str) -> None:
        self._link = link
        super().__init__(str(link.who), username, config_file_path=os.devnull)

    def connect(self) -> None:
        """Do nothing: phue would log the key here, or register and write it to a file."""

    def request(self, mode: str = "GET", address: str | None = None, data: Any = None) -> Any:
        """Return the bridge's answer as plain data. Raises also Busy and Declined."""
        body = None if data is None else msgspec.json.encode(data)
        answer = self._link.exchange(mode, address or "/", body)
        said = _decode(answer, self._link.who)
        if not isinstance(said, list):
            return said if mode == "GET" else _strange(self._link.who)
        errors = _errors(said, self._link.who)
        if mode == "GET":
            _strange(self._link.who)
        if errors:
            raise Declined(frozenset(errors), "; ".join(errors.values()))
        # phue looks at the first item even where an old bridge has nothing to say.
        return said or [{"success": {}}]


class Client:
    """The bridge for coroutines: every call ends within its deadline, whatever the bridge does."""

    def __init__(self, link: Link, username: str, worker: Worker) -> None:
        self._bridge = Bridge(link, username)
        self._link = link
        self._worker = worker

    @property
    def who(self) -> str:
        return self._link.who

    async def reach(self) -> None:
        """Connect without asking for anything."""
        await self._call(self._link.open)

    async def config(self) -> dict[str, Any]:
        """Return the bridge's own settings: name, bridgeid, ..."""
        path = f"/api/{self._bridge.username}/config"
        return self._table(await self._call(self._bridge.request, "GET", path))

    async def bridge_id(self) -> str:
        """Return what the bridge says it is, without telling it a key; "" if it does not say."""
        said = self._table(await self._call(self._bridge.request, "GET", "/api/0/config"))
        found = str(said.get("bridgeid", "")).upper()
        return found if found.isalnum() and len(found) <= _LONGEST_ID else ""

    async def lights(self) -> dict[str, Any]:
        """Return every light by number, as the API describes it."""
        listed = self._table(await self._call(self._bridge.get_light))
        return await self._complete(listed, "state", self._bridge.get_light)

    async def groups(self) -> dict[str, Any]:
        """Return every group by number, as the API describes it."""
        listed = self._table(await self._call(self._bridge.get_group))
        return await self._complete(listed, "lights", self._bridge.get_group)

    async def set_light(self, number: str, body: dict[str, Any]) -> None:
        """Command one light."""
        await self._call(self._bridge.set_light, int(number), body)

    async def set_group(self, number: str, body: dict[str, Any]) -> None:
        """Command a group's lights together."""
        await self._call(self._bridge.set_group, int(number), body)

    async def register(self, devicetype: str) -> str:
        """Return a new user name. Raises Declined (type 101) unless the link button is pressed."""
        said = await self._call(self._bridge.request, "POST", "/api", {"devicetype": devicetype})
        try:
            return str(said[0]["success"]["username"])
        except (LookupError, TypeError):
            raise Unavailable(f"{self.who} gave no key") from None

    async def _complete(
        self, listed: dict[str, Any], part: str, read: Callable[[int], Any]
    ) -> dict[str, Any]:
        """Read one by one what a bridge of old firmware lists by name alone."""
        whole = {}
        for number, item in listed.items():
            if number.isdecimal() and isinstance(item, dict):
                whole[number] = item if part in item else await self._call(read, int(number))
        return whole

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._worker.call(DEADLINE_S, function, *args, **kwargs)
        except Busy:
            raise
        except (Unavailable, asyncio.CancelledError):
            self._link.abort()  # the thread may still be waiting for the bridge: let it go
            raise

    def _table(self, said: Any) -> dict[str, Any]:
        """Return what should be a table of the API."""
        if isinstance(said, dict):
            return said
        _strange(self.who)


@asynccontextmanager
async def connected(link: Link, username: str = "") -> AsyncIterator[Client]:
    """Give a client over `link`, and end its thread and its connection at the end."""
    try:
        async with Worker(link.who) as worker:
            try:
                yield Client(link, username, worker)
            finally:
                link.abort()
    finally:
        link.close()


def _decode(answer: Answer, who: str) -> Any:
    if answer.status in (429, 503):
        raise Busy(f"{who} has too much to do", _seconds(answer.retry_after))
    if answer.status in (301, 302, 307, 308):
        raise Refused(f"{who} has moved, perhaps to HTTPS: run `mirrord pair hue`")
    if answer.status in (401, 403):
        raise _unauthorized(who)
    if answer.status != 200:
        raise Unavailable(f"{who} answers with status {answer.status}: is that a Hue bridge?")
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        _strange(who)


class _Error(msgspec.Struct):
    type: int
    description: str = ""


class _Item(msgspec.Struct):
    error: _Error | None = None


def _errors(said: list[Any], who: str) -> dict[int, str]:
    """Return an answer's errors by type (numbers of the Hue API, "Error messages").

    Raises Refused for an unknown key and Busy for a bridge that is overrun.
    """
    try:
        items = msgspec.convert(said, list[_Item])
    except msgspec.ValidationError:
        _strange(who)
    errors = {item.error.type: item.error.description for item in items if item.error is not None}
    if 1 in errors:
        raise _unauthorized(who)
    if 901 in errors:
        raise Busy(f"{who} has too much to do", 0.0)
    return errors


def _unauthorized(who: str) -> Refused:
    return Refused(f"{who} does not know this mirror's key (any more): run `mirrord pair hue`")


def _strange(who: str) -> NoReturn:
    raise Unavailable(f"{who} answers with something else than a Hue bridge would") from None


def _seconds(text: str | None) -> float:
    """Return the pause that Retry-After asks for, within reason."""
    try:
        seconds = float(text or 0.0)
    except ValueError:  # a date, which no bridge sends
        return 0.0
    return min(max(seconds, 0.0), MAX_PAUSE_S) if math.isfinite(seconds) else 0.0
