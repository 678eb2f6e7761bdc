"""One light and its clock: lost commands, held traits, silence, putting back. No broker."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mirrord.testing import BRIGHT, DIM
from mirrord_hub_entities.light import Light
from mirrord_hub_entities.settings import LightSettings

GONE = replace(BRIGHT, present=False)


class Strip:
    """An ESPHome light that does as it is told, unless it is deaf."""

    def __init__(self, hold_s: float = 100.0, memory: dict[str, Any] | None = None) -> None:
        self.memory: dict[str, Any] = {} if memory is None else memory
        self.light = Light(LightSettings("esphome", "den/light/strip"), self.memory, hold_s)
        self.body: dict[str, Any] = {"state": "ON", "brightness": 100}
        self.body["color"] = {"r": 255, "g": 0, "b": 0}
        self.sent: list[dict[str, Any]] = []
        self.deaf = False
        self.now = 1000.0
        self.light.poll(self.now)

    def report(self, **changes: Any) -> None:
        self.body |= changes
        payload = json.dumps(self.body).encode()
        self.light.hear("den/light/strip/state", payload, self.now)

    def goes_on(self, seconds: float, wish: Any = DIM) -> None:
        """Live on for a while, with an apply and a report every half second."""
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            for message in self.light.steer(wish, self.now):
                self.sent.append(json.loads(message.payload))
                if not self.deaf:
                    self.body |= self.sent[-1]
            self.now += 0.001
            self.report()

    def value(self, key: str) -> Any:
        return self.light.device(self.now).values[key]


def test_a_lost_command_is_repeated_once_and_is_no_hand():
    strip = Strip()
    strip.deaf = True
    strip.report()
    strip.goes_on(30)
    assert len(strip.sent) == 2
    assert strip.value("held") is False


def test_what_a_person_changes_is_held_for_its_time_and_then_follows():
    strip = Strip(hold_s=60.0)
    strip.report()
    strip.goes_on(10)
    dim = dict(strip.body)
    strip.report(color={"r": 0, "g": 255, "b": 0})
    strip.goes_on(50)
    assert strip.value("held") is True
    assert strip.body["color"] == {"r": 0, "g": 255, "b": 0}
    strip.goes_on(15)
    assert strip.value("held") is False
    assert strip.body["color"] == dim["color"]


def test_held_ends_with_presence_and_the_hand_s_choice_stays():
    strip = Strip()
    strip.report()
    strip.goes_on(10)
    strip.report(brightness=222)
    strip.goes_on(5)
    assert strip.value("held") is True
    strip.goes_on(10, GONE)
    assert strip.value("held") is False
    assert (strip.body["brightness"], strip.body["color"]["r"]) == (222, 255)
    assert strip.memory == {}


def test_a_silent_light_is_left_alone_and_said():
    strip = Strip()
    for _ in range(40):
        strip.now += 0.5
        assert strip.light.steer(DIM, strip.now) == ()
    assert "has not told its state" in strip.value("problem")
    strip.report()
    assert strip.value("problem") is None


def test_one_that_does_not_go_back_is_tried_twice():
    strip = Strip()
    strip.report()
    strip.goes_on(10)
    strip.deaf, before = True, len(strip.sent)
    strip.goes_on(60, GONE)
    assert len(strip.sent) == before + 2


def test_damaged_memory_is_as_none():
    for damaged in (None, 7, {"on": "yes"}, {"brightness": 1.0}, [], {"on": None}):
        strip = Strip(memory={"light:den/light/strip": damaged})
        strip.report()
        strip.goes_on(2)
        assert strip.memory["light:den/light/strip"]["color"] == "#FF0000"
