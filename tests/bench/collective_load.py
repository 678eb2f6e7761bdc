"""A long run: readings, batches and reads; memory at its end, failures, and what is stored."""

from __future__ import annotations

import asyncio
import statistics
import time

from sqlalchemy import func, select

from mirrord.collective.schema import counters, readings, tallies
from tests.bench.collective_house import House, batch
from tests.bench.collective_rest import READS
from tests.bench.process import memory_mb, table

READERS, WRITERS = 8, 8
SAMPLE_S = 2.0
ITEMS = 20


class Run:
    """What was acknowledged."""

    def __init__(self, end: float) -> None:
        self.end = end
        self.readings = 0
        self.items = 0
        self.reads = 0
        self.failed = 0


async def measure(found: House, seconds: float) -> str:
    """Return the table."""
    run, memory = Run(time.monotonic() + seconds), []
    work = [asyncio.create_task(_read(found, run, one)) for one in range(READERS)]
    work += [asyncio.create_task(_write(found, run, one)) for one in range(WRITERS)]
    work += [asyncio.create_task(_sync(found, run, one)) for one in range(len(found.mirrors))]
    while time.monotonic() < run.end:
        await asyncio.sleep(SAMPLE_S)
        memory.append(memory_mb(found.process.pid, "Rss"))
    await asyncio.gather(*work)
    stored = await _count(found, select(func.count()).select_from(readings))
    minutes = await _count(found, select(func.count()).where(tallies.c.dominant_joy == 10))
    total = await _count(
        found, select(func.sum(counters.c.value)).where(counters.c.name == "total")
    )
    early = statistics.median(memory[len(memory) // 5 : 2 * len(memory) // 5] or memory)
    late = statistics.median(memory[-len(memory) // 5 :])
    asked = run.readings + run.reads + run.items // ITEMS
    rows = [
        ("requests", f"{asked:,} ({asked / seconds:.0f}/s)"),
        ("failed", f"{run.failed}"),
        ("readings acknowledged, stored", f"{run.readings:,}, {stored:,}"),
        ("aggregates acknowledged, stored", f"{run.items:,}, {minutes:,}"),
        ("counted of all accounts", f"{total:,} = {run.readings + 10 * run.items:,}"),
        ("memory in the second fifth, in the last", f"{early:.1f} MB, {late:.1f} MB"),
    ]
    assert (stored, minutes) == (run.readings, run.items)
    assert total == run.readings + 10 * run.items
    return table(f"A run of {seconds:.0f} s on PostgreSQL, one process", ("what", "figure"), rows)


async def _read(found: House, run: Run, client: int) -> None:
    turn = client
    while time.monotonic() < run.end:
        token = found.tokens[client % len(found.tokens)]
        await found.post("s0", token, f"first-{client}") if turn == client else None
        status, _ = await found.ask("GET", READS[turn % len(READS)], token)
        run.failed += status != 200
        run.readings += turn == client
        run.reads += 1
        turn += 1


async def _write(found: House, run: Run, client: int) -> None:
    count = 0
    while time.monotonic() < run.end:
        count += 1
        token = found.tokens[client % len(found.tokens)]
        status = await found.post(f"w{client}", token, f"{client}-{count}")
        run.failed += status != 201
        run.readings += status == 201


async def _sync(found: House, run: Run, place: int) -> None:
    count = 0
    while time.monotonic() < run.end:
        body = batch(f"l{place}-{count // 100}", (count % 100) * ITEMS + 5, ITEMS)
        status, answer = await found.ask("POST", "sync/", found.mirrors[place], body)
        run.failed += status != 200
        run.items += answer.count(b'"stored"')
        count += 1


async def _count(found: House, query: object) -> int:
    return int(await found.database.read(lambda of: of.scalar(query)) or 0)
