"""What a person has set by hand: kept, so that a restart changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import msgspec

from mirrord.config import MirrorSettings, RoomSettings, Share
from mirrord.errors import ConfigError
from mirrord.model import Affect, DeviceWish, Environment, ModeName, MoodName
from mirrord.modes import Aim
from mirrord.mood import affect_by_hand
from mirrord.runtime.settings import convert
from mirrord.safety import Limits

Volume = Annotated[float, msgspec.Meta(ge=0.0, le=0.3)]
Warmth = Annotated[float, msgspec.Meta(ge=18.0, le=28.0)]
Setpoint = Annotated[float, msgspec.Meta(ge=5.0, le=30.0)]
Named = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Color = Annotated[
    str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$", description="a colour such as #FFC93C")
]


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mood set by hand: the four moods, 0..1 each."""

    joy: Share
    calm: Share
    energy: Share
    melancholy: Share


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of the room that a person has taken in hand; None follows the mood."""

    color: Color | None = None
    brightness: Share | None = None
    volume: Volume | None = None
    temperature_c: Warmth | None = None

    def within(self, wish: Environment) -> Environment:
        """Return the wish with what is held in its place."""
        return replace(
            wish,
            lighting_color=self.color or wish.lighting_color,
            lighting_intensity=_or(self.brightness, wish.lighting_intensity),
            audio_volume=_or(self.volume, wish.audio_volume),
            temperature_c=_or(self.temperature_c, wish.temperature_c),
        )


class DeviceHand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One device that a person has taken in hand; None follows the mood."""

    color: Color | None = None
    brightness: Share | None = None
    setpoint_c: Setpoint | None = None
    follow: bool = False  # take it back, though it was changed elsewhere


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The switches and sliders of the page. `mode` and `goal`: None is what the settings say."""

    camera: bool = True
    room: bool = True
    mute: bool = False
    brightness_cap: Share = 1.0
    volume_cap: Volume = 0.3
    drivers: dict[str, bool] = {}
    hand: Hand | None = None
    held: Held = Held()
    devices: dict[Named, DeviceHand | None] = {}
    gains: dict[Named, Share] = {}
    mode: ModeName | None = None
    goal: MoodName | None = None

    def changed(self, change: Mapping[str, Any], mirror: MirrorSettings | None = None) -> Controls:
        """Return the controls with a part replaced; their tables are merged key by key.

        A person who takes the mood in hand is guided no longer: the mode becomes `mirror`, until
        they choose to be guided again.
        """
        merged = msgspec.to_builtins(self) | dict(change)
        for table in ("drivers", "held", "devices", "gains"):
            merged[table] = msgspec.to_builtins(getattr(self, table)) | change.get(table, {})
        merged["devices"] = {name: hand for name, hand in merged["devices"].items() if hand}
        if max(len(merged["devices"]), len(merged["gains"])) > _MOST_DEVICES:
            raise ConfigError(f"control: at most {_MOST_DEVICES} devices")
        changed = convert(merged, Controls, "control")
        taken = changed.hand is not None and "mode" not in change
        if taken and changed.aim(mirror or MirrorSettings()).mode == "guide":
            return msgspec.structs.replace(changed, mode="mirror")
        return changed

    def released(self) -> Controls:
        """Return the controls with nothing held in hand; gains are settings, and stay."""
        return msgspec.structs.replace(self, held=Held(), devices={})

    def within(self, wish: Environment) -> Environment:
        """Return the wish with what a person holds in its place."""
        devices = {
            name: DeviceWish(self.gains.get(name, 1.0), *msgspec.structs.astuple(hand))
            for name in {*self.devices, *self.gains}
            for hand in [self.devices.get(name) or DeviceHand()]
        }
        return replace(self.held.within(wish), devices=devices)

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


class Holding:
    """Notices when what a person has taken in hand is to follow the mood again. Pure."""

    def __init__(self) -> None:
        self._what: tuple[Held, Mapping[str, DeviceHand | None]] | None = None
        self._since_s = 0.0

    def is_over(self, controls: Controls, present: bool, now_s: float, hold_s: float) -> bool:
        """Return whether to let go: nobody is there, or nothing was touched for `hold_s`."""
        if controls == controls.released():
            self._what = None
            return False
        what = (controls.held, controls.devices)
        if what != self._what:
            self._what, self._since_s = what, now_s
        return not present or now_s - self._since_s >= hold_s


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
    return msgspec.structs.replace(kept, drivers=known).released()


_MOST_DEVICES: Final = 200


def _or(held: float | None, wished: float) -> float:
    return wished if held is None else held
