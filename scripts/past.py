"""Gives a database an invented past, for pictures: python scripts/past.py FILE."""

from __future__ import annotations

import asyncio
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mirrord.model import EXPRESSIONS, UNSURE, Expression, Measured, Mood, Reading
from mirrord.mood import affect_at
from mirrord.response import respond
from mirrord.store import Store

DAYS = 60
EVERY = timedelta(seconds=30)
# When somebody is there, in hours of the day: before and after work, longer at the weekend.
WORKDAY = ((6.8, 8.3), (18.1, 22.4))
WEEKEND = ((9.2, 11.6), (14.0, 17.2), (19.0, 23.2))


async def fill(path: Path) -> None:
    """Record two months up to now."""
    chance = random.Random(7)
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    async with Store.open(path, 1.0) as store:
        for ago in range(DAYS, -1, -1):
            day = today - timedelta(days=ago)
            for begin, end in WEEKEND if day.weekday() >= 5 else WORKDAY:
                await visit(store, day, begin, end + chance.gauss(0, 0.3), chance)
            await store.flush()


async def visit(
    store: Store, day: datetime, begin: float, end: float, chance: random.Random
) -> None:
    """Record one visit, as far as it is not in the future."""
    at = (day + timedelta(hours=begin, minutes=chance.gauss(0, 9))).astimezone(UTC)
    until = min((day + timedelta(hours=end)).astimezone(UTC), datetime.now(UTC))
    name, drift = f"{day:%Y-%m-%d} {begin:04.1f}", [chance.gauss(0, 0.3), chance.gauss(0, 0.2)]
    if at >= until:
        return
    store.start_session(name, at)
    store.log_camera("open", at)
    while at < until:
        drift = [0.96 * one + chance.gauss(0, 0.06) for one in drift]
        reading = reading_at(at, day, drift)
        environment = respond(Mood(reading.affect, reading.expression, 0.8, 1, True), Measured())
        store.add_reading(name, reading, environment)
        at += EVERY
    store.end_session(name, until)
    store.log_camera("off", until)


def reading_at(at: datetime, day: datetime, drift: list[float]) -> Reading:
    """Return a reading: mornings are slow, evenings lively, weekends pleasant."""
    hour = (at - day.astimezone(UTC)).total_seconds() / 3600
    season = math.sin(day.timetuple().tm_yday / 9)
    valence = 0.12 + 0.25 * (day.weekday() >= 5) - 0.2 * (hour < 9) + 0.25 * season + drift[0]
    arousal = -0.35 + 0.75 * math.exp(-(((hour - 19.5) / 3) ** 2)) - 0.5 * (hour > 21.5) + drift[1]
    affect = affect_at(max(-1.0, min(1.0, valence)), max(-1.0, min(1.0, arousal)))
    seen: Expression = expression_of(affect.valence, affect.arousal)
    shares: dict[str, float] = {name: 0.76 if name == seen else 0.04 for name in EXPRESSIONS}
    return Reading(at, 1, shares, seen, 0.76, affect)


def expression_of(valence: float, arousal: float) -> Expression:
    """Return what a face that feels so might show."""
    if math.hypot(valence, arousal) < 0.08:
        return UNSURE
    if valence > 0.18:
        return "happy"
    if arousal > 0.45:
        return "surprise" if valence > -0.15 else "angry"
    return "sad" if valence < -0.22 else "neutral"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(fill(Path(sys.argv[1])))
