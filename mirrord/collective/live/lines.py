"""Who may listen to what, how many, and for how long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from mirrord.api.asked import SessionId
from mirrord.api.caller import Caller, NotAllowed, caller_of, require, set_caller
from mirrord.api.reply import Rejected
from mirrord.api.said import error_message
from mirrord.collective.caller import Member
from mirrord.collective.database import Database
from mirrord.collective.gate import Gate
from mirrord.collective.identity import address_of
from mirrord.collective.limits import take
from mirrord.collective.live.feeds import Feeds
from mirrord.collective.live.line import Follower, FollowingLine
from mirrord.collective.live.presence import Presence
from mirrord.collective.live.sources import Figures, Readings
from mirrord.collective.numbers import now_ms, number_at
from mirrord.collective.observe.metrics import Metrics
from mirrord.collective.schema import WORLD
from mirrord.errors import MirrorError

CHECK_S: Final = 60.0  # within which a socket ends whose right has ended
BACK_MS: Final = 24 * 3_600_000  # what is missed for longer is not told again
MOST_MISSED: Final = 10_000


class Listening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to listen to, and from where on."""

    session_id: SessionId | UnsetType = UNSET
    space: (
        Annotated[str, Meta(pattern=r"^[0-9]{1,18}$", description="the id of a space")] | UnsetType
    ) = UNSET
    after: (
        Annotated[
            str,
            Meta(
                pattern=r"^(now|[0-9]{1,18}(\.[0-9]{1,18})?)$",
                description="now, or the cursor of the last message",
            ),
        ]
        | UnsetType
    ) = UNSET


class CollectiveLines:
    """The socket's lines (`mirrord.api.socket.Lines`) over the database."""

    asked = Listening

    def __init__(
        self, database: Database, gate: Gate, presence: Presence, metrics: Metrics
    ) -> None:
        self.feeds = Feeds()
        self._database = database
        self._gate = gate
        self._presence = presence
        self._metrics = metrics
        self._from: Counter[str] = Counter()
        self._open: dict[FollowingLine, tuple[web.Request, Caller, str]] = {}

    @asynccontextmanager
    async def line(self, request: web.Request, asked: Any) -> AsyncIterator[FollowingLine]:
        """Return a client's line. Raises NotAllowed and Rejected."""
        caller = require(request, "look" if asked.session_id is UNSET else "read")
        space = str(WORLD) if asked.space is UNSET else str(int(asked.space))
        if int(space) != WORLD:
            await self._gate.spaces.enter(caller, space, "viewer")
        async with AsyncExitStack() as stack:
            stack.enter_context(self._place(address_of(request)))
            session_id = None if asked.session_id is UNSET else asked.session_id
            line = FollowingLine(session_id, self._metrics)
            await self._follow_figures(stack, line, int(space), asked.after)
            if isinstance(caller, Member) and "read" in caller.scopes:
                await self._follow_readings(stack, line, caller, asked.after)
            if asked.after is not UNSET:
                line.greet()
            stack.enter_context(self._presence.there(int(space), line))
            self._open[line] = (request, caller, space)
            stack.callback(self._open.pop, line)
            yield line

    async def before_answer(self, request: web.Request) -> None:
        """Count the message as a request, and let nobody speak whose right has ended."""
        limits, caller = self._gate.limits, caller_of(request)
        if isinstance(caller, Member):
            await take(self._gate.bus, f"account:{caller.account}", limits.account_per_minute)
        else:
            await take(self._gate.bus, f"address:{address_of(request)}", limits.address_per_minute)
        found = await self._gate.doorman.identify(request)
        if found is None:
            raise NotAllowed("This token has expired or was revoked.", known=False)
        set_caller(request, found)

    def lost(self) -> None:
        """Note that a client did not read."""
        self._metrics.evicted.inc()

    async def watch(self) -> None:
        """Let go, for ever, of those whose right has ended."""
        while True:
            await asyncio.sleep(CHECK_S)
            for request, caller, space in list(self._open.values()):
                if not await self._holds(request, caller, space) and request.transport:
                    request.transport.abort()

    async def _holds(self, request: web.Request, caller: Caller, space: str) -> bool:
        try:
            found = await self._gate.doorman.identify(request)
            if found is None or found.user != caller.user or found.scopes != caller.scopes:
                return False
            if int(space) != WORLD:
                await self._gate.spaces.enter(found, space, "viewer")
        except (NotAllowed, Rejected):
            return False
        except MirrorError:
            return True  # it cannot be checked now
        return True

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        most = self._gate.limits.sockets_per_address
        if self._from[address] >= most:
            self._metrics.refused.labels("address").inc()
            raise Rejected(f"{most} clients are listening from your address already.", 429)
        self._from[address] += 1
        try:
            yield
        finally:
            self._from[address] -= 1
            if self._from[address] <= 0:
                del self._from[address]

    async def _follow_figures(
        self, stack: AsyncExitStack, line: FollowingLine, space: int, after: str | UnsetType
    ) -> None:
        source = Figures(self._database, space)
        feed = await stack.enter_async_context(
            self.feeds.followed(("space", space), source, line.wake)
        )
        current = max(0, feed.upto - 1)  # whoever comes gets at least what is current
        at = _place(after, 0)
        bound = min(current, now_ms() - BACK_MS)
        line.follow(Follower(feed, current if at is None else max(at, bound)))

    async def _follow_readings(
        self, stack: AsyncExitStack, line: FollowingLine, who: Member, after: str | UnsetType
    ) -> None:
        source = Readings(self._database, who.account, who.username)
        feed = await stack.enter_async_context(
            self.feeds.followed(("account", who.account), source, line.wake)
        )
        at = _place(after, 1)
        if at is not None and await source.beyond(at, number_at(now_ms() - BACK_MS), MOST_MISSED):
            line.tell(error_message(_TOO_FAR.format(at)))
            at = None
        line.follow(Follower(feed, feed.upto if at is None else at, line.session_id))


_TOO_FAR: Final = (
    f"after: what was missed is more than {MOST_MISSED} readings, or older than "
    f"{BACK_MS // 3_600_000} hours; it is at /emotions/api/readings/?cursor=after-{{}}. "
    "From here on it is live."
)


def _place(after: str | UnsetType, which: int) -> int | None:
    """Return one of the two numbers of a cursor; None if it says nothing of it."""
    if after is UNSET or after == "now":
        return None
    parts = str(after).split(".")
    return int(parts[which]) if which < len(parts) else None
