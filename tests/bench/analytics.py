"""Analytics over ten million readings against ten thousand: of the same year, and as dense.

    python -m tests.bench analytics

Three files, in sessions of an hour, written by the store's own schema and folded by its own fold, a
day at a time: a year with a reading every 3 s, the same year with one every 53 min, and its last 9
hours with one every 3 s. A hundred readings are left unfolded in each. The questions go through
`Store` and `mirrord.analytics`, as those of the page do, to the files in turn. What is measured is
the processor time of the whole process, the reading thread and the system's part included: on a
shared machine the time that passes says more about the neighbours.

An answer by the minute is as long as there are minutes with a reading, 1,440 in a day of the large
file and 27 in one of the sparse one: for those the cost of each minute is compared, and the cost of
an hour of which both files have every minute.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
from mirrord.store.sums import Width

MANY, FEW = 10_000_000, 10_000
UNFOLDED = 100
RUNS = 25
TARGET = 2.0
START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 8760
END = START + timedelta(hours=HOURS)
_START_MS = int(START.timestamp() * 1000)
_HOUR_MS = 3_600_000
_YEAR_MS = HOURS * _HOUR_MS
BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
Question = Callable[[Store], Awaitable[object]]

# Shares, moods and colours that change with each reading, by arithmetic, so that it is quick.
_FILL = """
INSERT INTO readings (id, session, at, track, angry, disgust, fear, happy, sad, surprise, neutral,
  expression, confidence, valence, arousal, joy, calm, energy, melancholy, response_ms, present,
  lighting_color, lighting_intensity, background_color, audio_tone, audio_frequency, audio_volume,
  audio_major, audio_tempo, audio_articulation, visual_pattern, particle_count, animation_speed,
  temperature, humidity, air_quality, transition_ms)
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
  t(i, at, h) AS (SELECT i, :offset + (i - 1) * :span / :count, i * 7919 % 10007 FROM n)
SELECT i, 1 + at / 3600000, :start + at, 1, h % 3000, h % 17, h % 311, h % 5003, h % 97, h % 701,
  h % 2003, i / 20 % 7, 4000 + h % 6000, h - 5000, 5000 - h, h % 9973, h * 3 % 9967, h * 5 % 9949,
  h * 7 % 9941, 40 + h % 9, 1, h * 1600, h, h * 99, i % 4, 1000 + h % 9000, h % 3000, h, 900,
  h * 11 % 9931, i % 5, 100 + h % 1900, 100 + h % 2900, 2350, 4500, i % 4, 2000
FROM t
"""


def make(path: Path, count: int, span_ms: int = _YEAR_MS) -> float:
    """Make a file with `count` folded readings over the end of a year; return how long it took."""
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
        _fill(database, 1 + count * day // days, count * (day + 1) // days, count, span_ms)
        with database.atomic():
            fold(database)
    with database.atomic():  # the last come 10 ms after one another
        end_ms = (count + UNFOLDED) * 10
        _fill(database, count + 1, count + UNFOLDED, count + UNFOLDED, end_ms)
        database.execute("UPDATE readings SET session = ? WHERE id > ?", [HOURS, count])
    database.execute("PRAGMA journal_mode = WAL").fetchall()
    database.close()
    return time.monotonic() - began


def _hours() -> list[tuple[int, int]]:
    return [(hour, _START_MS + hour * _HOUR_MS) for hour in range(HOURS)]


def _fill(database: Database, first: int, last: int, count: int, span_ms: int) -> None:
    """Insert the readings of some numbers, `count` of which fill the span before the year's end."""
    values = {"first": first, "last": last, "count": count, "span": span_ms}
    values |= {"start": _START_MS, "offset": _YEAR_MS - span_ms}
    with database.atomic():
        database.execute(_FILL, values)


async def _trends(
    store: Store,
    resolution: analytics.Resolution,
    back: timedelta,
    zone: ZoneInfo = BERLIN,
) -> object:
    since, together = END - back, None
    width: Width = "minute" if resolution == "minute" else "hour"
    if resolution == "day":
        width, together = analytics.fineness(zone, since, END), analytics.Together("day", zone)
    buckets = await store.buckets(width, since, END, together=together)
    return analytics.trends(buckets, resolution, zone)


async def _heatmap(store: Store, zone: ZoneInfo) -> object:
    width, together = analytics.fineness(zone, START, END), analytics.Together("week_hour", zone)
    return analytics.heatmap(await store.buckets(width, START, END, together=together), zone)


async def _session(store: Store, figures: Callable[[analytics.Whole], object]) -> object:
    whole = await store.whole("hour 4000")
    assert whole is not None
    return figures(whole)


async def _session_trajectory(store: Store) -> object:
    since = START + timedelta(hours=4000)
    until = since + timedelta(hours=1)
    return analytics.trajectory(await store.buckets("minute", since, until, "hour 4000"))


async def _trajectory(store: Store, back: timedelta) -> object:
    return analytics.trajectory(await store.buckets("minute", END - back, END))


async def _year(store: Store, figures: Callable[[list[analytics.Bucket]], object]) -> object:
    return figures(await store.buckets("hour", START, END))


async def _shares(store: Store) -> object:
    together = analytics.Together("all")
    return analytics.distribution(await store.buckets("hour", START, END, together=together))


