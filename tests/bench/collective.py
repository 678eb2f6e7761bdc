"""The collective, measured: `python -m tests.bench collective [--seconds N]`.

Processes of the command, on SQLite and on Debian's PostgreSQL with a Redis; what asks runs on the
same machine.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench import (
    collective_growth,
    collective_ingest,
    collective_load,
    collective_rest,
    collective_sockets,
)
from tests.bench.collective_house import house
from tests.postgres_kit import postgres

KEPT = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}  # as in earnest


def report(seconds: float) -> str:
    """Print the tables as they come; the load run takes `seconds`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384), most))
    return asyncio.run(_measure(seconds))


async def _measure(seconds: float) -> str:
    parts: list[str] = []
    with postgres(**KEPT) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measures: list[Callable[..., Awaitable[str]]] = [
            collective_ingest.measure,
            collective_rest.measure,
            collective_growth.one_more_reading,
            collective_sockets.measure,
            collective_growth.many_aggregates,
        ]
        for measure in measures:
            parts.append(await measure(folder, server))
            print(parts[-1], flush=True)
        async with house(folder, await server.database()) as found:
            parts.append(await collective_load.measure(found, seconds))
            print(parts[-1], flush=True)
    return ""
