"""What the hub may ask: a topic and bytes that may be anything, into a change that is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec

from mirrord.errors import ConfigError
from mirrord.hub.components import BY_HAND, FOLLOW, MODES, NO_HAND
from mirrord.model import MOODS
from mirrord.runtime.settings import convert, nearest

MAX_BYTES: Final = 1024
_ON: Final = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]


@dataclass(frozen=True, slots=True)
class Change:
    """Part of the controls is to change."""

    controls: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Forget:
    """What was recorded within the last `minutes` is to be deleted."""

    minutes: int


class _Color(msgspec.Struct, frozen=True):
    r: Byte
    g: Byte
    b: Byte


class _Light(msgspec.Struct, frozen=True):
    """What Home Assistant's MQTT light sends in its JSON form; what it may add is passed over."""

    state: Literal["ON", "OFF"] = "ON"
    brightness: Byte | None = None
    color: _Color | None = None
    effect: Literal["mirror", "by hand"] | None = None


def understood(name: str, payload: bytes, now: Mapping[str, Any]) -> Change | Forget:
    """Return what a command asks. `now` is the mirror's snapshot.

    Raises ConfigError with a sentence that names what was expected.
    """
    if len(payload) > MAX_BYTES:
        raise ConfigError(f"expected at most {MAX_BYTES} bytes, not {len(payload)}")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise ConfigError("expected UTF-8 text") from None
    group, _, driver = name.partition("/")
    if group == "driver" and driver in now["controls"]["drivers"]:
        return Change({"drivers": {driver: _switch(text)}})
    if name not in _COMMANDS:
        raise ConfigError(f"no such command{nearest(name, list(_COMMANDS))}")
    return _COMMANDS[name](text, now)


def _switch(text: str) -> bool:
    if text.lower() not in _ON:
        raise ConfigError("expected ON or OFF")
    return _ON[text.lower()]


def _switched(key: str) -> Callable[[str, Mapping[str, Any]], Change]:
    return lambda text, _now: Change({key: _switch(text)})


def _share(key: str, most: int) -> Callable[[str, Mapping[str, Any]], Change]:
    def read(text: str, _now: Mapping[str, Any]) -> Change:
        try:
            value = float(text)
        except ValueError:
            raise ConfigError(f"expected a number of 0..{most} (per cent)") from None
        if not 0 <= value <= most:  # NaN is not either
            raise ConfigError(f"expected a number of 0..{most} (per cent)")
        return Change({key: value / 100})

    return read


def _mode(text: str, _now: Mapping[str, Any]) -> Change:
    if text not in MODES:
        raise ConfigError(f"expected one of {', '.join(MODES)}")
    return Change({"mode": text})


def _hand(text: str, _now: Mapping[str, Any]) -> Change:
    if text == NO_HAND:
        return Change({"hand": None})
    if text not in MOODS:
        raise ConfigError(f"expected one of {', '.join((NO_HAND, *MOODS))}")
    return Change({"hand": {mood: float(mood == text) for mood in MOODS}})


def _guide(_text: str, _now: Mapping[str, Any]) -> Change:
    return Change({"mode": "guide", "goal": "calm", "hand": None})


def _forget(_text: str, _now: Mapping[str, Any]) -> Forget:
    return Forget(60)


def _light(text: str, now: Mapping[str, Any]) -> Change:
    """A colour or a brightness is kept by hand; plain ON, or the effect "mirror", ends that."""
    try:
        asked = convert(msgspec.json.decode(text), _Light, "light")
    except (msgspec.DecodeError, RecursionError):
        raise ConfigError('expected JSON such as {"state": "ON", "brightness": 128}') from None
    if asked.state == "OFF":
        return _held(_color_now(now), 0.0)
    by_hand = asked.brightness is not None or asked.color or asked.effect == BY_HAND
    if asked.effect == FOLLOW or not by_hand:
        return _held(None, None)
    share = now["environment"]["lighting_intensity"]
    share = share if asked.brightness is None else asked.brightness / 255
    color = _hex(asked.color) if asked.color else _color_now(now)
    return _held(color, share)


def _held(color: str | None, brightness: float | None) -> Change:
    return Change({"held": {"color": color, "brightness": brightness}})


def _color_now(now: Mapping[str, Any]) -> str:
    return str(now["environment"]["lighting_color"])


def _hex(color: _Color) -> str:
    return f"#{color.r:02X}{color.g:02X}{color.b:02X}"


_COMMANDS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Change | Forget]]] = {
    "camera": _switched("camera"),
    "room": _switched("room"),
    "mute": _switched("mute"),
    "mode": _mode,
    "hand": _hand,
    "brightness_cap": _share("brightness_cap", 100),
    "volume_cap": _share("volume_cap", 30),
    "light": _light,
    "guide_to_calm": _guide,
    "forget_hour": _forget,
}
COMMANDS: Final = tuple(_COMMANDS)
