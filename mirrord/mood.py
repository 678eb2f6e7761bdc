"""Readings into a mood: smoothing, hysteresis and presence. Pure: time is an argument."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mirrord.config import MoodSettings
from mirrord.model import EXPRESSIONS, UNSURE, Affect, Expression, Mood, MoodName, Reading

# Pleasure and arousal of each expression, -1..1.
TABLES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    # Russell & Mehrabian 1977
    "pad": {
        "angry": (-0.51, 0.59),
        "disgust": (-0.60, 0.35),
        "fear": (-0.64, 0.60),
        "happy": (0.81, 0.51),
        "sad": (-0.63, -0.27),
        "surprise": (0.40, 0.67),
        "neutral": (0.0, 0.0),
    },
    # Warriner, Kuperman & Brysbaert 2013, (x - 5) / 4
    "words": {
        "angry": (-0.62, 0.30),
        "disgust": (-0.42, 0.0),
        "fear": (-0.52, 0.28),
        "happy": (0.87, 0.26),
        "sad": (-0.72, -0.38),
        "surprise": (0.61, 0.39),
        "neutral": (0.12, -0.39),
    },
}
# The place of each mood when a person chooses it.
CENTRES: Mapping[MoodName, tuple[float, float]] = {
    "joy": (0.85, 0.35),
    "calm": (0.6, -0.7),
    "energy": (-0.1, 0.85),
    "melancholy": (-0.7, -0.45),
}
# A face at rest is read as mildly calm.
REST_CALM = 0.3
# Arousal beyond pleasantness is energy rather than joy: the border lies at atan(1 / .75), which is
# 53 degrees, between happy (32) and surprise (59).
_AROUSAL_OVER_PLEASURE = 0.75
# How far another expression's share has to be ahead before the name changes.
_MARGIN = 0.08
_LEAST_WEIGHT = 1e-3


def affect_at(valence: float, arousal: float) -> Affect:
    """Return the point with its four moods, each 0..1 and continuous in both arguments.

    The moods are the quadrants of Russell's circumplex (1980): joy pleasant and aroused, calm
    pleasant and quiet, melancholy unpleasant and quiet, energy aroused of either sign. Strength
    grows with the distance from the centre, where only a mild calm is left.
    """
    valence, arousal = _unit(valence), _unit(arousal)
    beyond = valence - _AROUSAL_OVER_PLEASURE * max(0.0, arousal)
    quadrants = (
        _half(beyond) * _half(arousal),
        _half(valence) * _half(-arousal),
        _half(-beyond) * _half(arousal),
        _half(-valence) * _half(-arousal),
    )
    squares = [quadrant * quadrant for quadrant in quadrants]
    strength = min(1.0, math.hypot(valence, arousal))
    joy, calm, energy, melancholy = (strength * one / sum(squares) for one in squares)
    # A displeased face is not at rest, however faint the displeasure.
    rest = REST_CALM * (1 - strength) * max(0.0, 1 + 2 * min(0.0, valence))
    return Affect(valence, arousal, joy, calm + rest, energy, melancholy)


def affect_of(expressions: Mapping[str, float], table: str = "pad") -> Affect:
    """Return the expected affect of seven probabilities, by the named table of `TABLES`."""
    points = TABLES[table]
    total = math.fsum(expressions[name] for name in EXPRESSIONS) or 1.0
    valence, arousal = (
        math.fsum(expressions[name] * points[name][axis] for name in EXPRESSIONS) / total
        for axis in (0, 1)
    )
    return affect_at(valence, arousal)


def affect_by_hand(joy: float, calm: float, energy: float, melancholy: float) -> Affect:
    """Return four moods set by a person with the point of the plane that they describe."""
    moods = {"joy": joy, "calm": calm, "energy": energy, "melancholy": melancholy}
    scale = max(1.0, math.fsum(moods.values()))
    valence, arousal = (
        math.fsum(moods[name] * centre[axis] for name, centre in CENTRES.items()) / scale
        for axis in (0, 1)
    )
    return Affect(valence, arousal, joy, calm, energy, melancholy)


class MoodTracker:
    """Follows the faces of consecutive frames and keeps one mood for the room.

    Probabilities are smoothed by a first-order filter of real time, so that 3 and 15 frames a
    second give the same curve. The name of the expression changes only when another one has been
    clearly ahead for `dwell_s`. Frames in which nobody could be judged hold the mood.
    """

    def __init__(self, settings: MoodSettings) -> None:
        self._settings = settings
        self._shares: dict[str, float] | None = None
        self._expression: Expression = UNSURE
        self._rival: tuple[Expression, float] | None = None
        self._confidence = 0.0
        self._people = 0
        self._judged_s = -math.inf
        self._seen_s = -math.inf

    def change(self, settings: MoodSettings) -> None:
        """Go on with other settings, from the same mood."""
        self._settings = settings

    def see(self, readings: Sequence[Reading], people: int, now_s: float) -> Mood:
        """Take in one frame with `people` faces, of which `readings` were judged."""
        if people > 0:
            if now_s - self._seen_s > self._settings.grace_s:
                self._forget()
            self._seen_s = max(self._seen_s, now_s)
            self._people = people
        sure = [reading for reading in readings if reading.expression != UNSURE]
        if sure:
            self._judge(sure, now_s)
        return self.at(now_s)

    def at(self, now_s: float) -> Mood:
        """Return the mood without new frames: it holds, until the grace period is over."""
        if self._people == 0 or now_s - self._seen_s > self._settings.grace_s:
            return REST
        shares = self._shares
        affect = affect_of(shares, self._settings.table) if shares else REST.affect
        return Mood(affect, self._expression, self._confidence, self._people, present=True)

    def _forget(self) -> None:
        self._shares, self._rival = None, None
        self._expression, self._confidence = UNSURE, 0.0
        self._judged_s = -math.inf

    def _judge(self, readings: Sequence[Reading], now_s: float) -> None:
        shares, confidence = _combined(readings)
        elapsed_s = max(0.0, now_s - self._judged_s)
        self._judged_s = max(self._judged_s, now_s)
        old = self._shares
        if old is None:
            self._shares, self._confidence = shares, confidence
        else:
            step = _step(elapsed_s, self._settings.smoothing_s)
            self._shares = {
                name: old[name] + step * (shares[name] - old[name]) for name in EXPRESSIONS
            }
            self._confidence += step * (confidence - self._confidence)
        self._name(now_s)

    def _name(self, now_s: float) -> None:
        shares = self._shares or {}
        best: Expression = max(EXPRESSIONS, key=lambda name: shares[name])
        if self._expression == UNSURE:
            self._expression = best
        ahead = shares[best] - shares[self._expression] > _MARGIN
        if best == self._expression or not ahead:
            self._rival = None
        elif self._rival is None or self._rival[0] != best:
            self._rival = (best, now_s)
        if self._rival and now_s - self._rival[1] >= self._settings.dwell_s:
            self._expression, self._rival = best, None


def _combined(readings: Sequence[Reading]) -> tuple[dict[str, float], float]:
    """Return the confidence-weighted mean of several faces; fsum makes their order irrelevant."""
    weights = [max(reading.confidence, _LEAST_WEIGHT) for reading in readings]
    total = math.fsum(weights)
    shares: dict[str, float] = {
        name: math.fsum(
            weight * reading.expressions[name]
            for weight, reading in zip(weights, readings, strict=True)
        )
        / total
        for name in EXPRESSIONS
    }
    return shares, math.fsum(reading.confidence for reading in readings) / len(readings)


def _step(elapsed_s: float, constant_s: float) -> float:
    return 1.0 if constant_s <= 0 else -math.expm1(-elapsed_s / constant_s)


def _unit(value: float) -> float:
    return 0.0 if math.isnan(value) else min(1.0, max(-1.0, value))


def _half(value: float) -> float:
    return (1 + value) / 2


# Nobody is there, or nobody could be judged yet.
REST = Mood(affect_at(0.0, 0.0), UNSURE, 0.0, people=0, present=False)
