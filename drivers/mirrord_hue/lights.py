"""The opened driver: sends what changed, within the bridge's budget, and puts all back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from mirrord.driver import Environment, Host, MirrorError, Unavailable
from mirrord_hue.budget import Budget
from mirrord_hue.client import Busy, Client, Declined
from mirrord_hue.lamp import read_lamps
from mirrord_hue.room import Order, Room

LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
FRESH_S = 1.0  # lamps seen longer ago are looked at again before they are touched
SPELL_S = 2.0  # of sending; what then is left goes on in the background
CLOSE_S = 4.0  # the host grants 5 s
MOST_REFUSALS = 6  # in a row; with their pauses, about half a minute
MISSING, OFF = 3, 201  # error numbers of the API


class Lights:
    """The chosen lamps of one bridge."""

    def __init__(self, client: Client, host: Host, memory_key: str, room: Room) -> None:
        self._client = client
        self._host = host
        self._key = memory_key
        self._room = room
        self._budget = Budget()
        self._looked_at = time.monotonic()
        self._wish: Environment | None = None
        self._rest: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._warned: set[str] = set()
        self._report(room.ours)

    @property
    def sending(self) -> bool:
        """Whether something of the newest wish still waits for the bridge's budget."""
        return self._rest is not None and not self._rest.done()

    async def apply(self, environment: Environment) -> None:
        """Send what the budget allows now; the rest follows by itself, of the newest wish."""
        self._raise_late_failure()
        self._wish = environment
        async with self._lock:
            wait = await self._send_some()
            if not wait:
                await self._look(LOOK_EVERY_S)
        if wait and self._rest is None:
            self._rest = asyncio.create_task(self._send_rest(wait), name="hue: the rest")

    async def close(self) -> None:
        """Put every lamp back.

        Raises Unavailable naming those that cannot be reached; they stay in memory, and are put
        back when the driver runs and ends the next time.
        """
        if self._rest is not None:
            self._rest.cancel()
            await asyncio.gather(self._rest, return_exceptions=True)
        self._wish = None
        reason = "out of reach"
        try:
            async with asyncio.timeout(CLOSE_S), self._lock:
                while wait := await self._send_some():
                    await asyncio.sleep(wait)
        except (MirrorError, TimeoutError) as error:
            reason = str(error) or f"{self._client.who} is too slow"
        if left := [self._room.lamps[number].name for number in self._room.found]:
            raise Unavailable(f"{', '.join(left)} will be put back next time: {reason}")

    def _raise_late_failure(self) -> None:
        if self._rest is not None and self._rest.done():
            rest, self._rest = self._rest, None
            rest.result()

    async def _send_rest(self, wait: float) -> None:
        while wait:
            await asyncio.sleep(wait)
            async with self._lock:
                wait = await self._send_some()

    async def _send_some(self) -> float:
        """Send what may go now; return the seconds until more may, 0 when nothing is left."""
        if self._orders():  # what a person has changed meanwhile is not to be overwritten
            await self._look(FRESH_S)
        orders = self._orders()
        await self._remember(orders)
        end = time.monotonic() + SPELL_S
        waits, waiting = [], set[str]()
        try:
            for order in orders:
                # A lamp's colour does not run ahead of its group's command.
                if waiting.isdisjoint(order.lamps) and await self._sent_by(end, order):
                    continue
                waits.append(max(0.01, self._wait_s(order)))
                waiting |= set(order.lamps)
        finally:
            self._keep()
        return min(waits, default=0.0)

    def _orders(self) -> list[Order]:
        return self._room.orders(self._wish, time.monotonic())

    async def _sent_by(self, end: float, order: Order) -> bool:
        """Send an order if it may go now; return whether it went."""
        if time.monotonic() >= end or self._wait_s(order) > 0.0:
            return False
        return await self._send(order)

    async def _send(self, order: Order) -> bool:
        """Return False if the bridge asks for a pause."""
        command = self._client.set_light if order.kind == "lights" else self._client.set_group
        self._room.sending(order)
        for body in order.bodies:
            try:
                await command(order.number, body)
            except Busy as busy:
                return self._pause(busy)
            except Declined as declined:
                self._note_declined(order, declined)
            finally:
                self._budget.spend(order.kind, time.monotonic())
        self._budget.accepted()
        self._room.sent(order, time.monotonic())
        self._report(order.lamps)
        return True

    def _wait_s(self, order: Order) -> float:
        return self._budget.wait_s(order.kind, time.monotonic(), len(order.bodies))

    def _pause(self, busy: Busy) -> bool:
        self._budget.refused(busy.pause_s, time.monotonic())
        if self._budget.refusals >= MOST_REFUSALS:
            raise busy
        LOG.debug("%s; waiting", busy)
        return False

    def _note_declined(self, order: Order, declined: Declined) -> None:
        if MISSING in declined.types and order.unit is not None:
            what = "group" if order.kind == "groups" else "lamp"
            raise Unavailable(f"{self._client.who} has no {what} {order.number} any more")
        if OFF in declined.types and order.kind == "lights":
            self._room.switched_off(order.number)
        if declined.types - {OFF}:
            place = f"{order.kind}/{order.number}"
            level = logging.DEBUG if place in self._warned else logging.WARNING
            self._warned.add(place)
            LOG.log(level, "%s declines a command to %s: %s", self._client.who, place, declined)

    async def _look(self, at_most_every_s: float) -> None:
        """Read the lights, unless they were read lately or the bridge wants its peace."""
        now = time.monotonic()
        if now - self._looked_at < at_most_every_s or self._budget.wait_s("lights", now, 0):
            return
        try:
            lamps = read_lamps(await self._client.lights())
        except Busy as busy:
            self._pause(busy)
            return
        self._looked_at = now
        self._room.seen(lamps, now)
        self._keep()
        self._report(self._room.ours)

    async def _remember(self, orders: list[Order]) -> None:
        """Keep how lamps are, before they are touched for the first time."""
        unknown = self._room.unknown(orders)
        if unknown:
            self._room.remember(unknown)
            self._keep()
            await asyncio.sleep(0)  # the host saves on the next turn of the loop

    def _keep(self) -> None:
        if self._room.found:
            self._host.memory[self._key] = self._room.found
        elif self._key in self._host.memory:
            del self._host.memory[self._key]

    def _report(self, numbers: Iterable[str]) -> None:
        for number in numbers:
            if number in self._room.ours and number in self._room.lamps:
                self._host.report(self._room.device(number))