async def _weeks(store: Store, zone: ZoneInfo) -> object:
    width = analytics.fineness(zone, analytics.weeks_since(END, zone), END)
    found: list[analytics.Bucket] = []
    for span in analytics.weeks_parts(END, zone):
        found += await store.buckets(width, *span, together=analytics.Together("all"))
    return analytics.weeks(found, END, zone)


_YEAR = timedelta(hours=HOURS)
QUESTIONS: Mapping[str, Question] = {
    "trends of a year, by day": lambda store: _trends(store, "day", _YEAR),
    "trends of a year, by day (Kolkata)": lambda store: _trends(store, "day", _YEAR, KOLKATA),
    "trends of a year, by hour": lambda store: _trends(store, "hour", _YEAR),
    "trends of a week, by hour": lambda store: _trends(store, "hour", timedelta(days=7)),
    "distribution of a year": _shares,
    "a session's analytics": lambda store: _session(store, analytics.session_analytics),
    "a session's insights": lambda store: _session(store, analytics.insights),
    "a session's trajectory": _session_trajectory,
    "trajectory of a year": lambda store: _year(store, analytics.trajectory),
    "heatmap of a year (Berlin)": lambda store: _heatmap(store, BERLIN),
    "heatmap of a year (Kolkata)": lambda store: _heatmap(store, KOLKATA),
    "heatmap of a year (Kathmandu)": lambda store: _heatmap(store, KATHMANDU),
    "week against week": lambda store: _weeks(store, BERLIN),
    "week against week (Kolkata)": lambda store: _weeks(store, KOLKATA),
    "totals": lambda store: store.totals(),
    "readings of three months, counted": lambda store: store.count(
        "readings", Chosen(None, END - timedelta(days=90, seconds=7), END - timedelta(seconds=7))
    ),
}
# As dense: the last 8 hours, of which both files have every minute.
DENSE: Mapping[str, Question] = {
    "trends of an hour, by minute": lambda store: _trends(store, "minute", timedelta(hours=1)),
    "trends of 8 hours, by minute": lambda store: _trends(store, "minute", timedelta(hours=8)),
    "trajectory of 8 hours": lambda store: _trajectory(store, timedelta(hours=8)),
}
# An answer that is longer the more minutes have a reading.
LONGER: Mapping[str, Question] = {
    "trends of a day, by minute": lambda store: _trends(store, "minute", timedelta(days=1)),
}
Row = tuple[str, list[float], list[int]]


async def _medians(paths: Sequence[Path], questions: Mapping[str, Question]) -> list[Row]:
    """Return for each question the milliseconds and the length of the answer, for each file."""
    async with AsyncExitStack() as stack:
        stores = [
            await stack.enter_async_context(
                Store.open(path, keep_days=36_500, max_mb=100_000, clock=lambda: END)
            )
            for path in paths
        ]
        return [(name, *await _asked(stores, question)) for name, question in questions.items()]


async def _asked(stores: Sequence[Store], question: Question) -> tuple[list[float], list[int]]:
    times: list[list[float]] = [[] for _ in stores]
    lengths = [0 for _ in stores]
    for _ in range(RUNS + 1):
        for place, store in enumerate(stores):
            began = time.process_time()
            answer = await question(store)
            times[place].append((time.process_time() - began) * 1000)
            lengths[place] = len(answer) if isinstance(answer, list) else 1
    return [statistics.median(taken[1:]) for taken in times], lengths


def report(many: int = MANY, few: int = FEW) -> str:
    """Return the figures as tables in Markdown."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        large, sparse, dense = (
            Path(folder) / f"{name}.sqlite3" for name in ("many", "few", "dense")
        )
        took = make(large, many)
        make(sparse, few)
        make(dense, few, _YEAR_MS * few // many)
        megabytes = large.stat().st_size / 1e6
        same = asyncio.run(_medians((large, sparse), QUESTIONS))
        thick = asyncio.run(_medians((large, dense), DENSE))
        longer = asyncio.run(_medians((large, sparse, dense), LONGER))
    lines = [*_head(f"{many:,} readings", f"{few:,} of the same year", "ratio")]
    lines += [_line(*row) for row in same]
    lines += ["", *_head(f"{many:,} readings", f"{few:,} as dense", "ratio")]
    lines += [_line(*row) for row in thick]
    lines += ["", *_head("readings", "answers", "time", "each")]
    for name, times, lengths in longer:
        for kind, ms, length in zip(KINDS, times, lengths, strict=True):
            each = 1000 * ms / length
            lines.append(f"| {name} | {kind} | {length:,} | {ms:.1f} ms | {each:.0f} µs |")
    worst = max(times[0] / times[1] for _, times, _ in (*same, *thick))
    lines.append(f"\nThe largest ratio of answers of one length is {worst:.2f}; wanted: {TARGET}.")
    lines.append(f"The largest file has {megabytes:,.0f} MB and took {took:.0f} s to make.")
    return "\n".join(lines)


KINDS = ("many, a year", "few, a year", "few, as dense")


def _head(*columns: str) -> tuple[str, str]:
    return f"| question | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"


def _line(name: str, times: list[float], lengths: list[int]) -> str:
    long = f" ({lengths[0]:,} of {lengths[1]:,})" if lengths[0] != lengths[1] else ""
    more, less = times
    return f"| {name}{long} | {more:.1f} ms | {less:.1f} ms | {more / less:.2f} |"
