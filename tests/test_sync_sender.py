"""What the sender does with every answer, and with none; over a socket, against a strict peer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from mirrord.store.outbox import Retried, set_aside
from mirrord.sync_wire import Item, Result, SessionEnd, Tally
from tests.fakes.collective import FakeCollective, serving
from tests.sync_kit import Device, linked, totals

RNG = random.Random(7)
FAR = 1 << 41


@asynccontextmanager
async def pair(path: Path, minutes: int = 3) -> AsyncIterator[tuple[Device, FakeCollective]]:
    """A device that has something to send, and a collective that it is linked with."""
    fake, device = FakeCollective(), Device(path / "mirror.sqlite3")
    fake.now, fake.credential, fake.expires = device.clock.now_ms, "c" * 24, FAR
    async with serving(fake):
        linked(device, fake.url)
        visit(device, "evening", minutes)
        try:
            yield device, fake
        finally:
            device.close()


def visit(device: Device, name: str, minutes: int) -> None:
    device.start(name)
    for _ in range(minutes):
        for _ in range(6):
            device.look(name, RNG)
            device.clock.pass_(10)
        device.flush()
    device.end(name)
    device.flush()


def agree(device: Device, fake: FakeCollective) -> None:
    sums, ends, _ = device.held()
    assert totals(fake.tallies.values()) == sums
    assert fake.sessions == ends
    assert sums


async def test_what_waits_is_sent_once_and_packed(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        await device.settle()
        agree(device, fake)
        count = len(fake.batches)
        await device.send()
        assert len(fake.batches) == count
        assert device.waits() == []


async def test_the_newest_go_first_and_what_is_old_is_history(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        device.clock.pass_(86_400)
        visit(device, "today", 2)
        await device.settle()
        agree(device, fake)
        (batch,) = fake.batches
        tallies = [item for item in batch.items if isinstance(item, Tally)]
        late = [item.is_historical for item in tallies]
        assert late == sorted(late)
        assert 0 < sum(late) < len(late)


@pytest.mark.parametrize("status", [429, 500, 503, 404])
async def test_a_bad_day_of_the_collective_sets_nothing_aside(tmp_path: Path, status: int) -> None:
    async with pair(tmp_path) as (device, fake):
        fake.faults += [status, status]
        await device.send()
        assert device.sender.status.said == f"That is a {status}."
        assert {state for state, _, _ in device.waits()} == {"sent"}
        await device.settle()
        agree(device, fake)


async def test_retry_after_is_kept(tmp_path: Path) -> None:
    async def later(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "77"})

    async with pair(tmp_path) as (device, fake):
        fake.faults.append(later)
        assert 77 <= await device.sender.turn() < 78


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_one_item_at_fault_is_found_and_set_aside(tmp_path: Path, status: int) -> None:
    async with pair(tmp_path, 9) as (device, fake):
        bad = sorted(device.held()[2])[4][1]  # the start of a minute

        async def strict(request: web.Request) -> web.StreamResponse:
            fake.faults.append(strict)
            before, held = list(fake.batches), dict(fake.tallies)
            answer = await fake.answer(request)
            items = fake.batches[-1].items
            if any(isinstance(item, Tally) and item.start == bad for item in items):
                fake.batches[:], fake.tallies = before, held
                return web.json_response({"message": "No.", "data": None}, status=status)
            return answer

        fake.faults.append(strict)
        for _ in range(3):
            await device.send()
        assert [(state, count) for state, count, _ in device.waits()] == [("aside", 1)]
        (why,) = set_aside(device.database)
        assert (why.reason, why.count, why.first) == ("No.", 1, bad)
        fake.faults.clear()
        await device.put(Retried(aside=True))
        await device.settle()
        agree(device, fake)


async def test_a_refused_item_is_set_aside_with_its_reason_and_can_be_retried(
    tmp_path: Path,
) -> None:
    def no_sessions(item: Item) -> Result | None:
        return Result("refused", "limit", "Too many.") if isinstance(item, SessionEnd) else None

    async with pair(tmp_path) as (device, fake):
        fake.refuse = no_sessions
        await device.send()
        assert [(one.reason, one.count) for one in set_aside(device.database)] == [("Too many.", 1)]
        fake.refuse = lambda item: None
        await device.put(Retried(aside=True))
        await device.settle()
        agree(device, fake)


async def test_what_lies_ahead_is_taken_later(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        fake.now = lambda: device.clock.now_ms() - 86_400_000
        await device.send()
        assert {state for state, _, _ in device.waits()} == {"later"}
        fake.now = device.clock.now_ms
        await device.settle()
        agree(device, fake)


async def test_a_session_that_was_erased_there_stays_erased(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        fake.erased.update(device.shared())
        await device.send()
        assert device.waits() == []
        assert not fake.tallies


async def test_something_else_under_the_same_key_makes_the_session_begin_anew(
    tmp_path: Path,
) -> None:
    async with pair(tmp_path) as (device, fake):
        ((name, start), tally) = next(iter(device.held()[2].items()))
        other = Tally(**{**{f: getattr(tally, f) for f in tally.__struct_fields__}, "answered": 0})
        fake.tallies[name, "minute", start] = other
        await device.settle()
        agree(device, fake)
        assert name in fake.erased


async def test_a_mad_collective_does_not_make_it_send_for_ever(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        fake.refuse = lambda item: Result("refused", "differs", "I differ.")
        async with asyncio.timeout(30):
            for _ in range(3):
                await device.send()
        assert len(fake.batches) < 60
        assert "aside" in {state for state, _, _ in device.waits()}


async def test_a_redirection_is_never_followed(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        elsewhere = FakeCollective()
        async with serving(elsewhere):

            async def moved(_request: web.Request) -> web.Response:
                return web.Response(status=307, headers={"Location": elsewhere.url + "/x"})

            fake.faults.append(moved)
            await device.send()
        assert elsewhere.requests == []
        assert elsewhere.url in device.sender.status.said


async def test_an_answer_without_end_and_one_without_sense_are_not_believed(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b" " * 100_000)

    async def short(request: web.Request) -> web.Response:
        await fake.answer(request)
        results = (
            '{"success": true, "data": {"results": [], "server_time": 1, "credential_expires": 2}}'
        )
        return web.Response(text=results)

    async def nonsense(_request: web.Request) -> web.Response:
        return web.Response(text="<html>Welcome to the hotel's network</html>")

    async with pair(tmp_path) as (device, fake):
        device.timeout_s = 5.0
        device.restart()
        for fault in (endless, short, nonsense):
            fake.faults.append(fault)
            await device.send()
            assert device.sender.status.problem in ("unreachable", "refused")
            assert {state for state, _, _ in device.waits()} == {"sent"}
        await device.settle()
        agree(device, fake)


async def test_a_credential_that_does_not_hold_is_shown_and_loses_nothing(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        fake.credential = "another"
        await device.send()
        status = device.sender.status
        assert (status.problem, status.said) == ("credential", "That credential does not hold.")
        fake.credential = "c" * 24
        await device.settle()
        agree(device, fake)


async def test_the_credential_is_renewed_and_survives_a_lost_answer(tmp_path: Path) -> None:
    async def lost(request: web.Request) -> web.StreamResponse:
        await fake._rotate(request)
        raise ConnectionResetError

    async with pair(tmp_path) as (device, fake):
        link = device.file.read()
        assert link is not None
        device.file.write(link.changed(begins=0, expires=2 * device.clock.now_ms() - 10))

        async def then_lost(request: web.Request) -> web.StreamResponse:
            fake.faults.append(lost)
            return await fake.answer(request)

        fake.faults.append(then_lost)
        await device.send()  # the batch; then the rotation, whose answer is lost
        assert fake.next_credential
        assert (device.file.read() or link).next_credential == ""
        visit(device, "second", 1)
        await device.settle()  # with the old one, which holds; and renews it
        now = device.file.read()
        assert now is not None
        assert now.next_credential == fake.next_credential != ""
        visit(device, "third", 1)
        await device.settle()  # with the new one: the old one is gone
        now = device.file.read()
        assert now is not None
        assert (now.credential, now.next_credential) == (fake.credential, "")
        agree(device, fake)


async def test_nothing_is_sent_before_the_clock_is_right(tmp_path: Path) -> None:
    async with pair(tmp_path) as (device, fake):
        visit(device, "later", 1)
        device.clock.right = False
        device.restart()
        fake.now = lambda: 0
        await device.send()
        assert device.sender.status.problem == "clock"
        assert fake.requests == [("GET", "/emotions/api/mirrors/self/")]


async def test_a_mistake_of_ours_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with pair(tmp_path) as (device, fake):

        async def mistaken(*_: object) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(device.sender, "_send_batch", mistaken)
            await device.send()
        assert device.sender.status.problem == "store"
        assert "ZeroDivisionError" in caplog.text
        await device.settle()
        agree(device, fake)
