"""Bytes written to disk in an hour at one reading a second, against a commit a row.

    python -m tests.bench.disk_writes

Each variant runs in a process of its own and is measured by /proc/self/io: `write_bytes` is what
the process sent to the device in whole pages of 4 KiB, `wchar` what it passed to write(). The hour
is not slept through: the store is flushed every five readings, as it would be every five seconds,
and its log is synced every 30 s, when the kernel would write it back by itself. Opening and closing
count.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from mirrord.model import EXPRESSIONS, Affect, Environment, Reading
from mirrord.store import Store
from mirrord.store.codec import COLUMNS, row_of
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database

READINGS = 3600
FLUSH_EVERY = 5
WRITE_BACK_EVERY = 30
TARGET = 50
START = datetime(2026, 3, 1, 18, tzinfo=UTC)
SESSION = str(uuid4())


def seconds(count: int) -> Iterator[tuple[datetime, Reading, Environment]]:
    """Yield a reading a second in which nothing stands still, the worst case for a store."""
    rng = random.Random(1)
    weights = dict.fromkeys(EXPRESSIONS, 1.0)
    for second in range(count):
        at = START + timedelta(seconds=second, microseconds=rng.randrange(50_000))
        weights = {name: value * rng.lognormvariate(0, 0.5) for name, value in weights.items()}
        total = sum(weights.values())
        shares = {name: value / total for name, value in weights.items()}
        valence, arousal = rng.uniform(-1, 1), rng.uniform(-1, 1)
        moods = [rng.random() for _ in range(4)]
        best = max(EXPRESSIONS, key=lambda name: shares[name])
        reading = Reading(at, 3, shares, best, shares[best], Affect(valence, arousal, *moods))
        yield at, reading, _response(rng)


def _response(rng: random.Random) -> Environment:
    return Environment(
        present=True,
        lighting_color=f"#{rng.randrange(1 << 24):06X}",
        lighting_intensity=rng.random(),
        background_color=f"#{rng.randrange(1 << 24):06X}",
        audio_tone=rng.choice(("uplifting", "peaceful", "energetic", "melancholic")),
        audio_frequency_hz=rng.uniform(100, 1000),
        audio_volume=rng.uniform(0, 0.3),
        audio_major=rng.random(),
        audio_tempo_bpm=rng.uniform(50, 140),
        audio_articulation=rng.random(),
        visual_pattern=rng.choice(("flowing_waves", "gentle_ripples", "slow_drift")),
        particle_count=rng.randint(100, 2000),
        animation_speed=rng.uniform(0.1, 3),
        temperature_c=rng.choice((22.5, 23.0, 23.5)),
        humidity_pct=rng.uniform(30, 70),
        air_quality="good",
        transition_s=2.0,
    )


async def store(folder: Path, count: int) -> None:
    """The mirror's store."""
    now = START
    async with Store.open(folder / "mirror.sqlite3", clock=lambda: now) as opened:
        opened.start_session(SESSION, START)
        log = os.open(folder / "mirror.sqlite3-wal", os.O_RDWR)
        for number, (at, reading, response) in enumerate(seconds(count), 1):
            now = at
            opened.add_reading(SESSION, reading, response)
            if number % FLUSH_EVERY == 0:
                await opened.flush()
            if number % WRITE_BACK_EVERY == 0:
                os.fdatasync(log)
        os.close(log)
        opened.end_session(SESSION, now)


def plain(folder: Path, count: int, commit_rows: bool) -> None:
    """The same records as a table each, with SQLite as it comes: rollback journal, synchronous."""
    database = Database(folder / "plain.sqlite3")
    for at, reading, response in seconds(count):
        affect = reading.affect
        first: dict[str, Any] = {
            "id": str(uuid4()),
            "session_id": SESSION,
            "timestamp": at.isoformat(),
            "dominant_emotion": affect.dominant_emotion,
            "emotion_intensity": affect.emotion_intensity,
            "track": reading.track,
            **reading.expressions,
            "expression": reading.expression,
            "confidence": reading.confidence,
            **{name: getattr(affect, name) for name in Affect.__dataclass_fields__},
        }
        fields = (name for name in Environment.__dataclass_fields__ if name != "captured_ns")
        second = {
            "reading": first["id"],
            **{name: getattr(response, name) for name in fields},
            "created_at": at.isoformat(),
        }
        if commit_rows:
            database.table("readings").insert(first, pk="id")
            database.table("responses").insert(second, pk="reading")
        else:
            with database.atomic():
                database.table("readings").insert(first, pk="id")
                database.table("responses").insert(second, pk="reading")
    database.close()


def compact(folder: Path, count: int) -> None:
    """The store's own table, without its aggregates, with a rollback journal and 4 KiB pages."""
    path = folder / "compact.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    made = open_database(folder / "empty.sqlite3", Limits(1, 100), check=False)
    connection.execute(made.table("readings").schema)
    made.close()
    insert = (
        f"INSERT INTO readings (session, {', '.join(COLUMNS)})"
        f" VALUES (1, {', '.join('?' * len(COLUMNS))})"
    )
    for at, reading, response in seconds(count):
        connection.execute(insert, row_of(reading, response, at))
    connection.close()


VARIANTS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "rows": (
        "plain tables, rollback journal, a commit a row",
        lambda folder, count: plain(folder, count, commit_rows=True),
    ),
    "readings": (
        "plain tables, rollback journal, a commit a reading (two rows)",
        lambda folder, count: plain(folder, count, commit_rows=False),
    ),
    "compact": ("the store's own row, rollback journal, a commit a row", compact),
    "store": (
        f"**the store**, a batch every {FLUSH_EVERY} s",
        lambda folder, count: asyncio.run(store(folder, count)),
    ),
}


def _io() -> dict[str, int]:
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


def measure(variant: str, count: int = READINGS) -> dict[str, int]:
    """Run a variant in a process of its own, on the disk that holds the working directory."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        run = [sys.executable, "-m", "tests.bench.disk_writes", variant, folder, str(count)]
        answer = subprocess.run(run, check=True, capture_output=True, text=True, timeout=1200)
    found: dict[str, int] = json.loads(answer.stdout)
    return found


def table() -> str:
    """Return the figures as a table in Markdown."""
    found = {variant: measure(variant) for variant in VARIANTS}
    ours = found["store"]
    lines = [
        f"| {READINGS} readings in an hour | to the device | passed to write() | times the store |",
        "|---|---|---|---|",
    ]
    for variant, (title, _) in VARIANTS.items():
        device, passed = found[variant]["write_bytes"], found[variant]["wchar"]
        times = f"{device / ours['write_bytes']:.0f} ({passed / ours['wchar']:.0f})"
        lines.append(f"| {title} | {device / 1e6:.1f} MB | {passed / 1e6:.1f} MB | {times} |")
    least = found["rows"]["write_bytes"] / ours["write_bytes"]
    lines.append(f"\nA commit a row writes {least:.0f} times as much; wanted: at least {TARGET}.")
    return "\n".join(lines)


def main() -> None:
    """Print the table, or as a child run one variant."""
    if len(sys.argv) > 1:
        before = _io()
        VARIANTS[sys.argv[1]][1](Path(sys.argv[2]), int(sys.argv[3]))
        after = _io()
        print(json.dumps({name: after[name] - before[name] for name in ("write_bytes", "wchar")}))
    else:
        print(table())


if __name__ == "__main__":
    main()
