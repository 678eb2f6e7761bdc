"""Why the room is as it is: the links of the chain, in codes and values that a page words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from mirrord.colour_word import ColourWord
from mirrord.correction import Calibration
from mirrord.model import EXPRESSIONS, UNSURE, Affect, Environment, ModeName, Mood, MoodName
from mirrord.modes import Aim, Progress
from mirrord.response import RULES, SOURCES
from mirrord.why.limits_met import Limit

Reason = Literal[
    "still", "paused", "hand", "camera_off", "nobody", "unsure",
    "mirror", "counter", "counter_pleasant", "meeting", "leading", "there",
    "guided", "unanswered",
]  # fmt: skip
"""In one word. `guided`: of the past, where it is not known how far; `unanswered`: no response."""

# What a device of each kind is given of the environment.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "lamp": ("lighting_color", "lighting_intensity", "transition_s"),
    "speaker": (
        "audio_volume",
        "audio_frequency_hz",
        "audio_tempo_bpm",
        "audio_major",
        "audio_articulation",
    ),
    "thermostat": ("temperature_c",),
    "humidifier": ("humidity_pct",),
}


class Seen(msgspec.Struct, frozen=True):
    """The expression; `shares` as they count, `classifier` before corrections, if there are any."""

    name: str
    confidence: float
    shares: Mapping[str, float] | None = None
    classifier: Mapping[str, float] | None = None
    corrections: int = 0
    offsets: Mapping[str, float] | None = None
    quality: str | None = None
    people: int = 1


class Felt(msgspec.Struct, frozen=True):
    """A place of the plane with its moods, -1..1 and 0..1; `dominant` is the strongest mood."""

    valence: float
    arousal: float
    moods: Mapping[MoodName, float] | None
    dominant: MoodName | None


class Smoothing(msgspec.Struct, frozen=True):
    """How readings became a mood: seconds, and the name of the table of places."""

    smoothing_s: float
    dwell_s: float
    table: str
    held: bool  # nothing could be judged now, so that the mood stays as it was


class Done(msgspec.Struct, frozen=True):
    """What the mode made of the mood; `guide` is how far it has led, if that is known."""

    mode: ModeName
    goal: MoodName
    by_hand: bool
    guide: Progress | None
    mood: Felt | None


class RuleUsed(msgspec.Struct, frozen=True):
    """A rule of the response, with what it gave (`wished`) and what became of it (`given`)."""

    part: str
    formula: str
    sources: Sequence[str]
    wished: float | str
    given: float | str


class Given(msgspec.Struct, frozen=True):
    """What a driver was last given; `values` is None while it holds no device."""

    name: str
    title: str
    state: str
    error: str
    at: datetime | None
    values: Mapping[str, Any] | None


class Why(msgspec.Struct, frozen=True):
    """The whole chain, for now (`live`) or for a moment of the past. Times are UTC.

    None, or an empty list, where nothing is known of a link.
    """

    at: datetime
    live: bool
    reason: Reason
    color: str | None  # "#RRGGBB"
    colour: ColourWord | None
    expression: Seen | None
    seen: Felt | None
    smoothing: Smoothing | None
    done: Done | None
    rules: Sequence[RuleUsed]
    limits: Sequence[Limit]
    drivers: Sequence[Given]
    reading: str | None = None
    sources: Mapping[str, str] = msgspec.field(default_factory=lambda: SOURCES)


def reason_of(mood: Mood, aim: Aim, guide: Progress | None, *, by_hand: bool) -> Reason:
    """Return why the room shows what it shows, while it answers a mood that is seen."""
    if by_hand:
        return "hand"
    if not mood.present:
        return "nobody"
    if mood.expression == UNSURE:
        return "unsure"
    if aim.mode == "counter":
        return "counter" if mood.affect.valence < 0 else "counter_pleasant"
    return _guiding(guide) if aim.mode == "guide" else "mirror"


def _guiding(guide: Progress | None) -> Reason:
    if guide is None or guide.stage == "waiting":
        return "guided"
    return guide.stage


def felt(affect: Affect) -> Felt:
    """Return a mood as a link of the chain."""
    moods: dict[MoodName, float] = {
        "joy": affect.joy,
        "calm": affect.calm,
        "energy": affect.energy,
        "melancholy": affect.melancholy,
    }
    return Felt(affect.valence, affect.arousal, moods, affect.dominant_emotion)


def rules_used(wished: Environment, given: Environment) -> list[RuleUsed]:
    """Return every rule with what it gave, and what the governor let through."""
    return [
        RuleUsed(
            rule.part,
            rule.formula,
            rule.sources,
            getattr(wished, rule.part),
            getattr(given, rule.part),
        )
        for rule in RULES
    ]


def offsets_of(calibration: Calibration) -> dict[str, float]:
    """Return the corrections' offset of each expression."""
    return dict(zip(EXPRESSIONS, calibration.offsets, strict=True))
