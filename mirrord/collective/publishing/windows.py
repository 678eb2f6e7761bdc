"""One window of a space, published: once, by whichever process is first, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sqlalchemy import Float, case, cast, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES
from mirrord.collective.figures.told import leading
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.publishing.cohort import choose
from mirrord.collective.publishing.figure import (
    HIGHEST,
    LOWEST,
    blurred,
    coarse,
    figure_of,
    mean_of,
)
from mirrord.collective.publishing.memory import recall, remember
from mirrord.collective.schema import LED, PEAKS, SUMS, contributions, published, published_hours
from mirrord.collective.schema import spaces as table
from mirrord.collective.tally import HOUR_MS, Row, high
from mirrord.collective.upsert import add_up, insert_new
from mirrord.model import MOODS

LARGE: Final = 1000  # from here one contributor moves a figure by less than a tenth of its step
_TURN: Final = 0x4D4D7075  # of PostgreSQL: figures that are compared are worked out one by one


@dataclass(frozen=True, slots=True)
class Due:
    """A window that is over, with what its space asks for."""

    space: int
    start: int
    window_ms: int
    least: int
    epsilon: float

    @property
    def end(self) -> int:
        return self.start + self.window_ms


async def due(of: AsyncConnection, now: int) -> list[Due]:
    """Return the first window of each space that waits to be published, the earliest first."""
    first = select(func.min(contributions.c.start)).where(contributions.c.space == table.c.space)
    columns = (table.c.space, first.scalar_subquery().label("start"), table.c.window_s)
    query = select(*columns, table.c.least, table.c.epsilon).where(table.c.active)
    found = [
        Due(int(space), int(start), window_s * 1000, least, epsilon)
        for space, start, window_s, least, epsilon in await of.execute(query)
        if start is not None
    ]
    over = (one for one in found if one.end + GRACE_MS <= now)
    return sorted(over, key=lambda one: (one.start, one.space))


async def publish(to: AsyncConnection, what: Due, now: int, rng: Random) -> Row | None:
    """Work a window out; return its row if it is shown, and this process was the first."""
    key = {"space": what.space, "start": what.start}
    mine = await insert_new(to, published, {**key, "shown": False, "at": now})
    row = await _figure(to, what, rng) if mine else None
    if row is not None:
        which = (published.c.space == what.space) & (published.c.start == what.start)
        await to.execute(update(published).where(which).values(shown=True, **row))
        await add_up(to, published_hours, [hour_of(what.space, what.start, row)])
    # Whoever was first has counted them; what came after that, came too late.
    await to.execute(delete(contributions).where(*_of(what)))
    return None if row is None else {**key, **row}


async def _figure(to: AsyncConnection, what: Due, rng: Random) -> Row | None:
    count = int(await to.scalar(select(func.count()).where(*_of(what))) or 0)
    if count >= max(LARGE, what.least):
        return await _of_many(to, what, rng)
    return await _of_few(to, what, rng) if count >= what.least else None


async def _of_few(to: AsyncConnection, what: Due, rng: Random) -> Row | None:
    if to.dialect.name == "postgresql":
        await to.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    columns = (contributions.c[name] for name in ("account", "readings", *SUMS))
    rows = {row[0]: tuple(row[1:]) for row in await to.execute(select(*columns).where(*_of(what)))}
    shown = await recall(to, what.space, what.start, what.window_ms)
    chosen = choose(rows, shown, what.least, rng)
    if not chosen:
        return None
    await remember(to, what.space, what.start, what.window_ms, chosen)
    means = [mean_of(rows[one][1:], rows[one][0]) for one in chosen]
    readings = sum(rows[one][0] for one in chosen)
    return _row(figure_of(means, what.epsilon, rng), len(chosen), readings)


async def _of_many(to: AsyncConnection, what: Due, rng: Random) -> Row:
    """Work out a figure within the database: the contributors may be millions."""
    totals = [func.sum(_mean(name, low)) for name, low in zip(SUMS, LOWEST, strict=True)]
    query = select(func.count(), func.sum(contributions.c.readings), *totals).where(*_of(what))
    count, readings, *sums = (await to.execute(query)).one()
    averages = [float(one) / count for one in sums]
    return _row(blurred(averages, count, what.epsilon, rng), int(count), int(readings))


def _mean(name: str, low: int) -> Any:
    """Return one contributor's own mean, clipped, as SQL."""
    mean = cast(contributions.c[name], Float) / contributions.c.readings
    return case((mean < low, low), (mean > HIGHEST, HIGHEST), else_=mean)


def _of(what: Due) -> tuple[Any, Any]:
    return contributions.c.space == what.space, contributions.c.start == what.start


def _row(figure: tuple[int, ...], count: int, readings: int) -> Row:
    counts = {"contributors": coarse(count), "readings": coarse(readings)}
    return {**dict(zip(MEASURES, figure, strict=True)), **counts}


def hour_of(space: int, start: int, row: Mapping[str, Any]) -> Row:
    """Return what a shown figure adds to its hour."""
    led = leading(row)
    return {
        "space": space,
        "start": start // HOUR_MS * HOUR_MS,
        "windows": 1,
        **{kept: row[name] for kept, name in zip(SUMS, MEASURES, strict=True)},
        "contributors": row["contributors"],
        "readings": row["readings"],
        **{name: int(name == f"led_{led}") for name in LED},
        **{name: high(row[mood], start) for name, mood in zip(PEAKS, MOODS, strict=True)},
        "contributors_low": row["contributors"],
        "contributors_high": row["contributors"],
    }
