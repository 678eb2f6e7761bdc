"""How simulated people feel: by the hour, each a little different, drifting all the time. Pure."""

from __future__ import annotations

import math
from typing import Any, Final

from mirrord.analytics.aggregate import MEASURES, UNIT, WORDS
from mirrord.collective.schema import SUMS
from mirrord.collective.tally import DAY_MS, HOUR_MS, MINUTE_MS
from mirrord.model import MOODS

NAMES: Final = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hal", "Ida")
READINGS: Final = 20  # in a minute
# When in the day each mood is strongest, and how far it reaches, in hours.
_PEAKS: Final = {
    "joy": (19.5, 3.5),
    "calm": (7.0, 4.0),
    "energy": (12.5, 4.0),
    "melancholy": (0, 4),
}
_PLACES: Final = {"joy": (0.8, 0.5), "calm": (0.5, -0.6), "energy": (0.3, 0.9)}
_SAD: Final = (-0.7, -0.5)


def moods_at(at: int, person: int) -> dict[str, float]:
    """Return what each measure is of somebody at a time, 0..1, valence and arousal -1..1."""
    hour = at % DAY_MS / HOUR_MS + 0.5 * math.sin(2.1 * person)
    weights = {name: _near(hour, *_PEAKS[name]) + 0.08 + _drift(at, person, name) for name in MOODS}
    total = sum(weights.values())
    shares: dict[str, float] = {name: weight / total for name, weight in weights.items()}
    places = [_PLACES.get(name, _SAD) for name in MOODS]
    valence, arousal = (
        sum(shares[name] * place[axis] for name, place in zip(MOODS, places, strict=True))
        for axis in (0, 1)
    )
    return {**shares, "valence": valence, "arousal": arousal}


def units_at(at: int, person: int) -> list[int]:
    """Return the same in ten-thousandths, in the order of `MEASURES`."""
    moods = moods_at(at, person)
    return [round(moods[name] * UNIT) for name in MEASURES]


def sums_at(at: int, person: int) -> dict[str, int]:
    """Return what somebody's minute adds up to, as a contribution has it."""
    units = units_at(at, person)
    sums = {name: value * READINGS for name, value in zip(SUMS, units, strict=True)}
    return {"readings": READINGS, **sums}


def tally_at(start: int, person: int) -> dict[str, Any]:
    """Return somebody's minute as their mirror sends it."""
    units = units_at(start, person)
    leading = max(range(len(MOODS)), key=lambda place: units[place])
    ends = [[value, start] for value in units]
    return {
        "kind": "tally",
        "session": f"visit-{start // HOUR_MS}",
        "start": start,
        "readings": READINGS,
        "answered": READINGS,
        "dominant": [READINGS if place == leading else 0 for place in range(len(MOODS))],
        "expressions": [0] * len(WORDS),
        "sums": [value * READINGS for value in units],
        "squares": [value * value * READINGS for value in units],
        "lows": ends,
        "highs": ends,
    }


def _near(hour: float, peak: float, reach: float) -> float:
    apart = abs((hour - peak + 12) % 24 - 12)
    return math.exp(-((apart / reach) ** 2))


def _drift(at: int, person: int, name: str) -> float:
    """Return a slow wave of one's own, of some minutes."""
    turn = 1.7 * person + 2.3 * MOODS.index(name)
    minutes = at / MINUTE_MS
    return 0.14 * (1 + math.sin(minutes / 3.1 + turn)) + 0.1 * (
        1 + math.sin(minutes / 17 + 2 * turn)
    )
