from __future__ import annotations

import asyncio
import sys
import threading
import time

import pytest

from mirrord.errors import Unavailable
from mirrord.runtime.worker import Worker


def fail(error: BaseException) -> None:
    raise error


async def test_calls_run_in_order_on_one_thread_of_their_own() -> None:
    seen: list[tuple[int, str]] = []
    async with Worker("lamp") as worker:
        await asyncio.gather(
            *(
                worker.call(5.0, lambda n=n: seen.append((n, threading.current_thread().name)))
                for n in range(20)
            )
        )
    assert seen == [(n, "lamp") for n in range(20)]


async def test_a_result_and_arguments_pass() -> None:
    async with Worker("lamp") as worker:
        assert await worker.call(5.0, divmod, 17, 5) == (3, 2)
        assert await worker.call(5.0, sorted, [1, 2], reverse=True) == [2, 1]


async def test_an_exception_reaches_the_caller_and_the_next_call_works() -> None:
    async with Worker("lamp") as worker:
        with pytest.raises(KeyError, match="bulb"):
            await worker.call(5.0, fail, KeyError("bulb"))
        assert await worker.call(5.0, int, "5") == 5


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), StopIteration()])
async def test_what_would_end_a_loop_or_be_lost_becomes_an_error(error: BaseException) -> None:
    async with Worker("lamp") as worker:
        with pytest.raises(RuntimeError, match=f"lamp: {type(error).__name__}"):
            await worker.call(5.0, fail, error)
        assert await worker.call(5.0, int, "5") == 5


async def test_a_call_beyond_its_deadline_is_unavailable_and_blocks_nobody() -> None:
    release = threading.Event()
    async with Worker("lamp") as worker:
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"lamp: no answer within 0.05 s"):
            await worker.call(0.05, release.wait, 20.0)
        assert time.monotonic() - started < 5.0
        release.set()
        assert await worker.call(5.0, int, "5") == 5


async def test_a_time_out_of_the_function_itself_is_not_called_the_deadline() -> None:
    async with Worker("lamp") as worker:
        with pytest.raises(Unavailable, match="lamp: the socket timed out"):
            await worker.call(5.0, fail, TimeoutError("the socket timed out"))
        with pytest.raises(Unavailable, match="lamp: timed out"):
            await worker.call(5.0, fail, TimeoutError())


async def test_a_call_that_nobody_waits_for_any_more_is_not_made() -> None:
    release, made = threading.Event(), []
    async with Worker("lamp") as worker:
        with pytest.raises(Unavailable):
            await worker.call(0.05, release.wait, 20.0)
        with pytest.raises(Unavailable):
            await worker.call(0.05, made.append, "stale")
        release.set()
        await worker.call(5.0, made.append, "fresh")
    assert made == ["fresh"]


async def test_closing_ends_the_thread() -> None:
    async with Worker("a worker of this test") as worker:
        await worker.call(5.0, int, "5")
    assert "a worker of this test" not in [thread.name for thread in threading.enumerate()]


async def test_closing_does_not_wait_for_a_call_that_hangs() -> None:
    release = threading.Event()
    started = time.monotonic()
    async with Worker("lamp") as worker:
        with pytest.raises(Unavailable):
            await worker.call(0.05, release.wait, 20.0)
    assert time.monotonic() - started < 5.0
    release.set()


async def test_a_hanging_call_does_not_hold_up_the_exit_of_the_process() -> None:
    code = (
        "import asyncio, time\n"
        "from mirrord.runtime.worker import Worker\n"
        "async def main():\n"
        "    async with Worker('lamp') as worker:\n"
        "        try: await worker.call(0.05, time.sleep, 60)\n"
        "        except Exception as error: print(type(error).__name__)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30.0)
    assert (process.returncode, out) == (0, b"Unavailable\n")
