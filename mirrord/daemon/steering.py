"""What people want of the running mirror: the eye, the room and the drivers obey."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from mirrord.config import Config
from mirrord.consent import Consent, Room
from mirrord.controls import Controls, Holding, restored
from mirrord.daemon.files import Memory
from mirrord.driver_host import DriverHost
from mirrord.engine import Engine
from mirrord.errors import ConfigError
from mirrord.modes import answers
from mirrord.settings.adoption import followed
from mirrord.sight import Sight

WAITS = "the camera stays off until somebody agrees to the house rules: open /welcome on the page"


def controls_to_start_with(
    config: Config, saved: object, consent: Consent, host: DriverHost
) -> Controls:
    """Return the controls that were saved, as far as they still hold."""
    switches = {status.name: status.enabled for status in host.status}
    return _permitted(restored(saved, config.room, switches), config, consent)


class Steering:
    """Takes what people set by hand and agree to, has it obeyed, and keeps it."""

    def __init__(
        self,
        engine: Engine,
        sight: Sight,
        host: DriverHost,
        consent: Consent,
        memory: Memory,
        changed: Callable[[], None],
    ) -> None:
        self.engine = engine
        self.consent = consent
        self._sight = sight
        self._host = host
        self._memory = memory
        self._changed = changed
        self._holding = Holding()
        self._obey(engine.controls)

    async def control(self, change: dict[str, Any]) -> None:
        """Take over a part of the controls, at once and for good. Raises ConfigError."""
        if change.get("camera") and not self._allowed:
            raise ConfigError(f"control: camera: {WAITS}")
        self._become(self.engine.controls.changed(change, self.engine.config.mirror))

    async def agree(self, by: str, room: Room) -> None:
        """Note that somebody agreed to the house rules, and open the eye. Raises Unavailable."""
        before = self.consent.state
        await asyncio.to_thread(self.consent.give, by, room)
        if before in ("needed", "withdrawn"):  # else somebody may have switched it off themselves
            self._become(msgspec.structs.replace(self.engine.controls, camera=True))
        self._changed()

    async def withdraw(self, by: str) -> None:
        """Close the eye until somebody agrees again. Raises Unavailable, with the eye closed."""
        try:
            await asyncio.to_thread(self.consent.withdraw, by)
        finally:
            self._become(self._permitted(self.engine.controls))

    def follow(self, old: Config) -> None:
        """Go by the settings that hold now in place of `old`."""
        engine = self.engine
        controls = followed(engine.controls, old, engine.config, self._host.status)
        self._become(self._permitted(controls))

    def tick(self) -> None:
        """Let go of what a person has held in hand long enough."""
        controls, present = self.engine.controls, self.engine.mood.present
        hold_s = self.engine.config.room.hold_s
        if self._holding.is_over(controls, present, time.monotonic(), hold_s):
            self._become(controls.released())

    @property
    def waits(self) -> str:
        """Why the camera waits, if nobody has been asked yet: a withdrawal is a wish."""
        return "" if self._allowed or self.consent.state == "withdrawn" else WAITS

    @property
    def _allowed(self) -> bool:
        return self.consent.allows(self.engine.config.camera.source)

    def _permitted(self, controls: Controls) -> Controls:
        return _permitted(controls, self.engine.config, self.consent)

    def _become(self, controls: Controls) -> None:
        self._obey(controls)
        self.engine.set_controls(controls)
        self._memory.keep_controls(controls)

    def _obey(self, controls: Controls) -> None:
        aim = controls.aim(self.engine.config.mirror)
        self._sight.camera_on(controls.camera)
        self._host.pause(not controls.room or not answers(aim.mode))
        for name, on in controls.drivers.items():
            self._host.enable(name, on)


def _permitted(controls: Controls, config: Config, consent: Consent) -> Controls:
    """Return the controls with the camera off where nobody has agreed that it looks."""
    allowed = consent.allows(config.camera.source)
    return controls if allowed else msgspec.structs.replace(controls, camera=False)
