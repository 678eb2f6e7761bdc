"""What is known of the lamps, and what has to be sent to them. No input, no output."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mirrord.driver import Device, DeviceWish, Environment
from mirrord_hue.budget import Kind
from mirrord_hue.hands import Hands
from mirrord_hue.lamp import Lamp, found, restoring
from mirrord_hue.unit import Unit, transition_ds, wish_of

CLOSING_FADE_S = 2.0  # a gentle one: most people accept a change of light that takes 2 s


@dataclass(frozen=True, slots=True)
class Order:
    """Commands that belong together: of a unit, or (without one) to put a lamp back."""

    kind: Kind
    number: str
    lamps: tuple[str, ...]
    bodies: tuple[dict[str, Any], ...]
    unit: Unit | None = None


class Room:
    """The lamps of one bridge, those chosen among them, and how each was found.

    A lamp is *found* from the moment its state is kept until it is put back, *touched* once a
    command to it may have arrived, *taken* once one did: a taken lamp that is off was switched off
    by hand, and is left alone.
    """

    def __init__(
        self,
        lamps: Mapping[str, Lamp],
        units: Sequence[Unit],
        found_before: Mapping[str, dict[str, Any]],
        hands: Hands,
        transition_s: float | None = None,
    ) -> None:
        self.lamps = dict(lamps)  # every light of the bridge
        self.ours = tuple(dict.fromkeys(number for unit in units for number in unit.lamps))
        self.found = {number: state for number, state in found_before.items() if number in lamps}
        self._units = units
        self._alone = {number: Unit("lights", number, (number,)) for number in self.ours}
        self._apart: set[str] = set()  # lamps that do not move with their group now
        self._hands = hands
        self._transition_s = transition_s
        changed = {one for one, state in self.found.items() if found(lamps[one]) != state}
        self._touched = set(changed)
        self._taken = set(changed)

    def orders(self, wish: Environment | None, now: float) -> list[Order]:
        """Return what has to be sent for a wish; None, or nobody there, puts every lamp back."""
        fade_s = CLOSING_FADE_S if wish is None else wish.transition_s
        fade_ds = transition_ds(fade_s if self._transition_s is None else self._transition_s)
        if wish is None or not wish.present:
            return [self._restoring(number, fade_ds) for number in self._reached(self.found)]
        # What a crash left behind, and the settings no longer name.
        others = [number for number in self.found if number not in self.ours]
        orders = [self._restoring(number, fade_ds) for number in self._reached(others)]
        # Groups first, since single lamps may add to their command; then who waited longest.
        units = self._moving(wish, now)
        for unit in sorted(units, key=lambda unit: (unit.kind != "groups", unit.sent_at)):
            body = self._body(unit, wish, now)
            if body:
                body["transitiontime"] = fade_ds
                orders.append(Order(unit.kind, unit.number, unit.lamps, (body,), unit))
        return orders

    def unknown(self, orders: Iterable[Order]) -> list[str]:
        """Return the lamps of orders whose found state is not kept yet."""
        numbers = dict.fromkeys(number for order in orders for number in order.lamps)
        return [one for one in numbers if one in self.lamps and one not in self.found]

    def remember(self, numbers: Iterable[str]) -> None:
        """Take the present state of lamps for the one to put back."""
        for number in numbers:
            self.found[number] = found(self.lamps[number])

    def sending(self, order: Order) -> None:
        """Note that an order is on its way, whether or not it arrives."""
        self._touched |= set(order.lamps)

    def sent(self, order: Order, now: float) -> None:
        """Note that an order was carried out."""
        for number in order.lamps:
            for body in order.bodies:
                if number in self.lamps:
                    self.lamps[number] = self.lamps[number].changed(body)
                    fade_s = body.get("transitiontime", 0) / 10.0
                    self._hands.sent(number, self.lamps[number].state, fade_s, now)
        if order.unit is None:
            self._let_go(order.number)
            return
        order.unit.sent |= order.bodies[0]
        order.unit.sent_at = now
        self._taken |= set(order.lamps)

    def switched_off(self, number: str) -> None:
        """Note that a lamp turned out to be off."""
        self.lamps[number] = self.lamps[number].changed({"on": False})

    def device(self, number: str) -> Device:
        """Return a lamp for the page."""
        lamp = self.lamps[number]
        return lamp.device(bool(self._hands.held(number, time.monotonic())))

    def seen(self, lamps: Mapping[str, Lamp], now: float) -> None:
        """Take what the bridge says. A lamp that shines again gets the whole wish once more.

        What a person has changed is how the lamp is put back in the end.
        """
        for number, lamp in lamps.items():
            if number in self._taken and self._hands.seen(number, lamp.state, now):
                self.found[number] = found(lamp)
            if number in self.lamps and _shines(lamp) and not _shines(self.lamps[number]):
                self._forget_sent(number)
        gone = {number: lamp.away() for number, lamp in self.lamps.items() if number not in lamps}
        self.lamps = {**gone, **lamps}

    def _moving(self, wish: Environment, now: float) -> list[Unit]:
        """Return what is commanded together now.

        A group in which a person wants something of a single lamp, or has changed one, is
        commanded lamp by lamp until that is over.
        """
        for number in self._hands.expired(now):
            self._forget_sent(number)
        special = {number for number in self.ours if self._is_special(number, wish, now)}
        apart = {
            number
            for unit in self._units
            if unit.kind == "groups" and not special.isdisjoint(unit.lamps)
            for number in unit.lamps
        }
        for number in apart ^ self._apart:
            self._forget_sent(number)
        self._apart = apart
        together = [unit for unit in self._units if apart.isdisjoint(unit.lamps)]
        return [*together, *(self._alone[number] for number in apart)]

    def _is_special(self, number: str, wish: Environment, now: float) -> bool:
        if number not in self.lamps:
            return False
        asked = wish.wish_for(self.lamps[number].device_id)
        if asked.follow and self._hands.let_go(number):
            self._forget_sent(number)
        return asked != DeviceWish() or bool(self._hands.held(number, now))

    def _body(self, unit: Unit, wish: Environment, now: float) -> dict[str, Any]:
        lamps = [self.lamps[number] for number in unit.lamps if number in self.lamps]
        reached = [lamp for lamp in lamps if lamp.state.reachable]
        asked = unit.wish(wish_of(wish, lamps), lamps)
        if len(lamps) == 1:
            asked = self._hands.spared(lamps[0].number, asked, now)
        body: dict[str, Any] = unit.news(asked)
        if "bri" in unit.parts:
            body |= _taking([lamp for lamp in reached if lamp.number not in self._taken])
        shines = "on" in body or any(lamp.state.on for lamp in reached)
        return body if reached and shines else {}

    def _restoring(self, number: str, fade_ds: int) -> Order:
        bodies = restoring(self.found[number]) if number in self._touched else []
        # Off goes without a fade: some lamps that fade out come back at their dimmest.
        faded = (body if "on" in body else body | {"transitiontime": fade_ds} for body in bodies)
        return Order("lights", number, (number,), tuple(faded))

    def _let_go(self, number: str) -> None:
        self.found.pop(number, None)
        self._touched.discard(number)
        self._taken.discard(number)
        self._hands.let_go(number)
        self._forget_sent(number)

    def _forget_sent(self, number: str) -> None:
        for unit in (*self._units, *self._alone.values()):
            if number in unit.lamps:
                unit.sent.clear()

    def _reached(self, numbers: Iterable[str]) -> list[str]:
        return [one for one in numbers if one in self.lamps and self.lamps[one].state.reachable]


def _taking(lamps: Sequence[Lamp]) -> dict[str, Any]:
    """Return what the first command to lamps holds besides the wish."""
    body: dict[str, Any] = {}
    if any(not lamp.state.on for lamp in lamps):
        body["on"] = True
    if any(lamp.state.effect == "colorloop" for lamp in lamps):
        body["effect"] = "none"
    return body


def _shines(lamp: Lamp) -> bool:
    return lamp.state.on and lamp.state.reachable
