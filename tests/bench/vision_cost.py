"""CPU, memory and start of the vision process against the real `fer` loop, on the same clip.

Both look at a film of a real face. Ours runs as in life, paced at 10 frames a second; the `fer`
loop runs as fast as it can, and its cost of a frame is taken ten times.
"""

from __future__ import annotations

import asyncio
import compileall
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import mirrord
from mirrord.sight import Sight
from mirrord.sight_settings import CameraSettings, VisionSettings
from mirrord.wire import FrameSeen, Message
from tests.bench import memory
from tests.bench.process import cpu_s, memory_mb, table

FPS = 10
LOOP = Path(__file__).with_name("fer_loop.py")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of the two needs."""

    start_s: float  # from starting the process to the first expression
    cpu_share: float  # CPU seconds a second of video at 10 frames a second
    memory_mb: float


async def ours(source: str, seconds: float = 20.0, settle_s: float = 4.0) -> Cost:
    """Measure the vision process on `source`."""
    first = asyncio.Event()

    def take(message: Message) -> None:
        if isinstance(message, FrameSeen) and any(face.expressions for face in message.faces):
            first.set()

    sight = Sight(CameraSettings(source=source, fps=FPS), VisionSettings(), take)
    began = time.monotonic()
    running = asyncio.create_task(sight.run())
    try:
        await asyncio.wait_for(first.wait(), 30)
        start_s = time.monotonic() - began
        await asyncio.sleep(settle_s)
        return Cost(start_s, *await _steady(sight, seconds))
    finally:
        running.cancel()
        await asyncio.wait({running})


async def empty(source: str, seconds: float = 20.0, settle_s: float = 12.0) -> float:
    """Return the CPU share of the vision process on a source that shows nobody."""
    sight = Sight(CameraSettings(source=source, fps=FPS), VisionSettings(), lambda _message: None)
    running = asyncio.create_task(sight.run())
    try:
        await asyncio.sleep(settle_s)
        return (await _steady(sight, seconds))[0]
    finally:
        running.cancel()
        await asyncio.wait({running})


async def _steady(sight: Sight, seconds: float) -> tuple[float, float]:
    assert sight.pid is not None
    before, began = cpu_s(sight.pid), time.monotonic()
    await asyncio.sleep(seconds)
    share = (cpu_s(sight.pid) - before) / (time.monotonic() - began)
    return share, memory_mb(sight.pid, "Rss")


def fer(python: str, source: str, frames: int = 60, settle: int = 10) -> Cost:
    """Measure the real `fer` loop, run by an interpreter that has it."""
    began = time.monotonic()
    with subprocess.Popen(
        [python, str(LOOP), source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            _faces(process, 1)
            start_s = time.monotonic() - began
            _faces(process, settle)
            before = cpu_s(process.pid)
            _faces(process, frames)
            share = (cpu_s(process.pid) - before) / frames * FPS
            return Cost(start_s, share, memory_mb(process.pid, "Rss"))
        finally:
            process.kill()


def _faces(process: subprocess.Popen[str], count: int) -> None:
    """Read lines until `count` frames are done; the loop prints one a frame."""
    assert process.stdout is not None
    for _ in range(count):
        while not (line := process.stdout.readline()).startswith("{"):
            if not line:
                raise RuntimeError("the fer loop ended; is `fer` installed there?")


def _let_go(folder: Path) -> None:
    """Have a library read from the disk anew when it is next loaded, as after a boot.

    What an installation has just written lies in memory in large pieces, and a kernel from 6.18 on
    maps a piece as a whole: a process then seems to use what it has never touched.
    """
    for path in folder.rglob("*.so*"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def report(python: str, clip: str, nobody: str, rounds: int = 3) -> str:
    """Measure both in turn and return the table of medians."""
    compileall.compile_dir(Path(mirrord.__file__).parent, quiet=1)  # as an installation does
    for interpreter in (sys.executable, python):
        _let_go(Path(interpreter).parents[1] / "lib")
    pairs = [(asyncio.run(ours(clip)), fer(python, clip)) for _ in range(rounds)]
    idle = sorted(asyncio.run(empty(nobody)) for _ in range(rounds))[rounds // 2]

    def row(name: str, key: str, unit: str) -> list[str]:
        mine = sorted(getattr(one, key) for one, _ in pairs)[rounds // 2]
        theirs = sorted(getattr(other, key) for _, other in pairs)[rounds // 2]
        return [name, f"{mine:.3g} {unit}", f"{theirs:.3g} {unit}", f"{theirs / mine:.1f}x"]

    whole = sorted(memory.whole(clip) for _ in range(rounds))[rounds // 2][1]
    loop_mb = sorted(other.memory_mb for _, other in pairs)[rounds // 2]
    share = sorted(one.cpu_share for one, _ in pairs)[rounds // 2]
    rows = [
        row("CPU a second of video at 10 fps", "cpu_share", "s"),
        row("memory of the process (RSS)", "memory_mb", "MB"),
        ["memory of the whole mirror, every driver (PSS)", f"{whole:.3g} MB", f"{loop_mb:.3g} MB",
         f"{loop_mb / whole:.1f}x"],
        row("start to the first reading", "start_s", "s"),
        ["CPU with nobody there, against a face", f"{idle:.3g} s", f"{share:.3g} s",
         f"{share / idle:.1f}x"],
    ]  # fmt: skip
    return table("The vision process", ("what", "mirror", "`fer` loop / face", "ratio"), rows)
