"""A device that is steered: what thermostats and humidifiers have in common."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

from mirrord.driver import Device, DeviceKind, Environment, Value
from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, number_within
from mirrord.mqtt.remarks import Remarks
from mirrord_thermostat.convention import Convention, Limits, Report
from mirrord_thermostat.steering import Steering

log = logging.getLogger(__name__)

ACQUAINTED_S = 0.2  # the setpoint of a device that is switched off may come before its mode


class Actuator(ABC):
    """Keeps what a device reports, and turns the environment into commands for it."""

    kind: DeviceKind
    plausible: tuple[float, float]  # a setpoint outside is no setpoint
    default_step: float
    pause_s = 0.0  # at least between two commands

    def __init__(
        self,
        convention: Convention,
        identity: str,
        name: str,
        limits: Limits,
        memory: MutableMapping[str, Any],
    ) -> None:
        self._convention, self._name, self._own = convention, name, limits
        self.id = f"{self.kind}:{identity}"
        self._device_limits = Limits()
        self._state = Report()
        self._remarks = Remarks(self.id, log)
        self._confirmed: bool | None = None
        self._polled_at = self._known_at = -math.inf
        manner = convention.manner
        self.steering = Steering(
            memory,
            self.id,
            settle_s=manner.settle_s,
            echoes=manner.echoes,
            pause_s=self.pause_s,
        )

    @abstractmethod
    def wished(self, environment: Environment) -> float:
        """Return where the environment wants the device, before limits and steps."""

    @abstractmethod
    def values(self, state: Report) -> dict[str, Value]:
        """Return the values of the device's kind."""

    def topics(self) -> frozenset[str]:
        return self._convention.topics()

    def hear(self, topic: str, payload: bytes, now: float) -> None:
        """Take in one message; what is no sense is said once and ignored."""
        if topic not in self._convention.topics():
            return
        try:
            report = self._convention.decode(topic, payload)
            self._merge(self._checked(report), now)
        except Junk as reason:
            self._remarks.ignored(topic, reason)

    def poll(self, now: float) -> tuple[Message, ...]:
        """Return the questions to ask now: on connecting, and again where changes go unsaid."""
        pause = self._convention.manner.poll_s or math.inf
        if now < self._polled_at + pause:
            return ()
        self._polled_at = now
        return self._convention.queries()

    def steer(self, environment: Environment, now: float) -> Message | None:
        """Return the command that brings the device towards the environment, or None."""
        if not environment.present:
            return self.give_back(now)
        if self._idle(now):
            return None
        if environment.wish_for(self.id).follow:
            self.steering.take_back()
        step = self._device_limits.step or self.default_step
        target = self._fitted(self.wished(environment), step)
        value = None if target is None else self.steering.ask(target, step, now)
        return self._command(value, now)

    def give_back(self, now: float) -> Message | None:
        """Return the command that restores what was found, or None."""
        if self._idle(now):
            return None
        return self._command(self.steering.release(now), now)

    @property
    def restored(self) -> bool:
        """Whether nothing is left to wait for before going."""
        return self.steering.restored or self._off or self._away

    def refused(self, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        self._remarks.tell(why)

    def device(self, now: float) -> Device:
        """Return what the page shows."""
        values = self.values(self._state)
        values["held"] = self.steering.held
        values["confirmed"] = self.steering.confirmed(now)
        values["online"] = self._state.online is not False
        values["problem"] = self._remarks.problem or None
        return Device(self.id, self.kind, self._name, values)

    def _command(self, value: float | None, now: float) -> Message | None:
        confirmed = self.steering.confirmed(now)
        if confirmed is False and self._confirmed is not False:
            log.warning("%s did not confirm its new setpoint", self.id)
        self._confirmed = confirmed
        return None if value is None else self._convention.encode(value)

    def just_met(self, now: float) -> bool:
        """Whether more of its state may be on its way."""
        return now < self._known_at + ACQUAINTED_S

    @property
    def _off(self) -> bool:
        return self._state.mode == "off"

    @property
    def _away(self) -> bool:
        return self._state.online is False

    def _idle(self, now: float) -> bool:
        """Whether it is to be left alone: switched off by somebody, out of reach, just met."""
        out_of_reach = self._away or not self._convention.ready
        return self._off or out_of_reach or self.just_met(now)

    def _checked(self, report: Report) -> Report:
        if report.setpoint is not None and report.mode != "off":
            number_within(report.setpoint, *self.plausible)
        if report.measured is not None and not -40.0 <= report.measured <= 100.0:
            report = replace(report, measured=None)
        return report

    def _merge(self, report: Report, now: float) -> None:
        back = report.online is True and self._away
        told = {
            key: value
            for key in ("setpoint", "measured", "mode", "online")
            if (value := getattr(report, key)) is not None
        }
        self._state = replace(self._state, **told)
        if report.limits is not None:
            self._device_limits = report.limits
        if report.problem is not None:
            self._remarks.tell(report.problem)
        if report.setpoint is not None and self.steering.reported is None:
            self._known_at = now
        if report.setpoint is not None and not self._off:
            self.steering.hear(report.setpoint, now)
        if back:
            self.steering.retry()
            self._polled_at = -math.inf

    def _fitted(self, value: float, step: float) -> float | None:
        """Return the nearest value within all limits and on the device's grid, or None."""
        both = (self._own, self._device_limits)
        low = max((one.low for one in both if one.low is not None), default=-math.inf)
        high = min((one.high for one in both if one.high is not None), default=math.inf)
        result = fitted(value, low, high, step)
        if result is None:
            self._remarks.tell(f"nothing in steps of {step:g} lies between {low:g} and {high:g}")
        return result


def fitted(value: float, low: float, high: float, step: float) -> float | None:
    """Return the multiple of `step` within low..high that is nearest to `value`.

    None where no multiple lies between the limits.
    """
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    if first > last:
        return None
    return round(min(max(round(value / step), first), last) * step, 3)
