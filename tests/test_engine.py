"""The heart: messages of the vision process in, wishes and records out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mirrord.config import Config, parse
from mirrord.controls import Controls, Hand, Holding, restored
from mirrord.correction import Correction, fit
from mirrord.engine import Engine
from mirrord.errors import ConfigError
from mirrord.model import EXPRESSIONS, MOODS, Environment, Measured, Reading
from mirrord.wire import CameraSeen, FaceSeen, FrameSeen, VisionHealth

HAND = Hand(joy=0.0, calm=0.9, energy=0.0, melancholy=0.0)


@dataclass
class Wishes:
    """A room that only remembers what it was asked."""

    wishes: list[Environment] = field(default_factory=list)
    sensors: Measured = field(default_factory=Measured)

    def wish(self, environment: Environment) -> None:
        self.wishes.append(environment)

    def measured(self) -> Measured:
        return self.sensors


@dataclass
class Notes:
    """A record that is a list."""

    events: list[tuple[Any, ...]] = field(default_factory=list)

    def start_session(self, session_id: str, at: datetime) -> None:
        self.events.append(("start", session_id))

    def end_session(self, session_id: str, at: datetime) -> None:
        self.events.append(("end", session_id))

    def add_reading(
        self, session_id: str, reading: Reading, environment: Environment | None
    ) -> None:
        self.events.append(("reading", session_id, reading, environment))

    def log_mode(self, mode: str, goal: str, by_hand: bool) -> None:
        self.events.append(("mode", mode, goal, by_hand))

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        return [event for event in self.events if event[0] == kind]


class Scene:
    """An engine with a clock of its own."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        self.now_s = 1000.0
        self.changes = 0
        self.room, self.notes = Wishes(), Notes()
        config = parse(data or {}, "test.toml") if data else Config()
        self.engine = Engine(
            config, Controls(), self.room, self.notes, self._changed, lambda: self.now_s
        )

    def _changed(self) -> None:
        self.changes += 1

    def show(self, expression: str | None, seconds: float, confidence: float = 0.9) -> None:
        """Show a face with this expression, or nobody, ten times a second."""
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            faces = () if expression is None else (face(expression, confidence),)
            self.engine.take(FrameSeen(1, round(self.now_s * 1e9), 640, 480, faces))

    def wait(self, seconds: float) -> None:
        """Let time pass without frames."""
        for _ in range(round(seconds * 4)):
            self.now_s += 0.25
            self.engine.tick()


def face(expression: str, confidence: float) -> FaceSeen:
    shares = {one: 0.88 if one == expression else 0.02 for one in EXPRESSIONS}
    said = expression if confidence > 0.5 else "unsure"
    return FaceSeen(1, (100, 100, 200, 200), 0.9, "good", shares, said, confidence)


def test_a_happy_face_makes_a_joyful_room_a_session_and_a_reading_a_second():
    scene = Scene()
    scene.show("happy", 5)
    last = scene.room.wishes[-1]
    assert last.present
    assert last.visual_pattern == "flowing_waves"
    assert last.captured_ns == round(scene.now_s * 1e9) or last.captured_ns is not None
    assert len(scene.notes.of("start")) == 1
    assert len(scene.notes.of("reading")) == pytest.approx(5, abs=1)
    _, session, reading, environment = scene.notes.of("reading")[-1]
    assert reading.expression == "happy"
    assert reading.affect.dominant_emotion == "joy"
    assert environment.present
    assert session == scene.engine.sessions.current.id


def test_the_first_frame_is_answered_at_once():
    scene = Scene()
    scene.show("happy", 0.1)
    assert scene.room.wishes[-1].captured_ns == round(scene.now_s * 1e9)


def test_a_steady_face_sends_no_storm():
    scene = Scene()
    scene.show("happy", 10)
    before = len(scene.room.wishes)
    scene.show("happy", 10)
    assert len(scene.room.wishes) - before <= 1


def test_an_unsure_face_is_present_but_holds_the_mood_and_is_not_recorded():
    scene = Scene()
    scene.show("happy", 3)
    joyful, recorded = scene.engine.mood, len(scene.notes.of("reading"))
    scene.show("sad", 3, confidence=0.2)
    assert scene.engine.mood.affect == joyful.affect
    assert scene.engine.mood.present
    assert len(scene.notes.of("reading")) == recorded


def test_nobody_for_a_while_gives_the_room_back_and_ends_the_session():
    scene = Scene({"mood": {"grace_s": 4, "session_end_s": 30}})
    scene.show("happy", 2)
    scene.show(None, 5)
    assert not scene.room.wishes[-1].present
    assert not scene.notes.of("end")
    scene.show(None, 30)
    assert len(scene.notes.of("end")) == 1


def test_the_same_when_the_camera_falls_silent():
    scene = Scene({"mood": {"grace_s": 4, "session_end_s": 30}})
    scene.show("happy", 2)
    scene.engine.take(CameraSeen("stalled", "no frame for 5 s"))
    scene.wait(40)
    assert not scene.room.wishes[-1].present
    assert len(scene.notes.of("end")) == 1
    assert scene.engine.camera.state == "stalled"


