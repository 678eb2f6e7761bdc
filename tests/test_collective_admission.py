"""What is too much is sent away for a while: mirrors first, then people, never a check-up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.collective_kit import MINUTE_MS, Api, served, tally

_START = time.time_ns() // 1_000_000 // MINUTE_MS * MINUTE_MS - MINUTE_MS
_BATCH = {"version": 1, "sent_at": _START, "items": [tally("evening", _START)]}


@asynccontextmanager
async def _jobs(api: Api, count: int) -> AsyncIterator[None]:
    """Keep so many jobs in the database until the context ends."""
    done, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def job(_of: Any) -> None:
        begun.release()
        await done.wait()

    tasks = [asyncio.create_task(api.database.read(job)) for _ in range(count)]
    for _ in tasks:
        await begun.acquire()
    try:
        yield
    finally:
        done.set()
        await asyncio.gather(*tasks)


async def test_mirrors_wait_before_people_do(tmp_path: Path) -> None:
    limits = {"batches_at_once": 2, "requests_at_once": 4}
    async with served(tmp_path, limits=limits) as api:
        _, token = await api.account("ada")
        mirror = await api.mirror(token)
        async with _jobs(api, 2):
            refused = await api.post("api/sync/", _BATCH, mirror)
            assert refused.status == 503
            assert 5 <= int(refused.headers["Retry-After"]) <= 20
            assert "try again in" in refused.body["message"]
            assert (await api.get("api/sessions/", token)).status == 200
            async with _jobs(api, 2):
                assert (await api.get("api/sessions/", token)).status == 503
                assert (await api.get("/health/live")).status == 200
                assert (await api.get("/health/ready")).status == 200
        assert (await api.post("api/sync/", _BATCH, mirror)).status == 200


async def test_a_body_that_trickles_in_keeps_nobody_out(tmp_path: Path) -> None:
    async with served(tmp_path, limits={"batches_at_once": 2, "requests_at_once": 2}) as api:
        _, token = await api.account("ada")
        mirror = await api.mirror(token)
        slow = [await _trickling(api, mirror) for _ in range(3)]
        async with asyncio.timeout(10):
            while (await api.post("api/sync/", _BATCH, mirror)).status != 200:
                await asyncio.sleep(0.02)  # until all of them have been let in
        for writer in slow:
            writer.close()
            await writer.wait_closed()


async def _trickling(api: Api, mirror: str) -> asyncio.StreamWriter:
    """Begin a request whose body does not come."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
    head = f"POST /emotions/api/sync/ HTTP/1.1\r\nHost: x\r\nAuthorization: {mirror}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n".encode())
    await writer.drain()
    return writer
