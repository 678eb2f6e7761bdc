"""A store with a past: visits over some weeks, for the pages that look back."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from mirrord.model import EXPRESSIONS, Expression, Reading
from mirrord.mood import affect_at
from mirrord.store import Store

EVERY_S = 20.0
VISIT = timedelta(minutes=12)


async def fill(store: Store, days: int = 20) -> list[str]:
    """Record two visits a day up to now; return the sessions' ids, the newest first."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ids = []
    for hours in range(24 * days, 0, -12):
        name = f"visit-{hours}"
        await visit(store, name, now - timedelta(hours=hours))
        ids.append(name)
    await store.flush()
    return ids[::-1]


async def visit(store: Store, name: str, begin: datetime) -> None:
    """Record one visit."""
    store.start_session(name, begin)
    for step in range(int(VISIT.total_seconds() / EVERY_S)):
        at = begin + timedelta(seconds=EVERY_S * step)
        store.add_reading(name, _reading(at, step))
    store.end_session(name, begin + VISIT)


def _reading(at: datetime, step: int) -> Reading:
    valence = 0.7 * math.sin(step / 6 + at.timestamp() / 86_400)
    arousal = 0.7 * math.cos(step / 9)
    seen: Expression = "happy" if valence > 0.2 else "sad" if valence < -0.2 else "neutral"
    shares = dict.fromkeys(EXPRESSIONS, 0.05) | {seen: 0.7}
    return Reading(at, 1, shares, seen, 0.7, affect_at(valence, arousal))