def test_camera_off_forgets_everybody_at_once():
    scene = Scene()
    scene.show("happy", 2)
    scene.engine.take(CameraSeen("off"))
    assert scene.engine.source == "rest"
    assert scene.engine.frame is None
    assert scene.engine.expressions is None
    assert not scene.room.wishes[-1].present
    assert len(scene.notes.of("end")) == 1


def test_a_mood_by_hand_rules_until_it_is_given_back():
    scene = Scene()
    scene.show("happy", 2)
    scene.engine.set_controls(Controls(hand=HAND))
    assert scene.engine.source == "hand"
    assert scene.engine.mood.affect.dominant_emotion == "calm"
    calm = scene.room.wishes[-1].lighting_color
    scene.show("happy", 2)
    assert scene.room.wishes[-1].lighting_color == calm
    scene.engine.set_controls(Controls())
    assert scene.engine.mood.affect.dominant_emotion == "joy"


def test_a_mood_by_hand_needs_nobody():
    scene = Scene()
    scene.engine.set_controls(Controls(hand=HAND))
    scene.wait(2)
    assert scene.room.wishes[-1].present
    assert scene.notes.events == [("mode", "mirror", "calm", True)]


def test_a_guide_leads_to_the_goal_and_ends_when_a_person_takes_the_mood_in_hand():
    scene = Scene({"mirror": {"mode": "guide", "goal": "calm", "guide_s": 60}})
    scene.show("sad", 4)
    assert scene.engine.mood.affect.dominant_emotion == "melancholy"
    assert scene.engine.guide.stage == "meeting"
    scene.show("sad", 60)
    assert scene.engine.guide.stage == "there"
    assert scene.engine.mood.affect.dominant_emotion == "calm"
    assert scene.engine.seen_mood.affect.dominant_emotion == "melancholy"
    _, _, reading, _ = scene.notes.of("reading")[-1]
    assert reading.affect.dominant_emotion == "melancholy"  # records are of what was seen
    mirror = scene.engine._config.mirror
    taken = scene.engine.controls.changed({"hand": dict.fromkeys(MOODS, 0.2)}, mirror)
    scene.engine.set_controls(taken)
    assert (taken.mode, scene.engine.guide) == ("mirror", None)
    assert taken.changed({"mode": "guide"}, mirror).mode == "guide"


def test_a_guide_waits_while_the_room_is_paused():
    scene = Scene({"mirror": {"mode": "guide", "guide_s": 60}})
    scene.show("sad", 10)
    left_s = scene.engine.guide.seconds_left
    scene.engine.set_controls(Controls(room=False))
    scene.show("sad", 30)
    assert scene.engine.guide.seconds_left == left_s


def test_the_mode_changes_live_and_without_a_jump():
    scene = Scene()
    scene.show("sad", 5)
    sad = scene.engine.mood.affect
    scene.engine.set_controls(Controls(mode="counter"))
    assert abs(scene.engine.mood.affect.valence - sad.valence) < 0.05
    scene.show("sad", 6)
    assert scene.engine.mood.affect.valence > 0.4
    assert scene.engine.source == "camera"


def test_corrections_shift_what_is_seen_slowly_and_what_was_seen_is_remembered():
    scene = Scene()
    scene.show("sad", 3)
    sad = scene.engine.mood.affect
    seen = scene.engine.looks.at()
    assert max(seen, key=seen.get) == "sad"
    made = [Correction(str(at), datetime.now(UTC), seen, "neutral") for at in range(40)]
    scene.engine.set_calibration(fit(made))
    scene.show("sad", 0.1)
    assert abs(scene.engine.mood.affect.valence - sad.valence) < 0.05
    scene.show("sad", 5)
    assert sad.valence + 0.02 < scene.engine.mood.affect.valence < sad.valence + 0.3
    assert scene.engine.expressions["neutral"] > seen["neutral"]
    assert scene.engine.looks.at() == seen  # uncorrected
    _, _, reading, _ = scene.notes.of("reading")[-1]
    assert reading.expressions == scene.engine.expressions
    assert scene.engine.looks.at(datetime(2020, 1, 1, tzinfo=UTC)) is None
    scene.engine.take(CameraSeen("off"))
    assert scene.engine.looks.at() is None


def test_still_keeps_records_without_an_answer():
    scene = Scene()
    scene.engine.set_controls(Controls(mode="still"))
    scene.show("happy", 3)
    assert [environment for *_, environment in scene.notes.of("reading")] == [None] * 3


def test_mute_and_caps_reach_the_room_at_once():
    scene = Scene()
    scene.show("happy", 5)
    assert scene.room.wishes[-1].audio_volume > 0.05
    scene.engine.set_controls(Controls(mute=True, brightness_cap=0.2))
    assert scene.room.wishes[-1].audio_volume == 0
    assert scene.room.wishes[-1].lighting_intensity <= 0.2


