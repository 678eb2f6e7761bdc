"""What the room does with a mood: shows it, opposes it, leads it, or nothing. Pure.

Every mode is a place of the valence-arousal plane that depends continuously on the place that is
seen, and a change of mode is a crossfade: nothing jumps. The governor still has the last word.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Final, Literal

from mirrord.model import Affect, ModeName, Mood, MoodName
from mirrord.mood import CENTRES, affect_at

Stage = Literal["waiting", "meeting", "leading", "there"]

# How long a change of mode takes to show: twice the fade that most people accept (Chraibi 2019).
CHANGE_S: Final = 4.0
# The share of the whole time in which a guide only shows the mood that is there.
MEETING: Final = 0.1
# A step of a twentieth changes brightness by less than the 7.4 % that is just noticed (Hu & Davis
# 2016), wherever the guide comes from.
STEPS: Final = 20
_STEP_S: Final = 4.0
# Valence over which opposing sets in, so that a face about neutral does not flicker between both.
_OPPOSING: Final = 0.5
# Who comes back sooner is led on from where they were; later, a guide begins with the meeting.
_AFRESH_S: Final = 120.0
# A machine that slept has not led anybody meanwhile.
_LONGEST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Aim:
    """What the room is to do; `goal` and `guide_s` (seconds to the goal) matter to a guide."""

    mode: ModeName = "mirror"
    goal: MoodName = "calm"
    guide_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a guide has come: `step` of `steps` begun, `share` 0..1 of the way done."""

    stage: Stage
    goal: MoodName
    step: int
    steps: int
    share: float
    seconds_left: float


def answers(mode: ModeName) -> bool:
    """Tell whether devices follow at all: `still` only keeps records."""
    return mode != "still"


def opposed(affect: Affect) -> Affect:
    """Return the opposite of an unpleasant mood; a pleasant one as it is.

    Sad becomes gently cheerful, angry and afraid become calm: the point across the centre of the
    circumplex (Russell 1980). Valence is mirrored at 0; arousal turns round gradually over the
    first half of displeasure, so that the whole is continuous (no more than 5 times steeper).
    """
    turned = min(1.0, max(0.0, -affect.valence) / _OPPOSING)
    if turned == 0:
        return affect
    return affect_at(abs(affect.valence), affect.arousal * (1 - 2 * turned))


def guided(affect: Affect, goal: MoodName, share: float) -> Affect:
    """Return the point `share` (0..1) of the way from the mood that is seen to the goal."""
    place = CENTRES[goal]
    return affect_at(
        affect.valence + share * (place[0] - affect.valence),
        affect.arousal + share * (place[1] - affect.arousal),
    )


def led(elapsed_s: float, guide_s: float) -> tuple[int, float]:
    """Return the step that has begun (0 while meeting) and the share of the way done, 0..1.

    The iso-principle: meet the mood first, then move in small steps (Starcke et al. 2021). Each
    step is a ramp of a few seconds and then a rest, so the share never jumps.
    """
    meeting_s = MEETING * guide_s
    step_s = (guide_s - meeting_s) / STEPS
    done, within_s = divmod(max(0.0, elapsed_s - meeting_s), step_s)
    if done >= STEPS:
        return STEPS, 1.0
    ramp = min(1.0, within_s / min(_STEP_S, step_s))
    return (int(done) + 1 if elapsed_s > meeting_s else 0), (done + ramp) / STEPS


class Director:
    """Turns the mood that is seen into the mood that the room shows, in time."""

    def __init__(self) -> None:
        self._aim = Aim()
        self._shown: Affect | None = None
        self._before: Affect | None = None  # what was shown when the aim changed
        self._changing_s = CHANGE_S
        self._led_s = 0.0
        self._absent_s = 0.0
        self._now_s: float | None = None

    def show(self, seen: Mood, aim: Aim, now_s: float, going: bool = True) -> Mood:
        """Return the mood for the room at `now_s` (monotonic seconds).

        `going` is False while the room does not follow (paused, or set by hand): a guide waits.
        It waits for who leaves, too, and begins anew once nobody was there for two minutes.
        """
        passed_s = self._passed(now_s)
        if aim != self._aim:
            self._before, self._changing_s, self._led_s = self._shown, 0.0, 0.0
            self._aim, passed_s = aim, 0.0  # what has passed belongs to the aim before
        if not seen.present:
            self._leave(passed_s)
            return seen
        self._absent_s = 0.0
        if going and self._shown is not None:
            self._led_s += passed_s
        self._changing_s += passed_s
        self._shown = self._faded(self._target(seen.affect))
        return replace(seen, affect=self._shown)

    def _leave(self, passed_s: float) -> None:
        self._before, self._shown = None, None
        self._absent_s += passed_s
        if self._absent_s >= _AFRESH_S:
            self._led_s = 0.0

    @property
    def progress(self) -> Progress | None:
        """How far the guide is; None in the other modes."""
        aim = self._aim
        if aim.mode != "guide":
            return None
        step, share = led(self._led_s, aim.guide_s)
        return Progress(
            self._stage(share),
            aim.goal,
            step,
            STEPS,
            share,
            max(0.0, aim.guide_s - self._led_s),
        )

    def _stage(self, share: float) -> Stage:
        if self._shown is None:
            return "waiting"
        if share >= 1:
            return "there"
        return "leading" if self._led_s > MEETING * self._aim.guide_s else "meeting"

    def _passed(self, now_s: float) -> float:
        before, self._now_s = self._now_s, now_s
        return 0.0 if before is None else min(_LONGEST_S, max(0.0, now_s - before))

    def _target(self, affect: Affect) -> Affect:
        if self._aim.mode == "counter":
            return opposed(affect)
        if self._aim.mode == "guide":
            return guided(affect, self._aim.goal, led(self._led_s, self._aim.guide_s)[1])
        return affect

    def _faded(self, target: Affect) -> Affect:
        """Return the target, or what lies between it and what was shown before the change."""
        if self._before is None or self._changing_s >= CHANGE_S:
            self._before = None
            return target
        return between(self._before, target, self._changing_s / CHANGE_S)


def between(one: Affect, other: Affect, share: float) -> Affect:
    """Return the mixture of two moods, `share` (0..1) of the other."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return Affect(*(first + share * (second - first) for first, second in pairs))
