"""A look at a driver's devices that changes nothing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrord.driver import Device, Plugin
from mirrord.driver_host.memory import Memory
from mirrord.driver_host.said import said
from mirrord.driver_host.session import Session, plain
from mirrord.driver_host.side import HostSide

CLOSE_S = 5.0
LISTEN_S = 0.5  # devices that report by themselves get this long after the opening


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What opening a driver showed."""

    devices: tuple[Device, ...]
    error: str  # one sentence; empty when it opened
    took_s: float

    @property
    def ok(self) -> bool:
        """Whether the driver opened."""
        return not self.error


async def probe(
    plugin: Plugin[Any], config: Any, state_dir: Path, deadline_s: float
) -> ProbeResult:
    """Open a driver, listen for its devices, close it. Applies nothing, so changes nothing.

    The driver gets an empty memory of its own: what a running mirror remembers stays as it is.
    """
    seen: dict[str, Device] = {}
    side = HostSide(state_dir, Memory({}, lambda _values: None), lambda d: seen.update({d.id: d}))
    started = time.monotonic()
    session = Session(f"probe {plugin.name}", lambda: plugin.open(config, side))
    error = ""
    try:
        await session.open(deadline_s)
        await session.until(asyncio.sleep(LISTEN_S), min(2 * LISTEN_S, deadline_s))
    except Exception as failure:  # whatever a driver raises is an answer
        error = said(plain(failure))
    finally:
        took_s = time.monotonic() - started
        left = await session.close(CLOSE_S)
        side.retire()
    if left and not error:
        error = f"opened, but did not close within {CLOSE_S:g} s"
    return ProbeResult(tuple(seen.values()), error, took_s)
