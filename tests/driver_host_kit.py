"""A driver host on a bench: scripted drivers, quick timing, and what the host tells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirrord.driver_host import DriverHost, Timing
from mirrord.model import DriverStatus
from tests.fakes.driver_scripted import Script, scripted

QUICK = Timing(
    open_s=0.5,
    apply_s=0.5,
    close_s=0.5,
    heartbeat_s=0.1,
    backoff_first_s=0.02,
    backoff_cap_s=0.05,
    steady_s=0.2,
    stall_s=0.3,
)


@dataclass
class Bench:
    """A running host, and what it told."""

    host: DriverHost
    running: asyncio.Task[None]
    changes: list[list[DriverStatus]] = field(default_factory=list)
    saved: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def status(self, name: str = "lamp") -> DriverStatus:
        return next(status for status in self.host.status if status.name == name)

    async def stop(self) -> float:
        started = time.monotonic()
        self.running.cancel()
        await asyncio.wait({self.running})
        return time.monotonic() - started


@asynccontextmanager
async def hosting(
    *scripts: Script,
    timing: Timing = QUICK,
    memory: dict[str, dict[str, Any]] | None = None,
    tables: dict[str, dict[str, Any]] | None = None,
    state_dir: Path = Path("state"),
) -> AsyncIterator[Bench]:
    names = ["lamp", *(f"lamp{n}" for n in range(2, len(scripts) + 1))]
    plugins = {name: scripted(one, name) for name, one in zip(names, scripts, strict=True)}
    bench: Bench
    host = DriverHost(
        tables or {name: {} for name in names},
        state_dir,
        memory or {},
        lambda: bench.changes.append(bench.host.status),
        lambda name, values: bench.saved.append((name, values)),
        where="mirror.toml",
        plugins=plugins,
        timing=timing,
    )
    bench = Bench(host, asyncio.create_task(host.run()))
    try:
        yield bench
    finally:
        await bench.stop()
