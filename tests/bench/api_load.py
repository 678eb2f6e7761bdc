"""REST reads by 50 clients at once against one, and 1,000 sockets against one."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from tests.bench.api_server import EVERY_S, SESSION
from tests.bench.process import memory_mb, quantiles, table

READINGS = 20_000
CLIENTS = 50
SOCKETS = 1_000
READ_S = 6.0
UPDATES = 20
PATHS = (
    "readings/",
    "readings/recent/?hours=1",
    "readings/trends/?hours=24",
    "readings/distribution/",
    "sessions/",
    "sessions/s3/insights/",
    "environment/latest_for_session/?session_id=s3",
    "system/stats/",
)
HEADERS = {"Authorization": "Token owner"}


@dataclass(frozen=True)
class Load:
    """What one number of clients got."""

    rate: float  # answers a second
    p50_ms: float
    p99_ms: float


def report() -> str:
    """Return the tables."""
    with _server() as server:
        return asyncio.run(_measure(server))


@dataclass(frozen=True)
class Server:
    """The page in a process of its own."""

    url: str
    pid: int
    announce: Callable[[int], None]  # so many readings


@contextmanager
def _server() -> Iterator[Server]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))  # inherited by the server
    command = [sys.executable, "-m", "tests.bench.api_server", str(READINGS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdout is not None
        stdin = process.stdin
        assert stdin is not None

        def announce(count: int) -> None:
            stdin.write(f"{count}\n")

        yield Server(process.stdout.readline().strip(), process.pid, announce)
        stdin.close()


async def _measure(server: Server) -> str:
    before_mb = memory_mb(server.pid, "Rss")
    one = await _reads(server.url, 1)
    many = await _reads(server.url, CLIENTS)
    read_mb = memory_mb(server.pid, "Rss")
    alone, _ = await _listen(server, 1)
    crowd, crowd_mb = await _listen(server, SOCKETS)
    await asyncio.sleep(3)
    after_mb = memory_mb(server.pid, "Rss")
    rest = table(
        f"REST reads in turn over {len(PATHS)} resources, {READINGS:,} readings",
        ("clients", "answers/s", "p50", "p99"),
        [_row(1, one), _row(CLIENTS, many)],
    )
    sockets = table(
        f"Updates of one session, {1 / EVERY_S:g} a second",
        ("sockets", "deliveries", "p50", "p99"),
        [_delivered(1, alone), _delivered(SOCKETS, crowd)],
    )
    memory = table(
        "Memory of the server (RSS)",
        ("before", "after the reads", f"with {SOCKETS:,} sockets", "after they left"),
        [[f"{mb:.0f} MB" for mb in (before_mb, read_mb, crowd_mb, after_mb)]],
    )
    ratio = f"Answers a second, {CLIENTS} clients against one: {many.rate / one.rate:.2f}x\n"
    return "\n".join((rest, ratio, sockets, memory))


def _row(clients: int, load: Load) -> list[str]:
    return [f"{clients}", f"{load.rate:.0f}", f"{load.p50_ms:.1f} ms", f"{load.p99_ms:.1f} ms"]


def _delivered(sockets: int, delays_ms: list[float]) -> list[str]:
    p50, p99 = quantiles(delays_ms)
    return [f"{sockets:,}", f"{len(delays_ms):,}", f"{p50:.1f} ms", f"{p99:.1f} ms"]


async def _reads(url: str, clients: int) -> Load:
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(url, headers=HEADERS, connector=connector) as http:
        began = time.monotonic()
        took = await asyncio.gather(*(_read(http, began + READ_S, one) for one in range(clients)))
        passed = time.monotonic() - began
    delays = [delay for one in took for delay in one]
    return Load(len(delays) / passed, *quantiles(delays))


async def _read(http: aiohttp.ClientSession, end: float, start: int) -> list[float]:
    """Return how long each answer took, in milliseconds."""
    took: list[float] = []
    while time.monotonic() < end:
        path = PATHS[(start + len(took)) % len(PATHS)]
        began = time.perf_counter()
        async with http.get(f"/emotions/api/{path}") as response:
            await response.read()
            assert response.status == 200, path
        took.append(1000 * (time.perf_counter() - began))
    return took


async def _listen(server: Server, sockets: int) -> tuple[list[float], float]:
    """Return the delay of each delivery (ms), and the server's memory meanwhile (MB)."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(server.url, headers=HEADERS, connector=connector) as http:
        open_ = [await http.ws_connect(f"/ws/emotions/{SESSION}/") for _ in range(sockets)]
        server.announce(UPDATES)
        heard = await asyncio.gather(*(_hear(socket) for socket in open_))
        memory = memory_mb(server.pid, "Rss")
        await asyncio.gather(*(socket.close() for socket in open_))
    return [delay for one in heard for delay in one], memory


async def _hear(socket: aiohttp.ClientWebSocketResponse) -> list[float]:
    delays = []
    for _ in range(UPDATES):
        data = (await socket.receive_json(timeout=60))["data"]
        delay = datetime.now(UTC) - datetime.fromisoformat(data["timestamp"])
        delays.append(1000 * delay.total_seconds())
    return delays
