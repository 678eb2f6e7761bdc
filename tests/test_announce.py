"""The page's name in the home network, heard by another machine's multicast DNS (on loopback)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from zeroconf import AddressResolver
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from mirrord import announce
from mirrord.announce import SERVICE, Announcer
from mirrord.config import parse
from mirrord.reach import Reach
from mirrord.web import make_app
from mirrord.web.guard import HOSTS, is_own_host
from mirrord.whereabouts import addresses_of, label_of, urls_of
from tests.fakes.mirror import FakeMirror
from tests.waiting import until

# Every test has a name of its own: others may run beside it in the same network.
HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.77"  # an address that is not ours


@pytest_asyncio.fixture
async def other() -> AsyncIterator[AsyncZeroconf]:
    """Another machine of the network."""
    network = AsyncZeroconf(interfaces=[HERE])
    await network.zeroconf.async_wait_for_start()
    yield network
    await network.async_unregister_all_services()
    await network.async_close()


@asynccontextmanager
async def announcing(
    name: str, addresses: Callable[[str], Sequence[str]] = lambda _host: [HERE]
) -> AsyncIterator[list[str]]:
    """Announce a mirror's page; gives the names that it went by."""
    names: list[str] = []
    announcer = Announcer(
        name, 8080, "0.0.0.0", names.append, addresses=addresses, interfaces=[HERE], look_s=0.05
    )
    running = asyncio.create_task(announcer.run())
    try:
        yield names
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def heard(network: AsyncZeroconf, title: str) -> AsyncServiceInfo | None:
    info = AsyncServiceInfo(SERVICE, f"{title}.{SERVICE}")
    return info if await info.async_request(network.zeroconf, 3000) else None


async def addresses_at(network: AsyncZeroconf, server: str) -> list[str]:
    asked = AddressResolver(server)
    await asked.async_request(network.zeroconf, 3000)
    return asked.parsed_addresses()


async def test_another_machine_finds_the_page_and_loses_it_at_the_end(other: AsyncZeroconf) -> None:
    changes: list[tuple[str, str]] = []

    def note(service_type: str, name: str, state_change: object, **_: object) -> None:
        changes.append((name, getattr(state_change, "name", "")))

    browser = AsyncServiceBrowser(other.zeroconf, SERVICE, handlers=[note])
    async with announcing("Spiegel im Flur") as names:
        await until(lambda: names)
        assert names == ["spiegel-im-flur.local"]
        found = await heard(other, "Spiegel im Flur")
        assert found is not None
        assert (found.server, found.port) == ("spiegel-im-flur.local.", 8080)
        assert found.parsed_addresses() == [HERE]
        assert await addresses_at(other, "spiegel-im-flur.local.") == [HERE]
    assert names[-1] == ""
    await until(lambda: (f"Spiegel im Flur.{SERVICE}", "Removed") in changes)
    await browser.async_cancel()


async def test_a_name_that_is_taken_gets_a_number(other: AsyncZeroconf) -> None:
    taken = AsyncServiceInfo(
        SERVICE,
        f"attic.{SERVICE}",
        port=80,
        addresses=[socket.inet_aton(ELSEWHERE)],
        server="attic.local.",
    )
    await (await other.async_register_service(taken))
    async with announcing("Attic") as names:
        await until(lambda: names)
        assert names == ["attic-2.local"]
        assert await addresses_at(other, "attic.local.") == [ELSEWHERE]


async def test_who_hears_of_a_namesake_later_steps_aside(
    other: AsyncZeroconf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "_STEP_ASIDE_S", 0.1)
    async with announcing("Cellar") as names:
        await until(lambda: names)
        namesake = AsyncServiceInfo(
            "_other._tcp.local.",
            "cellar._other._tcp.local.",
            port=80,
            addresses=[socket.inet_aton(ELSEWHERE)],
            server="cellar.local.",
        )
        await (await other.async_register_service(namesake))
        await until(lambda: names[-1] == "cellar-2.local")
    assert names == ["cellar.local", "", "cellar-2.local", ""]


