"""The question for a newer version: what the wire sees, what is believed, when it is asked."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from mirrord.errors import MirrorError, Unavailable
from mirrord.runtime.beside import beside
from mirrord.store import Store
from mirrord.store.ledger import Egress, egress
from mirrord.updates import Updates
from mirrord.updates.asking import MOST_BYTES, Asker
from mirrord.updates.checker import DAY_S, FIRST_S, LEAST_S, LONGEST_S
from mirrord.updates.release import release_in
from mirrord.updates.ways import Machine
from tests.fakes.releases import DEB, WHEEL, Answer, FakeReleases, description, releases

HERE = Machine("13", "arm64", packaged=True)


@dataclass
class Days:
    """A clock that jumps over every pause, until `last_s`."""

    now_s: float = 1_790_000_000.0
    last_s: float = float("inf")
    pauses: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds
        if self.now_s > self.last_s:
            self.over.set()
            await asyncio.Event().wait()


@dataclass
class Check:
    """The real part of a mirror, over a store and a server."""

    server: FakeReleases
    store: Store
    clock: Days = field(default_factory=Days)
    kept: list[Any] = field(default_factory=list)

    def updates(self, url: str | None = None, **more: Any) -> Updates:
        asker = Asker(self.store, 0.5, self.clock.now)
        given = {"installed": "9.0.0", "machine": HERE, "keep": self.kept.append} | more
        return Updates(
            self.store,
            self.server.url if url is None else url,
            asker=asker,
            sleep=self.clock.sleep,
            now_s=self.clock.now,
            rng=random.Random(7),
            **given,
        )

    async def ledger(self) -> list[Egress]:
        return await self.store.ask(lambda database: egress(database, 99))


@pytest_asyncio.fixture
async def check(tmp_path: Path) -> AsyncIterator[Check]:
    async with Store.open(tmp_path / "mirror.sqlite3") as store, releases() as server:
        yield Check(server, store)


async def test_the_wire_saw_what_the_ledger_says_and_nothing_of_the_house(check: Check) -> None:
    updates, server = check.updates(), check.server
    server.answers += [points("/9.1/release.json"), answers(503)]
    assert await updates.turn() >= LEAST_S  # led on within the same server, to a refusal
    assert 0.9 * DAY_S <= await updates.turn() <= 1.1 * DAY_S
    await updates.turn()
    rows = await check.ledger()
    assert sum(row.bytes for row in rows) == len(server.line.sent)
    assert [row.outcome for row in reversed(rows)] == ["302", "503", "200", "200"]
    assert {(row.kind, row.place) for row in rows} == {("update", f"127.0.0.1:{server.line.port}")}
    told = bytes(server.line.sent).decode()
    for request in told.removesuffix("\r\n\r\n").split("\r\n\r\n"):
        first, *head = request.splitlines()
        assert first in ("GET /latest/release.json HTTP/1.1", "GET /9.1/release.json HTTP/1.1")
        assert sorted(head) == [  # no cookie, though one was set; no version, no name, no token
            "Accept-Encoding: identity",
            "Accept: application/json",
            "Connection: close",
            f"Host: 127.0.0.1:{server.line.port}",
            "User-Agent: mood-mirror",
        ]


async def test_a_newer_version_is_said_with_the_ways_to_install_it(check: Check) -> None:
    updates = check.updates()
    await updates.turn()
    found = updates.standing
    assert (found.state, found.installed, found.latest) == ("newer", "9.0.0", "9.1.0")
    assert (found.date, found.notes, found.said) == ("2026-12-01", "Sees in the dark.", "")
    there = check.server.url.removesuffix("release.json")
    assert [(way.by, way.command) for way in found.ways] == [
        (
            "deb",
            f"wget -O {DEB} '{there}{DEB}' && echo '{'d' * 64} *{DEB}' | sha256sum -c"
            f" && sudo apt install ./{DEB}",
        ),
        ("pipx", f"pipx install --force '{there}{WHEEL}#sha256={'e' * 64}'"),
    ]
    again = check.updates(installed="9.1.0")
    await again.turn()
    assert (again.standing.state, again.standing.latest) == ("current", "9.1.0")
    assert again.standing.ways == ()


def answers(status: int = 200, body: bytes = b"", **head: str) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=head)

    return answer


def points(where: str) -> Answer:
    return answers(302, Location=where)


def says(**changes: Any) -> Answer:
    return answers(body=json.dumps(description(**changes)).encode())


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(MOST_BYTES // 4096 + 2):
        await response.write(b" " * 4096)
    return response


async def silent(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(9)
    raise web.HTTPServiceUnavailable


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (answers(body=b"<html>Not found</html>"), "no description"),
        (says(name="other"), "no description"),
        (endless, "cannot be read"),
        (answers(body=b" " * (MOST_BYTES + 1)), "cannot be read"),
        (silent, "did not answer in time"),
        (hangs_up, "broke off"),
        (answers(404), "answered 404"),
        (answers(500), "answered 500"),
        (points("http://127.0.0.1:9/release.json"), "not followed"),
        (points("https://elsewhere.example/release.json"), "not followed"),
        (points("//elsewhere.example/"), "not followed"),
        (points("/release.json?house=7"), "not followed"),
        (points("/$(id)/release.json"), "not followed"),
        (answers(302), "nowhere"),
    ],
)
async def test_what_is_no_answer_is_said_calmly(check: Check, answer: Answer, said: str) -> None:
    updates = check.updates()
    await updates.turn()
    check.server.answers.append(answer)
    wait_s = await updates.turn()
    found = updates.standing
    assert said in found.said
    assert found.state == "newer"  # what was known is still known
    assert LEAST_S <= wait_s <= LEAST_S + LONGEST_S
    assert found.again_at == pytest.approx(check.clock.now_s + wait_s)
    assert len(check.server.heads) == 2
    assert sum(row.bytes for row in await check.ledger()) == len(check.server.line.sent)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "the newest"},
        {"version": " 9.1"},
        {"date": "tomorrow"},
        {"notes": "one\nrm -rf"},
        {"notes": "\u202eesrever"},
        {"notes": "x" * 301},
        {"files": [{"name": "a;b.whl", "sha256": "e" * 64}]},
        {"files": [{"name": "../a.whl", "sha256": "e" * 64}]},
        {"files": [{"name": "a.whl", "sha256": "e' * 64"}]},
        {"files": [{"name": "a.whl", "sha256": "e" * 64}] * 65},
    ],
)
def test_a_description_that_lies_is_none(changes: dict[str, Any]) -> None:
    release_in(json.dumps(description()).encode())
    with pytest.raises(MirrorError, match="no description"):
        release_in(json.dumps(description(**changes)).encode())


async def test_leading_on_has_an_end_and_a_wish_for_a_pause_is_heard(check: Check) -> None:
    updates, server = check.updates(), check.server
    server.answers += [points(f"/{number}/release.json") for number in range(9)]
    await updates.turn()
    assert "without end" in updates.standing.said
    assert len(server.heads) == len(await check.ledger()) == 4
    server.answers[:] = [answers(429, **{"Retry-After": "30000"})]
    assert 30_000 <= await updates.turn() <= 30_000 + LONGEST_S
    assert updates.standing.state == "unknown"


async def test_a_request_that_cannot_be_noted_is_not_made(check: Check) -> None:
    class Full:
        async def put(self, entry: object) -> None:
            raise Unavailable("the disk is full")

    updates = Updates(Full(), check.server.url)
    await updates.turn()
    assert updates.standing.said == "the disk is full"
    assert check.server.line.connections == 0


async def asking(updates: Updates, until: Callable[[], Awaitable[Any]]) -> None:
    async with beside(updates.run(), "updates"), asyncio.timeout(10):
        await until()


async def test_it_is_asked_once_a_day_and_not_before_some_minutes(check: Check) -> None:
    clock = check.clock
    clock.last_s = clock.now_s + 20 * DAY_S
    await asking(check.updates(), clock.over.wait)
    assert FIRST_S[0] <= clock.pauses[0] <= FIRST_S[1]
    assert 18 <= check.server.line.connections <= 23
    assert len({round(pause) for pause in clock.pauses}) == len(clock.pauses)  # never in step
    # Started again ten minutes later, it knows, and does not ask before the day is over.
    clock.now_s = check.kept[-1]["at"] + 600
    clock.pauses.clear()
    clock.over.clear()
    clock.last_s = 0.0
    asked, updates = check.server.line.connections, check.updates(memory=check.kept[-1])
    assert updates.standing.state == "newer"
    await asking(updates, clock.over.wait)
    assert clock.pauses == [pytest.approx(DAY_S - 600)]
    assert check.server.line.connections == asked


@pytest.mark.parametrize("memory", [None, 7, {"url": "x"}, {"at": "now"}, "another"])
async def test_what_is_not_remembered_is_asked_anew(check: Check, memory: Any) -> None:
    if memory == "another":
        release = description()
        memory = {"url": "https://a.example", "address": "", "at": 1.0, "release": release}
    assert check.updates(memory=memory).standing.state == "unknown"


async def test_without_an_address_nobody_is_asked_ever(check: Check) -> None:
    """Not from the start on; not in days; and not from the moment when it is switched off."""
    server, clock = check.server, check.clock
    off = check.updates("", memory={"url": server.url})
    await asking(off, partial(asyncio.sleep, 0.05))
    assert (off.standing.state, off.standing.place, clock.pauses) == ("off", "", [])
    assert server.line.connections == 0

    async def switched() -> None:
        off.change(server.url)  # asks at once: somebody wants to see
        await server.asked.wait()
        server.asked.clear()
        off.change("")
        assert off.standing == check.updates("").standing
        await asyncio.sleep(0.05)

    server.answers.append(silent)
    await asking(off, switched)
    assert server.line.connections == 1
    (row,) = await check.ledger()
    assert (row.outcome, row.bytes) == ("no answer", len(server.line.sent))
    assert check.kept[-1] is None
    # One that waits for its day goes on waiting for nothing.
    clock.last_s = 0.0
    waiting = check.updates()

    async def before_its_day() -> None:
        await clock.over.wait()
        waiting.change("")
        await asyncio.sleep(0.05)

    await asking(waiting, before_its_day)
    assert server.line.connections == 1
