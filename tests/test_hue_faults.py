"""Bridges that hang, drip, break off, lie, refuse: in words, in time, and disturbing nobody."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mirrord.driver import Driver, MirrorError, Refused, Unavailable, write_secret
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp
from mirrord.simulator.bridge_faults import Misbehaviour
from mirrord.testing import BRIGHT, DIM
from mirrord_hue import HueSettings
from mirrord_hue.settings import Key, read_key, write_key
from tests.fakes.hue import KEY, Home


@asynccontextmanager
async def canned(answer: bytes) -> AsyncIterator[str]:
    """Serve the same bytes to whoever asks, and give the address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def longest_stall(stop: asyncio.Event) -> float:
    """Return the longest time that the loop stood still until `stop`."""
    longest, before = 0.0, time.monotonic()
    while not stop.is_set():
        await asyncio.sleep(0.01)
        now = time.monotonic()
        longest, before = max(longest, now - before - 0.01), now
    return longest


def lonely(key: str = KEY) -> SimulatedBridge:
    """Return a bridge with one lamp, to which commands go at once."""
    return SimulatedBridge([SimulatedLamp("Lamp")], key=key)


async def test_a_bridge_that_sends_a_byte_a_second_delays_nobody(home: Home) -> None:
    """No time-out of a socket notices that; one that hangs is the conformance kit's."""
    async with lonely() as bridge:
        stop = asyncio.Event()
        async with home.opened(bridge.address) as driver:
            await driver.apply(BRIGHT)
            bridge.misbehaviour = "slow"
            watching = asyncio.create_task(longest_stall(stop))
            started = time.monotonic()
            with pytest.raises(Unavailable, match="no answer within 3 s"):
                await driver.apply(DIM)
            assert time.monotonic() - started < 8.0
            bridge.misbehaviour = None
            stop.set()
        assert await watching < 1.0


@pytest.mark.parametrize("misbehaviour", ["truncate", "garbage"])
async def test_nonsense_is_unavailable(home: Home, misbehaviour: str) -> None:
    async with SimulatedBridge(key=KEY) as bridge:
        bridge.misbehaviour = misbehaviour
        with pytest.raises(Unavailable, match="Hue bridge at 127"):
            async with home.opened(bridge.address):
                raise AssertionError("it opened")


