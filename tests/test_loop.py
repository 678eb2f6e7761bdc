"""A command ends, whatever its tasks and threads do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress

import pytest

from mirrord.errors import MirrorError
from mirrord.runtime.loop import run

DEAF = """
async def deaf():
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

async def main():
    asyncio.create_task(deaf(), name="driver lamp")
    await asyncio.sleep(0)
"""
HUNG = """
async def main():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    await asyncio.sleep(0.05)
"""
START = """
import asyncio, logging, sys, time
from contextlib import suppress
from mirrord.runtime.loop import leave, run
logging.basicConfig()
"""


END = """
try:
    print("the answer:", run(main(), grace_s=0.2))
    {end}
finally:
    leave()
"""


def process(source: str, end: str = "") -> subprocess.CompletedProcess[str]:
    code = START + source + "    return 5\n" + END.format(end=end)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_result_and_a_failure_pass():
    async def give() -> int:
        return 5

    async def fail() -> None:
        raise MirrorError("no")

    assert run(give()) == 5
    with pytest.raises(MirrorError, match="no"):
        run(fail())


def test_tasks_that_are_left_are_cancelled_and_may_tidy_up():
    tidied = []

    async def tidy() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            tidied.append(True)

    async def main() -> None:
        left.append(asyncio.create_task(tidy()))
        await asyncio.sleep(0)

    left: list[asyncio.Task[None]] = []
    run(main())
    assert tidied == [True]
    with suppress(asyncio.CancelledError):
        assert left[0].cancelled()


@pytest.mark.parametrize(
    ("source", "name", "end", "status"),
    [
        (HUNG, "a thread", "", 0),
        (DEAF, "driver lamp", "", 0),
        (DEAF, "driver lamp", "sys.exit(3)", 3),
        (DEAF, "driver lamp", "sys.exit('nope')", 1),
        (DEAF, "driver lamp", "int('nope')", 1),
    ],
)
def test_nothing_keeps_the_process(source: str, name: str, end: str, status: int):
    ended = process(source, end)
    assert ("nope" in ended.stderr.splitlines()[-1]) == ("nope" in end)
    assert (ended.returncode, ended.stdout) == (status, "the answer: 5\n")
    assert f"not waiting any longer for {name}" in ended.stderr


def test_without_anything_left_leaving_does_nothing():
    ended = process("async def main():\n", "print('and on')")
    assert (ended.returncode, ended.stdout) == (0, "the answer: 5\nand on\n")
    assert ended.stderr == ""
