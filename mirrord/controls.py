"""What a person has set by hand: kept, so that a restart changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from mirrord.config import MirrorSettings, RoomSettings, Share
from mirrord.errors import ConfigError
from mirrord.model import Affect, ModeName, MoodName
from mirrord.modes import Aim
from mirrord.mood import affect_by_hand
from mirrord.runtime.settings import convert
from mirrord.safety import Limits

Volume = Annotated[float, msgspec.Meta(ge=0.0, le=0.3)]


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mood set by hand: the four moods, 0..1 each."""

    joy: Share
    calm: Share
    energy: Share
    melancholy: Share


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The switches and sliders of the page. `mode` and `goal`: None is what the settings say."""

    camera: bool = True
    room: bool = True
    mute: bool = False
    brightness_cap: Share = 1.0
    volume_cap: Volume = 0.3
    drivers: dict[str, bool] = {}
    hand: Hand | None = None
    mode: ModeName | None = None
    goal: MoodName | None = None

    def changed(self, change: Mapping[str, Any], mirror: MirrorSettings | None = None) -> Controls:
        """Return the controls with a part replaced; `drivers` are merged name by name.

        A person who takes the mood in hand is guided no longer: the mode becomes `mirror`, until
        they choose to be guided again.
        """
        merged = msgspec.to_builtins(self) | dict(change)
        merged["drivers"] = self.drivers | change.get("drivers", {})
        changed = convert(merged, Controls, "control")
        taken = changed.hand is not None and "mode" not in change
        if taken and changed.aim(mirror or MirrorSettings()).mode == "guide":
            return msgspec.structs.replace(changed, mode="mirror")
        return changed

    def aim(self, mirror: MirrorSettings) -> Aim:
        """Return what the room is to do: as chosen on the page, or else as the settings say."""
        return Aim(self.mode or mirror.mode, self.goal or mirror.goal, mirror.guide_s)

    def limits(self, room: RoomSettings) -> Limits:
        """Return the governor's limits: the person's, within those of the settings."""
        return Limits(
            fade_s=room.fade_s,
            brightness_cap=min(self.brightness_cap, room.brightness_cap),
            volume_cap=0.0 if self.mute else min(self.volume_cap, room.volume_cap),
            thermostat_every_s=room.thermostat_every_s,
        )

    def affect(self) -> Affect | None:
        """Return the mood set by hand, or None."""
        hand = self.hand
        if hand is None:
            return None
        return affect_by_hand(hand.joy, hand.calm, hand.energy, hand.melancholy)


def restored(saved: object, room: RoomSettings, drivers: Mapping[str, bool]) -> Controls:
    """Return the saved controls, or fresh ones where nothing usable was saved.

    Drivers that are gone are dropped; new ones start as the settings say.
    """
    fresh = Controls(
        brightness_cap=room.brightness_cap, volume_cap=room.volume_cap, drivers=dict(drivers)
    )
    if not isinstance(saved, dict):
        return fresh
    try:
        kept = convert(saved, Controls, "saved controls")
    except ConfigError:
        return fresh
    known = {name: kept.drivers.get(name, on) for name, on in drivers.items()}
    return msgspec.structs.replace(kept, drivers=known)
