"""Analytics over ten million readings against ten thousand of the same year.

    python -m tests.bench analytics

Both files cover a year without a gap, in sessions of an hour, written by the store's own schema and
folded by its own fold, a day at a time: one reading every 3 s, or one every 53 min. A hundred
readings are left unfolded in each. The questions go through `Store` and `mirrord.analytics`, as
those of the page do, to the two files in turn. What is measured is the processor time of the whole
process, the reading thread and the system's part included: on a shared machine the time that passes
says more about the neighbours.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from mirrord import analytics
from mirrord.store import Store
from mirrord.store.fold import fold
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database
from mirrord.store.queries import Chosen

MANY, FEW = 10_000_000, 10_000
UNFOLDED = 100
RUNS = 25
TARGET = 2.0
START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 8760
END = START + timedelta(hours=HOURS)
_START_MS = int(START.timestamp() * 1000)
_HOUR_MS = 3_600_000
BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
Question = Callable[[Store], Awaitable[object]]

# Shares, moods and colours that change with each reading, by arithmetic, so that it is quick.
_FILL = """
INSERT INTO readings (id, session, at, track, angry, disgust, fear, happy, sad, surprise, neutral,
  expression, confidence, valence, arousal, joy, calm, energy, melancholy, response_ms, present,
  lighting_color, lighting_intensity, background_color, audio_tone, audio_frequency, audio_volume,
  audio_major, audio_tempo, audio_articulation, visual_pattern, particle_count, animation_speed,
  temperature, humidity, air_quality, transition_ms)
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
  t(i, at, h) AS (SELECT i, (i - 1) * 3600000 / :an_hour * :hours, i * 7919 % 10007 FROM n)
SELECT i, 1 + at / 3600000, :start + at, 1, h % 3000, h % 17, h % 311, h % 5003, h % 97, h % 701,
  h % 2003, i / 20 % 7, 4000 + h % 6000, h - 5000, 5000 - h, h % 9973, h * 3 % 9967, h * 5 % 9949,
  h * 7 % 9941, 40 + h % 9, 1, h * 1600, h, h * 99, i % 4, 1000 + h % 9000, h % 3000, h, 900,
  h * 11 % 9931, i % 5, 100 + h % 1900, 100 + h % 2900, 2350, 4500, i % 4, 2000
