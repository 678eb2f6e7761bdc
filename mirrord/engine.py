"""The heart: what the camera saw becomes a mood, the mood a wish for the room, both a record."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from mirrord.colour import to_lab
from mirrord.config import Config
from mirrord.controls import Controls
from mirrord.correction import Calibration
from mirrord.looks import Looks, corrected
from mirrord.model import UNSURE, Affect, Environment, Measured, ModeName, Mood, MoodName, Reading
from mirrord.modes import Aim, Director, Progress, answers
from mirrord.mood import REST, MoodTracker, affect_of
from mirrord.response import respond
from mirrord.runtime import wall
from mirrord.safety import Governor
from mirrord.session import Began, Ended, SessionKeeper
from mirrord.wire import CameraSeen, FaceSeen, FrameSeen, Message, VisionHealth

# Smaller differences than these are not worth a command to a lamp at once ...
_COLOUR_STEP = 0.01  # OKLab distance; about half of what is just noticed
_STEP = 0.01  # of a 0..1 value
# ... but after this long they are sent all the same, so that the room arrives.
_SETTLE_S = 1.0
_STALE_S = 1.0


class Record(Protocol):
    """Where sessions and readings go."""

    def start_session(self, session_id: str, at: datetime) -> None: ...
    def end_session(self, session_id: str, at: datetime) -> None: ...
    def add_reading(
        self, session_id: str, reading: Reading, environment: Environment | None
    ) -> None: ...
    def log_mode(self, mode: ModeName, goal: MoodName, by_hand: bool) -> None: ...


class Room(Protocol):
    """Who brings the wish to the devices."""

    def wish(self, environment: Environment) -> None: ...
    def measured(self) -> Measured: ...


class Engine:
    """Takes in messages of the vision process and ticks of the clock; nothing here waits.

    `changed` is called after whatever a page might want to show. Times of moods are those of the
    frames (CLOCK_MONOTONIC), so that a slow moment of this process distorts nothing.
    """

    def __init__(
        self,
        config: Config,
        controls: Controls,
        room: Room,
        record: Record,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._room = room
        self._record = record
        self._changed = changed
        self._clock = clock
        self._tracker = MoodTracker(config.mood)
        self._director = Director()
        self._governor = Governor()
        self._stored_s: dict[int, float] = {}
        self._wished_s = -math.inf
        self._wished: Environment | None = None
        self._frame_s = -math.inf
        self.sessions = SessionKeeper(config.mood.session_end_s)
        self.controls = controls
        self.camera = CameraSeen("opening" if controls.camera else "off")
        self.health: VisionHealth | None = None
        self.frame: FrameSeen | None = None
        self.expressions: Mapping[str, float] | None = None
        self.calibration = Calibration()
        self.looks = Looks()
        self._mode: tuple[ModeName, MoodName, bool] | None = None  # as it was last noted
        self.seen_mood = REST
        self._led_mood = REST
        self.environment = self._govern(REST, None)

    @property
    def mood(self) -> Mood:
        """The mood that the room answers to: by hand, or what the mode makes of the one seen."""
        affect = self.controls.affect()
        if affect is None:
            return self._led_mood
        return replace(self.seen_mood, affect=affect, confidence=1.0, present=True)

    @property
    def config(self) -> Config:
        """The settings that it goes by."""
        return self._config

    @property
    def aim(self) -> Aim:
        """What the room is to do."""
        return self.controls.aim(self._config.mirror)

    @property
    def guide(self) -> Progress | None:
        """How far the guide has led; None in the other modes."""
        return self._director.progress

    @property
    def source(self) -> str:
        """Where the mood comes from: "hand", "camera" or "rest"."""
        if self.controls.hand is not None:
            return "hand"
        return "camera" if self.seen_mood.present else "rest"

    def foresee(self, affect: Affect) -> Environment:
        """Return the room that a mood would ask for, within the person's caps; nothing changes."""
        mood = Mood(affect, UNSURE, confidence=1.0, people=1, present=True)
        wish = respond(mood, self._room.measured(), self._config.room.comfort_c)
        limits = self.controls.limits(self._config.room)
        return replace(
            wish,
            lighting_intensity=min(wish.lighting_intensity, limits.brightness_cap),
            audio_volume=min(wish.audio_volume, limits.volume_cap),
        )

    def take(self, message: Message) -> None:
        """Take in one message of the vision process."""
        if isinstance(message, FrameSeen):
            self._see(message)
        elif isinstance(message, CameraSeen):
            self.camera = message
            if message.state == "off":
                self._look_away()
        else:
            self.health = message
        self._changed()

    def set_controls(self, controls: Controls) -> None:
        """Answer to a person at once."""
        self.controls = controls
        self._answer(self._clock(), None)
        self._changed()

    def change(self, config: Config) -> None:
        """Go on with other settings, from the same mood, and answer to them at once."""
        self._config = config
        self._tracker.change(config.mood)
        self.sessions.change(config.mood.session_end_s)
        self.set_controls(self.controls)

    def set_calibration(self, calibration: Calibration) -> None:
        """Judge by these corrections from now on; the mood's smoothing makes it a slow change."""
        self.calibration = calibration
        self._changed()

    def tick(self) -> None:
        """Let time pass: ramps go on, presence ends, whether or not there are frames."""
        now_s = self._clock()
        if now_s - self._frame_s < _STALE_S:
            return
        before = self.seen_mood, self.environment
        self.seen_mood = self._tracker.at(now_s)
        if not self.seen_mood.present:
            self.frame, self.expressions = None, None
        self._answer(now_s, None)
        if (self.seen_mood, self.environment) != before:
            self._changed()

    def close(self) -> None:
        """End the session that is open."""
        self._note(self.sessions.end(self._clock(), wall.now()))

    def _see(self, frame: FrameSeen) -> None:
        now_s = min(self._clock(), frame.captured_ns / 1e9)
        self._frame_s = now_s
        self.looks.take(frame, now_s)
        frame = corrected(frame, self.calibration)
        self.frame = frame
        readings = [self._reading(face) for face in frame.faces if face.expressions is not None]
        self.seen_mood = self._tracker.see(readings, len(frame.faces), now_s)
        best = max(readings, key=lambda reading: reading.confidence, default=None)
        self.expressions = best.expressions if best else None
        self._answer(now_s, frame.captured_ns)
        for reading in readings:
            self._store(reading, now_s)

    def _reading(self, face: FaceSeen) -> Reading:
        shares = face.expressions or {}
        affect = affect_of(shares, self._config.mood.table)
        return Reading(wall.now(), face.track, shares, face.expression, face.confidence, affect)

    def _look_away(self) -> None:
        """Forget everybody at once: the person has switched the camera off."""
        self._tracker = MoodTracker(self._config.mood)
        self.seen_mood, self.frame, self.expressions, self.health = REST, None, None, None
        self.looks.clear()
        self._note(self.sessions.end(self._clock(), wall.now()))
        self._answer(self._clock(), None)

    def _answer(self, now_s: float, captured_ns: int | None) -> None:
        self._note(self.sessions.update(self.seen_mood.present, now_s, wall.now()))
        self._note_mode()
        going = self.controls.room and self.controls.hand is None
        self._led_mood = self._director.show(self.seen_mood, self.aim, now_s, going)
        self.environment = self._govern(self.mood, captured_ns)
        if self._worth_sending(now_s):
            self._wished, self._wished_s = self.environment, now_s
            self._room.wish(self.environment)

    def _govern(self, mood: Mood, captured_ns: int | None) -> Environment:
        measured = self._room.measured()
        wish = respond(mood, measured, self._config.room.comfort_c)
        wish = self.wished = self.controls.within(wish)
        limits = self.controls.limits(self._config.room)
        governed = self._governor.govern(wish, limits, self._clock(), measured.humidity_pct)
        return replace(governed, captured_ns=captured_ns)

    def _worth_sending(self, now_s: float) -> bool:
        last = self._wished
        if last is None or _differ(last, self.environment):
            return True
        same = replace(self.environment, captured_ns=None) == replace(last, captured_ns=None)
        return not same and now_s - self._wished_s >= _SETTLE_S

    def _store(self, reading: Reading, now_s: float) -> None:
        session = self.sessions.current
        every_s = self._config.store.every_s
        if session is None or reading.expression == UNSURE:
            return
        if now_s - self._stored_s.get(reading.track, -math.inf) < every_s:
            return
        if len(self._stored_s) > 100:
            self._stored_s.clear()
        self._stored_s[reading.track] = now_s
        answer = self.environment if answers(self.aim.mode) else None
        self._record.add_reading(session.id, reading, answer)

    def _note_mode(self) -> None:
        mode = self.aim.mode, self.aim.goal, self.controls.hand is not None
        if mode != self._mode:
            self._mode = mode
            self._record.log_mode(*mode)

    def _note(self, event: Began | Ended | None) -> None:
        if isinstance(event, Began):
            self._record.start_session(event.session.id, event.session.started)
        elif isinstance(event, Ended):
            self._record.end_session(event.session.id, event.at)


def _differ(one: Environment, other: Environment) -> bool:
    """Return whether a person could notice the difference."""
    if one.devices != other.devices:
        return True
    if one.present != other.present or one.temperature_c != other.temperature_c:
        return True
    if one.humidity_pct != other.humidity_pct or one.transition_s != other.transition_s:
        return True
    if math.dist(to_lab(one.lighting_color), to_lab(other.lighting_color)) > _COLOUR_STEP:
        return True
    pairs = (
        (one.lighting_intensity, other.lighting_intensity),
        (one.audio_volume, other.audio_volume),
        (one.audio_major, other.audio_major),
        (one.audio_tempo_bpm / 140, other.audio_tempo_bpm / 140),
    )
    return any(abs(first - second) > _STEP for first, second in pairs)