async def test_other_addresses_are_announced_anew(other: AsyncZeroconf) -> None:
    now = [HERE]
    async with announcing("Kitchen", lambda _host: list(now)) as names:
        await until(lambda: names)
        now.append("127.0.0.3")
        await until(lambda: len(names) >= 3)
        assert names == ["kitchen.local", "", "kitchen.local"]
        async with asyncio.timeout(15):  # what was heard before is believed for a second
            while sorted(await addresses_at(other, "kitchen.local.")) != [HERE, "127.0.0.3"]:
                await asyncio.sleep(0.05)
        now.clear()  # the cable is pulled
        await until(lambda: names[-1] == "")


async def test_without_a_network_there_is_one_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    def fails(_host: str) -> list[str]:
        nonlocal tries
        tries += 1
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(announce.Backoff, "next_s", _at_once)
    with caplog.at_level(logging.INFO, "mirrord"):
        async with announcing("Hall", fails) as names:
            await until(lambda: tries > 3)
    assert names == []
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "Network is unreachable" in caplog.text


def _at_once(backoff: announce.Backoff) -> float:
    backoff.failures += 1
    return 0.01


async def test_a_port_that_is_taken_costs_a_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(announce, "AsyncZeroconf", _blocked)
    async with announcing("Hall") as names:
        await until(lambda: "not announced" in caplog.text)
    assert names == []
    assert "Traceback" not in caplog.text


def _blocked(**_options: object) -> AsyncZeroconf:
    raise OSError(98, "Address already in use")


async def test_the_page_answers_to_the_name_while_it_holds() -> None:
    config = parse({"mirror": {"name": "Hall"}, "web": {"host": "0.0.0.0"}}, "test")
    reach, app = Reach(config), make_app(FakeMirror())
    reach.add(app)
    reach.serve_at("http://localhost:8080/")
    names, before = app[HOSTS], set(app[HOSTS])
    assert not is_own_host("hall.local:8080", names)
    reach._go_by("hall.local")
    assert is_own_host("hall.local:8080", names)
    assert reach.urls[0] == "http://hall.local:8080/"
    assert reach.facts().address == "http://hall.local:8080/"
    reach._go_by("hall-2.local")
    assert not is_own_host("hall.local", names)
    reach._go_by("")
    assert names == before


@pytest.mark.parametrize(
    "web", [{"host": "127.0.0.1"}, {"host": "localhost"}, {"host": "0.0.0.0", "announce": False}]
)
async def test_nothing_is_announced_where_nobody_can_come(
    web: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr("mirrord.reach.Announcer", lambda *args: made.append(args))
    reach = Reach(parse({"web": web}, "test"))
    running = asyncio.create_task(reach.run())
    for _ in range(5):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert made == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Mirror", "mirror"),
        ("Spiegel im Flur", "spiegel-im-flur"),
        ("Größter Spiegel!", "groesster-spiegel"),
        ("Café Ångström", "cafe-angstroem"),
        ("鏡", "mirror"),
        ("--", "mirror"),
        ("x" * 60, "x" * 50),
    ],
)
def test_a_host_is_called_as_the_mirror(name: str, label: str) -> None:
    assert label_of(name) == label


@given(st.text(max_size=80))
def test_every_name_makes_a_label(name: str) -> None:
    label = label_of(name)
    assert 1 <= len(label) <= 50
    assert set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert label.strip("-") == label


def test_addresses() -> None:
    assert addresses_of("127.0.0.1") == []
    assert addresses_of("localhost") == []
    assert addresses_of("192.168.1.7") == ["192.168.1.7"]
    assert all(not one.startswith(("127.", "fe80", "::1")) for one in addresses_of("0.0.0.0"))
    assert urls_of("", ["10.0.0.2", "fd00::2"], 8080) == [
        "http://10.0.0.2:8080/",
        "http://[fd00::2]:8080/",
    ]
    assert urls_of("hall.local", [], 80) == ["http://hall.local/"]