FROM t
"""


def make(path: Path, count: int) -> float:
    """Make a file with `count` folded readings over a year; return how long that took, in s."""
    began = time.monotonic()
    database = open_database(path, Limits(36_500, 100_000), check=False)
    for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -65536"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    with database.atomic():
        database.conn.executemany(
            "INSERT INTO sessions (session_id, started, last_activity, is_active, device_type)"
            " VALUES (?, ?, ?, ?, 'mirror')",
            [(f"hour {hour}", at, at, hour == HOURS - 1) for hour, at in _hours()],
        )
    days = HOURS // 24
    for day in range(days):
        _fill(database, 1 + count * day // days, count * (day + 1) // days, count)
        with database.atomic():
            fold(database)
    _fill(database, count + 1, count + UNFOLDED, 0)
    database.execute("PRAGMA journal_mode = WAL").fetchall()
    database.close()
    return time.monotonic() - began


def _hours() -> list[tuple[int, int]]:
    return [(hour, _START_MS + hour * _HOUR_MS) for hour in range(HOURS)]


def _fill(database: Database, first: int, last: int, count: int) -> None:
    """Insert readings; those behind the last of the year come 10 ms after one another."""
    values = {"first": first, "last": last, "start": _START_MS, "hours": HOURS, "an_hour": count}
    if not count:
        values |= {"hours": 1, "an_hour": 360_000}
        values["start"] += HOURS * _HOUR_MS - _HOUR_MS - (first - 1) * 10
    with database.atomic():
        database.execute(_FILL, values)
        if not count:
            database.execute("UPDATE readings SET session = ? WHERE id >= ?", [HOURS, first])


async def _trends(store: Store, resolution: analytics.Resolution, back: timedelta) -> object:
    width = "minute" if resolution == "minute" else "hour"
    buckets = await store.buckets(width, END - back, END)  # type: ignore[arg-type]
    return analytics.trends(buckets, resolution, BERLIN)


async def _heatmap(store: Store, zone: ZoneInfo) -> object:
    width = analytics.fineness(zone, START, END)
    return analytics.heatmap(await store.buckets(width, START, END), zone)


async def _session(store: Store, figures: Callable[[analytics.Whole], object]) -> object:
    whole = await store.whole("hour 4000")
    assert whole is not None
    return figures(whole)


async def _session_trajectory(store: Store) -> object:
    since = START + timedelta(hours=4000)
    until = since + timedelta(hours=1)
    return analytics.trajectory(await store.buckets("minute", since, until, "hour 4000"))


async def _year(store: Store, figures: Callable[[list[analytics.Bucket]], object]) -> object:
    return figures(await store.buckets("hour", START, END))


async def _weeks(store: Store) -> object:
    since = analytics.weeks_since(END, BERLIN)
    return analytics.weeks(await store.buckets("hour", since, END), END, BERLIN)


_YEAR = timedelta(hours=HOURS)
QUESTIONS: Mapping[str, Question] = {
    "trends of a year, by day": lambda store: _trends(store, "day", _YEAR),
    "trends of a year, by hour": lambda store: _trends(store, "hour", _YEAR),
    "trends of a week, by hour": lambda store: _trends(store, "hour", timedelta(days=7)),
    "trends of an hour, by minute": lambda store: _trends(store, "minute", timedelta(hours=1)),
    "distribution of a year": lambda store: _year(store, analytics.distribution),
    "a session's analytics": lambda store: _session(store, analytics.session_analytics),
    "a session's insights": lambda store: _session(store, analytics.insights),
    "a session's trajectory": _session_trajectory,
    "trajectory of a year": lambda store: _year(store, analytics.trajectory),
    "heatmap of a year (Berlin)": lambda store: _heatmap(store, BERLIN),
    "week against week": _weeks,
    "totals": lambda store: store.totals(),
    "readings of three months, counted": lambda store: store.count(
        "readings", Chosen(None, END - timedelta(days=90, seconds=7), END - timedelta(seconds=7))
    ),
}
# Where the answer itself is longer: as many more minutes, or quarters of an hour, have readings.
LONGER: Mapping[str, Question] = {
    "trends of a day, by minute": lambda store: _trends(store, "minute", timedelta(days=1)),
    "heatmap of a year (Kolkata)": lambda store: _heatmap(store, KOLKATA),
}


async def _medians(paths: tuple[Path, Path]) -> dict[str, tuple[float, float]]:
    async with AsyncExitStack() as stack:
        many, few = [
            await stack.enter_async_context(
                Store.open(path, keep_days=36_500, max_mb=100_000, clock=lambda: END)
            )
            for path in paths
        ]
        found = {}
        for name, question in {**QUESTIONS, **LONGER}.items():
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(RUNS + 1):
                for store, taken in zip((many, few), times, strict=True):
                    began = time.process_time()
                    await question(store)
                    taken.append((time.process_time() - began) * 1000)
            medians = [statistics.median(taken[1:]) for taken in times]
            found[name] = medians[0], medians[1]
        return found


def report(many: int = MANY, few: int = FEW) -> str:
    """Return the figures as a table in Markdown."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        paths = Path(folder) / "many.sqlite3", Path(folder) / "few.sqlite3"
        took = make(paths[0], many)
        make(paths[1], few)
        megabytes = paths[0].stat().st_size / 1e6
        found = asyncio.run(_medians(paths))
    lines = [f"| question | {many:,} readings | {few:,} readings | ratio |", "|---|---|---|---|"]
    for name, (more, less) in found.items():
        longer = " (a longer answer)" if name in LONGER else ""
        lines.append(f"| {name}{longer} | {more:.1f} ms | {less:.1f} ms | {more / less:.2f} |")
    worst = max(found[name][0] / found[name][1] for name in QUESTIONS)
    lines.append(f"\nThe largest ratio of answers of one length is {worst:.2f}; wanted: {TARGET}.")
    lines.append(f"The larger file has {megabytes:,.0f} MB and took {took:.0f} s to make.")
    return "\n".join(lines)