@pytest.mark.parametrize(
    "answer",
    [
        http(b"", "500 Internal Server Error"),
        http(b"", "404 Not Found"),
        http(b"", "429 Too Many Requests", "Retry-After: 5\r\n"),
        http(b"", "503 Service Unavailable", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"),
        http(b"[1, 2]"),
        http(b"[]"),
        http(b'"text"'),
        http(b"null"),
        http(b"{}"),
        http(b"[" * 100_000),
        http(b"\xff\xfe\x00"),
        http(b'{"1": {"state": {"on": true, "bri": NaN}}}'),
        http(b'{"1": {"state": {"on": true, "bri": 1e99, "xy": [1e308, -1]}}}'),
        http(b'{"1": 7, "two": {}, "3": {"state": []}}'),
        http(b'[{"error": {"type": Infinity}}]'),
        http(b'[{"error": {"type": 3, "description": 4}}]'),
        http(b'[{"error": null}]'),
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/9.9 what\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"",
    ],
)
async def test_whatever_a_stranger_answers_is_unavailable(home: Home, answer: bytes) -> None:
    async with canned(answer) as address:
        with pytest.raises(Unavailable) as caught:
            async with home.opened(address) as driver:
                await driver.apply(BRIGHT)
        assert KEY not in str(caught.value)


async def test_a_bridge_that_moved_to_https_has_to_be_paired_again(home: Home) -> None:
    answer = http(b"", "301 Moved Permanently", "Location: https://127.0.0.1/\r\n")
    async with canned(answer) as address:
        with pytest.raises(Refused, match="run `mirrord pair hue`"):
            async with home.opened(address):
                raise AssertionError("it opened")


async def test_an_endless_answer_is_cut_off(home: Home) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (9 * 1024 * 1024)
    async with canned(endless) as address:
        with pytest.raises(Unavailable):
            async with home.opened(address):
                raise AssertionError("it opened")


async def test_an_unknown_key_says_what_to_do(home: Home) -> None:
    async with SimulatedBridge(key="another-key") as bridge:
        with pytest.raises(Refused, match="run `mirrord pair hue`") as caught:
            async with home.opened(bridge.address):
                raise AssertionError("it opened")
        assert KEY not in str(caught.value)


async def test_a_key_forgotten_meanwhile_says_what_to_do(home: Home) -> None:
    async with SimulatedBridge(key=KEY) as bridge:

        async def forget(driver: Driver) -> None:
            bridge.forget_keys()
            await driver.apply(BRIGHT)

        with pytest.raises(Refused, match="run `mirrord pair hue`"):
            async with home.opened(bridge.address) as driver:
                await forget(driver)


async def test_a_late_failure_is_told_by_the_next_apply(home: Home) -> None:
    """A wish that waits for the budget fails with nobody listening: the heartbeat hears of it."""
    async with SimulatedBridge(key=KEY) as bridge:

        async def go_away(driver: Driver) -> None:
            await driver.apply(BRIGHT)
            await driver.apply(DIM)
            await bridge.refuse()
            await asyncio.sleep(1.5)
            await driver.apply(DIM)

        with pytest.raises(Unavailable, match=r"^the Hue bridge at .* refuses connections"):
            async with home.opened(bridge.address) as driver:
                await go_away(driver)


async def test_a_connection_closed_while_idle_is_no_failure(home: Home) -> None:
    async with lonely() as bridge, home.opened(bridge.address) as driver:
        await driver.apply(BRIGHT)
        await bridge.restart()
        await driver.apply(DIM)
        assert bridge.lamps["1"].state["bri"] == 64


async def test_a_command_whose_answer_was_lost_is_undone_too(home: Home) -> None:
    async with lonely() as bridge:
        lamp = bridge.lamps["1"]
        found = dict(lamp.state)
        async with home.opened(bridge.address) as driver:
            bridge.misbehaviour = "truncate"
            with pytest.raises(Unavailable):
                await driver.apply(BRIGHT)
            assert lamp.state != found
            bridge.misbehaviour = None
        assert lamp.state == found


async def test_a_lamp_that_disappears_is_noticed(home: Home) -> None:
    lamps = [SimulatedLamp("One"), SimulatedLamp("Two"), SimulatedLamp("Plug", "LOM001")]
    async with (
        SimulatedBridge(lamps, key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        del bridge.lamps["2"]
        with pytest.raises(Unavailable, match="no lamp 2 any more"):
            await driver.apply(DIM)


async def test_a_lamp_that_declines_does_not_spoil_the_others(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """The bridge tells of a colour that its lamp then does not take."""
    lamps = [SimulatedLamp("Liar", "LCT016"), SimulatedLamp("Other"), SimulatedLamp("P", "LOM001")]
    async with (
        SimulatedBridge(lamps, key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        for name in ("xy", "ct", "hue", "sat", "effect", "colormode"):
            del lamps[0].state[name]
        caplog.set_level(logging.WARNING)
        for wish in (BRIGHT, DIM, BRIGHT):
            await driver.apply(wish)
        assert lamps[0].state["bri"] == lamps[1].state["bri"] == 229
        declined = [record for record in caplog.records if "declines" in record.message]
        assert len(declined) == 1


async def test_the_key_is_never_logged(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for misbehaviour in ("truncate", "garbage", "busy", None):
        async with lonely() as bridge:
            with pytest.raises(MirrorError) as caught:
                await _until_it_fails(home, bridge, misbehaviour)
            assert KEY not in str(caught.value)
    assert caplog.records
    assert KEY not in caplog.text


async def _until_it_fails(
    home: Home, bridge: SimulatedBridge, misbehaviour: Misbehaviour | None
) -> None:
    async with home.opened(bridge.address) as driver:
        await driver.apply(BRIGHT)
        bridge.misbehaviour = misbehaviour
        await driver.apply(DIM)
        await bridge.refuse()
        await asyncio.sleep(1.1)
        await driver.apply(BRIGHT)


async def test_without_a_key_it_says_how_to_get_one(home: Home) -> None:
    with pytest.raises(Refused, match="run `mirrord pair hue`"):
        async with home.opened("127.0.0.1:9", key_file=str(home.folder / "none")):
            raise AssertionError("it opened")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hue.key"
    write_key(path, Key("abc"))
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize("text", ["a b", "abc\nsha256 12", "abc\nmore\nlines", "x" * 200, "../y"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    write_secret(tmp_path / "key", text)
    with pytest.raises(Refused, match="holds no Hue key"):
        read_key(tmp_path / "key")


@pytest.mark.parametrize("key", [Key("abc-DEF_1"), Key("abc", "0f" * 32)])
def test_a_key_is_read_as_written(tmp_path: Path, key: Key) -> None:
    write_key(tmp_path / "key", key)
    assert read_key(tmp_path / "key") == key


def test_a_key_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be written"):
        write_key(tmp_path / "file" / "key", Key("abc"))


async def test_a_name_that_nobody_knows_is_unavailable(home: Home) -> None:
    with pytest.raises(Unavailable, match="Hue bridge at no-such-bridge"):
        async with home.opened("no-such-bridge.invalid"):
            raise AssertionError("it opened")


@pytest.mark.parametrize(
    "bridge", ["http://host", "host:99999", "host:", "a b", "host/path", "[::1", "::1"]
)
def test_a_strange_address_is_refused_in_the_settings(bridge: str) -> None:
    with pytest.raises(ValueError, match="bridge: expected host or host:port"):
        HueSettings(bridge=bridge)


@pytest.mark.parametrize("bridge", ["host", "10.0.0.2", "host.local:8080", "[::1]:80", "[fe80::1]"])
def test_addresses_of_every_form_are_taken(bridge: str) -> None:
    assert HueSettings(bridge=bridge).bridge == bridge
