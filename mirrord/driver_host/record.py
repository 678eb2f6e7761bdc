"""What a page is told of one driver."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mirrord.driver import Device
from mirrord.driver_host.latency import Latency
from mirrord.model import DriverState, DriverStatus
from mirrord.runtime import wall
from mirrord.runtime.lag import Stall

BLAME_S: Final = 600.0  # for which a fault is held against a driver


class Record:
    """State, errors, latencies and devices of one driver; calls `changed` when any changes."""

    def __init__(self, name: str, title: str, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._status = DriverStatus(name, title, True, "off")
        self._latency = Latency()
        self._devices: dict[str, Device] = {}
        self._blame = ""
        self._blamed_s = 0.0
        self.applies = 0
        self.failures = 0

    @property
    def state(self) -> DriverState:
        """How the driver fares, in one word."""
        return self._status.state

    @property
    def error(self) -> str:
        """What is wrong now, or nothing."""
        return self._status.error

    @property
    def devices(self) -> list[Device]:
        """The devices as they were reported, the newest report last."""
        return list(self._devices.values())

    def status(self, enabled: bool) -> DriverStatus:
        """Return all there is to show."""
        return replace(
            self._status,
            error=self._status.error or self._fault(),
            enabled=enabled,
            latency_p50_ms=self._latency.quantile_ms(0.50),
            latency_p99_ms=self._latency.quantile_ms(0.99),
            devices=tuple(sorted(self._devices.values(), key=lambda d: (d.kind, d.name, d.id))),
        )

    def show(self, state: DriverState, error: str = "") -> None:
        """Note a state. Without a device to hold, what it last looked like is forgotten."""
        if state in ("off", "paused", "refused"):
            self._devices.clear()
        self._status = replace(self._status, state=state, error=error)
        self._changed()

    def applied(self, captured_ns: int | None) -> None:
        """Note that a wish was applied, and the frame it answers, if its latency counts."""
        self.applies += 1
        self._status = replace(self._status, applied_at=wall.now())
        self._latency.add(captured_ns)
        self._changed()

    def see(self, device: Device) -> None:
        """Note what the driver says of a device."""
        self._devices.pop(device.id, None)  # so that it stands last
        self._devices[device.id] = device
        self._changed()

    def forget(self) -> None:
        """Show no devices until they are reported again."""
        self._devices.clear()
        self._changed()

    def blame(self, stall: Stall) -> None:
        """Note a fault that the driver itself does not know of."""
        at = wall.now().strftime("%H:%M:%S")
        self._blamed_s = time.monotonic()
        self._blame = f"held up the whole mirror for more than {stall.seconds:.1f} s at {at} UTC"
        self._changed()

    def _fault(self) -> str:
        return self._blame if time.monotonic() - self._blamed_s < BLAME_S else ""

    def forgive(self) -> None:
        """Forget that fault, as when the driver is switched on anew."""
        self._blame = ""