def test_air_quality_is_the_sensors():
    scene = Scene()
    scene.show("happy", 1)
    assert scene.engine.environment.air_quality is None
    scene.room.sensors = Measured(air_quality="moderate")
    scene.show("happy", 1)
    assert scene.engine.environment.air_quality == "moderate"


def test_health_is_kept_and_every_message_is_a_change():
    scene = Scene()
    health = VisionHealth(10, 30, 17, 3, "face", "normal", "fused", 70.0)
    scene.engine.take(health)
    assert scene.engine.health == health
    assert scene.changes == 1


def test_closing_ends_the_session():
    scene = Scene()
    scene.show("happy", 1)
    scene.engine.close()
    assert len(scene.notes.of("end")) == 1


def test_controls_merge_and_refuse_nonsense():
    controls = Controls(drivers={"hue": True, "audio": True})
    assert controls.changed({"drivers": {"hue": False}}).drivers == {"hue": False, "audio": True}
    by_hand = controls.changed({"hand": dict.fromkeys(MOODS, 0.5)})
    assert by_hand.hand is not None
    assert by_hand.changed({"hand": None}).hand is None
    with pytest.raises(ConfigError, match="control"):
        controls.changed({"camera": "yes"})
    with pytest.raises(ConfigError, match="mode"):
        controls.changed({"mode": "sideways"})
    assert controls.changed({"mode": "guide", "goal": "joy"}).changed({"goal": None}).goal is None


def test_saved_controls_come_back_and_damaged_ones_do_not():
    room = Config().room
    drivers = {"hue": True, "audio": False}
    saved = {"camera": False, "drivers": {"hue": False, "gone": True}}
    back = restored(saved, room, drivers)
    assert (back.camera, back.drivers) == (False, {"hue": False, "audio": False})
    for damaged in (None, 3, {"camera": "yes"}, {"unknown": 1}, {"hand": {"joy": 1}}):
        assert restored(damaged, room, drivers) == Controls(drivers=drivers)


def test_a_persons_caps_stay_within_the_settings():
    room = parse({"room": {"volume_cap": 0.1, "brightness_cap": 0.5}}, "test.toml").room
    limits = Controls(volume_cap=0.3, brightness_cap=1.0).limits(room)
    assert (limits.volume_cap, limits.brightness_cap) == (0.1, 0.5)


def test_what_is_held_by_hand_stays_and_the_rest_follows():
    scene = Scene()
    scene.engine.set_controls(Controls().changed({"held": {"color": "#FF0000"}}))
    scene.show("happy", 8)
    free = scene.engine.environment.lighting_intensity
    assert scene.engine.environment.lighting_color == "#FF0000"
    scene.engine.set_controls(scene.engine.controls.changed({"held": {"brightness": 0.1}}))
    scene.show("happy", 8)
    assert scene.engine.environment.lighting_color == "#FF0000"
    assert scene.engine.environment.lighting_intensity == pytest.approx(0.1, abs=0.01) != free
    scene.engine.set_controls(scene.engine.controls.changed({"held": {"color": None}}))
    scene.show("happy", 8)
    assert scene.engine.environment.lighting_color != "#FF0000"


def test_a_device_is_held_and_weakened_by_itself():
    scene = Scene()
    change = {"devices": {"lamp-1": {"color": "#00FF00"}}, "gains": {"lamp-2": 0.5}}
    scene.engine.set_controls(Controls().changed(change))
    scene.show("happy", 1)
    last = scene.room.wishes[-1]
    assert last.wish_for("lamp-1").color == "#00FF00"
    assert last.wish_for("lamp-2").gain == 0.5
    assert last.wish_for("lamp-3").gain == 1.0
    scene.engine.set_controls(scene.engine.controls.changed({"devices": {"lamp-1": None}}))
    scene.show("happy", 1)
    assert scene.room.wishes[-1].wish_for("lamp-1").color is None
    assert scene.room.wishes[-1].wish_for("lamp-2").gain == 0.5


def test_what_is_held_ends_with_presence_or_after_a_while():
    held = Controls().changed({"held": {"volume": 0.1}})
    holding = Holding()
    assert not holding.is_over(Controls(), False, 0.0, 60.0)
    assert not holding.is_over(held, True, 0.0, 60.0)
    assert not holding.is_over(held, True, 59.0, 60.0)
    assert holding.is_over(held, True, 60.0, 60.0)
    touched = held.changed({"held": {"volume": 0.2}})
    assert not holding.is_over(touched, True, 61.0, 60.0)
    assert holding.is_over(touched, False, 62.0, 60.0)


def test_what_is_held_does_not_outlive_a_restart_but_gains_do():
    kept = Controls().changed({"held": {"volume": 0.1}, "gains": {"lamp-2": 0.5}})
    again = restored(msgspec.to_builtins(kept), Config().room, {})
    assert again.held.volume is None
    assert again.gains == {"lamp-2": 0.5}
