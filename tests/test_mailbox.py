from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.runtime.mailbox import Mailbox


async def test_a_reader_that_was_away_gets_the_newest_alone() -> None:
    mailbox: Mailbox[int] = Mailbox()
    for value in range(1000):
        mailbox.put(value)
    assert await mailbox.get() == 999
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(mailbox.get(), 0.01)


async def test_a_waiting_reader_is_woken() -> None:
    mailbox: Mailbox[str] = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put("now")
    assert await asyncio.wait_for(reading, 1.0) == "now"


async def test_a_cancelled_reader_takes_nothing() -> None:
    mailbox: Mailbox[str] = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put("kept")
    reading.cancel()
    await asyncio.wait({reading})
    assert reading.cancelled()
    assert await asyncio.wait_for(mailbox.get(), 1.0) == "kept"


async def test_again_gives_what_was_taken_once_more() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.again()  # there is nothing yet
    mailbox.put("wish")
    assert [await mailbox.get(), mailbox.newest] == ["wish", "wish"]
    mailbox.again()
    assert await asyncio.wait_for(mailbox.get(), 1.0) == "wish"


@given(st.lists(st.one_of(st.integers(), st.just("get")), max_size=40))
def test_get_returns_the_last_put_and_each_once(steps: list[int | str]) -> None:
    async def follow() -> None:
        mailbox: Mailbox[int] = Mailbox()
        last, fresh = None, False
        for step in steps:
            if isinstance(step, int):
                mailbox.put(step)
                last, fresh = step, True
            elif fresh:
                assert await mailbox.get() == last
                fresh = False
            assert mailbox.newest == last

    asyncio.run(follow())
