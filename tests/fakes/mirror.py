"""A mirror without a camera: the other side of the page's protocol, with a plausible life.

`python -m tests.fakes.mirror --port 8080` serves the real page over it.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec

from mirrord.colour_word import colour_word, is_pale
from mirrord.errors import ConfigError
from mirrord.model import EXPRESSIONS, Measured, Mood
from mirrord.modes import Aim, Progress
from mirrord.mood import affect_at, affect_by_hand
from mirrord.response import respond
from mirrord.updates import Standing
from mirrord.web import make_app, serve
from mirrord.why.chain import reason_of

# One place of the plane for each pattern, and the expression that is seen there.
SCENES: dict[str, tuple[float, float, str, float]] = {
    "joy": (0.78, 0.46, "happy", 0.93),
    "calm": (0.46, -0.58, "neutral", 0.71),
    "energy": (-0.12, 0.82, "surprise", 0.78),
    "melancholy": (-0.66, -0.42, "sad", 0.66),
    "neutral": (0.04, -0.03, "neutral", 0.84),
    "unsure": (0.18, 0.05, "unsure", 0.31),
}
_HALF = Progress("leading", "calm", 10, 20, 0.5, 300.0)
STEP_S = 0.1
SCENE_S = 9.0


class FakeMirror:
    """Implements `mirrord.web.Mirror`; tests set `scene`, or change any part with `change`."""

    def __init__(self, scene: str = "joy") -> None:
        self._news = asyncio.Condition()
        self.asked: list[dict[str, Any]] = []
        self.refuse: str | None = None
        self._state = _first_state()
        self._place = (0.0, 0.0)
        self._set_scene(scene)

    def state(self) -> dict[str, Any]:
        return {**self._state, "time": datetime.now(UTC).isoformat()}

    async def wait_change(self, after: int) -> int:
        async with self._news:
            await self._news.wait_for(lambda: self._state["rev"] > after)
            return int(self._state["rev"])

    async def control(self, change: dict[str, Any]) -> None:
        if self.refuse:
            raise ConfigError(self.refuse)
        self.asked.append(change)
        controls = copy.deepcopy(self._state["controls"])
        for name, value in change.items():
            if isinstance(controls[name], dict) and name != "hand":
                controls[name].update(value)
            else:
                controls[name] = value
        self._state["controls"] = controls
        self._obey()
        await self._tell()

    async def change(self, **parts: Any) -> None:
        """Replace top-level parts of the state."""
        self._state.update(copy.deepcopy(parts))
        await self._tell()

    async def show(self, scene: str) -> None:
        """Stand still at one of `SCENES`, or `nobody`."""
        self._set_scene(scene)
        await self._tell()

    async def play(self, first: str = "joy") -> None:
        """Wander from scene to scene for ever."""
        names = list(SCENES)
        at = names.index(first)
        while True:
            target = SCENES[names[at % len(names)]]
            for step in range(int(SCENE_S / STEP_S)):
                self._wander(target, step)
                await self._tell()
                await asyncio.sleep(STEP_S)
            at += 1

    def _wander(self, target: tuple[float, float, str, float], step: int) -> None:
        valence, arousal, expression, confidence = target
        sway = 0.05 * math.sin(step / 5), 0.06 * math.cos(step / 7)
        x, y = self._place
        self._place = x + 0.06 * (valence + sway[0] - x), y + 0.06 * (arousal + sway[1] - y)
        self._see(Mood(affect_at(*self._place), expression, confidence, 1, present=True))

    def _set_scene(self, scene: str) -> None:
        if scene == "nobody":
            self._see(Mood(affect_at(0, 0), "unsure", 0.0, 0, present=False))
            return
        valence, arousal, expression, confidence = SCENES[scene]
        self._place = valence, arousal
        self._see(Mood(affect_at(valence, arousal), expression, confidence, 1, present=True))

    def _see(self, mood: Mood) -> None:
        state = self._state
        hand = state["controls"]["hand"]
        seen = mood.present and state["controls"]["camera"]
        state["faces"] = [_face(mood)] if seen else []
        state["expressions"] = _shares(mood) if seen else None
        if not state["controls"]["camera"] and hand is None:
            mood = Mood(affect_at(0, 0), "unsure", 0.0, 0, present=False)
        affect = affect_by_hand(**hand) if hand else mood.affect
        source = "hand" if hand else "camera" if mood.present else "rest"
        present = mood.present or hand is not None
        self._respond(Mood(affect, mood.expression, mood.confidence, mood.people, present), source)

    def _respond(self, mood: Mood, source: str) -> None:
        state, affect = self._state, mood.affect
        state["mood"] = {
            **asdict(affect),
            "dominant_emotion": affect.dominant_emotion,
            "emotion_intensity": affect.emotion_intensity,
            "expression": mood.expression,
            "confidence": mood.confidence,
            "present": mood.present,
            "people": mood.people,
            "source": source,
        }
        environment = asdict(respond(mood, Measured(air_quality="good")))
        cap = state["controls"]["brightness_cap"]
        environment["lighting_intensity"] = min(environment["lighting_intensity"], cap)
        state["environment"] = environment
        state["mode"] = state["controls"]["mode"] or "mirror"
        state["goal"] = state["controls"]["goal"] or "calm"
        state["guide"] = asdict(_HALF) if state["mode"] == "guide" else None
        by_hand, aim = source == "hand", Aim(state["mode"], state["goal"])
        reason = reason_of(mood, aim, _HALF, by_hand=by_hand)
        light = environment["lighting_color"]
        state["why"] = {"reason": reason, "colour": colour_word(light), "pale": is_pale(light)}
        for driver in state["drivers"]:
            _follow(driver, environment, state["controls"])

    def _obey(self) -> None:
        controls, state = self._state["controls"], self._state
        state["camera"]["state"] = "open" if controls["camera"] else "off"
        for driver in state["drivers"]:
            driver["enabled"] = controls["drivers"][driver["name"]]
            going = driver["enabled"] and controls["room"]
            driver["state"] = "ready" if going else ("off" if controls["room"] else "paused")
        valence, arousal = self._place
        self._see(Mood(affect_at(valence, arousal), "happy", 0.9, 1, present=True))

    async def _tell(self) -> None:
        async with self._news:
            self._state["rev"] += 1
            self._news.notify_all()


def _face(mood: Mood) -> dict[str, Any]:
    return {
        "track": 1,
        "box": [220, 110, 190, 230],
        "expression": mood.expression,
        "confidence": mood.confidence,
        "quality": "good",
    }


def _shares(mood: Mood) -> dict[str, float]:
    rest = (1 - mood.confidence) / len(EXPRESSIONS)
    shares = {name: rest * (0.6 + 0.13 * at) for at, name in enumerate(EXPRESSIONS)}
    if mood.expression in shares:
        shares[mood.expression] += mood.confidence
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _follow(driver: dict[str, Any], environment: dict[str, Any], controls: dict[str, Any]) -> None:
    going = driver["state"] == "ready" and environment["present"]
    for device in driver["devices"]:
        values = device["values"]
        if device["kind"] == "lamp" and values["reachable"]:
            dimmer = 1.0 - 0.18 * int(device["id"])
            values["on"] = going
            values["color"] = environment["lighting_color"] if going else "#FFD9A8"
            values["brightness"] = environment["lighting_intensity"] * dimmer if going else 0.0
        elif device["kind"] == "speaker":
            values["playing"] = going and not controls["mute"]
            values["volume"] = min(environment["audio_volume"], controls["volume_cap"])
        elif device["kind"] == "thermostat":
            values["setpoint_c"] = round(2 * environment["temperature_c"]) / 2 if going else 21.0
        elif device["kind"] == "humidifier":
            values["target_pct"] = round(environment["humidity_pct"])
            values["on"] = going and values["target_pct"] > values["measured_pct"]


def _device(identifier: str, kind: str, name: str, **values: Any) -> dict[str, Any]:
    return {"id": identifier, "kind": kind, "name": name, "values": values}


def _lamp(identifier: str, name: str, reachable: bool = True) -> dict[str, Any]:
    return _device(
        identifier, "lamp", name, on=False, color="#FFD9A8", brightness=0.0, reachable=reachable
    )


def _driver(name: str, title: str, devices: list[dict[str, Any]], p99: float) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "enabled": True,
        "state": "ready",
        "error": None,
        "applied_at": datetime.now(UTC).isoformat(),
        "latency_ms": {"p50": p99 / 3, "p99": p99},
        "devices": devices,
    }


def _drivers() -> list[dict[str, Any]]:
    lamps = [
        _lamp("0", "Window"),
        _lamp("1", "Reading lamp"),
        _lamp("2", "Shelf"),
        _lamp("3", "Corner"),
        _lamp("4", "Hallway", reachable=False),
    ]
    speaker = _device("speaker", "speaker", "Living room", playing=True, volume=0.1, device="HiFi")
    climate = [
        _device(
            "t",
            "thermostat",
            "Living room",
            setpoint_c=22,
            measured_c=21.3,
            mode="heat",
            held=False,
        ),
        _device("h", "humidifier", "Humidifier", on=True, target_pct=45, measured_pct=41),
        _device("s", "sensor", "Air", temperature_c=21.3, humidity_pct=41, air_quality="good"),
    ]
    return [
        _driver("hue", "Philips Hue", lamps, 24.0),
        _driver("audio", "Sound", [speaker], 3.1),
        _driver("thermostat", "Thermostat", climate, 11.8),
    ]


def _first_state() -> dict[str, Any]:
    return {
        "v": 1,
        "rev": 1,
        "name": "Mirror",
        "version": "0.1.0",
        "demo": True,
        "locale": "auto",
        "camera": {"state": "open", "detail": "", "source": "clip"},
        "vision": {
            "fps": 9.8,
            "read_fps": 24.9,
            "detect_ms": 7.4,
            "classify_ms": 6.1,
            "pace": "face",
            "detector": "normal",
            "model": "fused",
            "memory_mb": 74.0,
            "cpu_temp_c": None,
            "protections": ["no-network", "no-writing"],
        },
        "frame": {"width": 640, "height": 480},
        "faces": [],
        "expressions": None,
        "mode": "mirror",
        "goal": "calm",
        "guide": None,
        "corrections": 0,
        "why": None,
        "mood": None,
        "environment": None,
        "measured": {"temperature_c": 21.3, "humidity_pct": 41.0, "air_quality": "good"},
        "drivers": _drivers(),
        "controls": {
            "camera": True,
            "room": True,
            "mute": False,
            "brightness_cap": 1.0,
            "volume_cap": 0.3,
            "drivers": {"hue": True, "audio": True, "thermostat": True},
            "hand": None,
            "held": {"color": None, "brightness": None, "volume": None, "temperature_c": None},
            "devices": {},
            "gains": {},
            "mode": None,
            "goal": None,
        },
        "health": {"state": "green", "troubles": []},
        "session": {"id": "s", "started": "2026-01-01T10:00:00+00:00", "seconds": 754.0},
        "store": {"state": "ok", "detail": "", "bytes": 1_482_752, "readings": 5210},
        "hub": {"state": "off", "where": "", "error": ""},
        "updates": msgspec.to_builtins(Standing()),
        "latency": {"p50_ms": 21.0, "p99_ms": 43.0},
    }


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--scene", default="", help="stand still at: " + ", ".join(SCENES))
    asked = parser.parse_args()
    mirror = FakeMirror(asked.scene or "joy")
    async with serve(make_app(mirror), "127.0.0.1", asked.port) as address:
        print(address, flush=True)
        if asked.scene:
            await asyncio.Event().wait()
        await mirror.play()


if __name__ == "__main__":
    asyncio.run(_main())
