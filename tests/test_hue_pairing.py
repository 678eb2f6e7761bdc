"""Finding a bridge, pairing with it, and HTTPS with the certificate seen then."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from mirrord.driver import Refused, Unavailable
from mirrord.simulator.bridge import SimulatedBridge
from mirrord.testing import BRIGHT
from mirrord_hue import HueSettings, plugin
from mirrord_hue.pairing import pair
from mirrord_hue.settings import read_key
from tests.fakes.hue import KEY, Home, sent


def ignore(_share: float) -> None:
    """Show progress to nobody."""


def https() -> ssl.SSLContext:
    """Return a server's context with a certificate of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def paired(bridge: SimulatedBridge, home: Home) -> str:
    bridge.press_link_button()
    assert plugin.pair is not None
    return await plugin.pair(HueSettings(bridge=bridge.address), home.side(), ignore)


async def test_pairing_waits_for_the_button_and_keeps_the_key(home: Home) -> None:
    shares: list[float] = []
    async with SimulatedBridge() as bridge:
        settings = HueSettings(bridge=bridge.address)
        asyncio.get_running_loop().call_later(1.2, bridge.press_link_button)
        sentence = await pair(settings, home.side(), shares.append)
        path = home.folder / "hue.key"
        assert str(path) in sentence
        assert path.stat().st_mode & 0o777 == 0o600
        key = read_key(path)
        assert key.username in bridge.api.keys
        assert key.username not in sentence
        assert shares == sorted(shares)
        assert shares[0] == 0.0
        assert shares[-1] == 1.0
        assert len(shares) >= 4
        async with plugin.open(settings, home.side()) as driver:
            await driver.apply(BRIGHT)
            assert sent(bridge)


async def test_pairing_without_the_button_is_refused(home: Home) -> None:
    async with SimulatedBridge() as bridge:
        settings = HueSettings(bridge=bridge.address)
        with pytest.raises(Refused, match="nobody pressed the link button"):
            await pair(settings, home.side(), ignore, wait_s=1.5)
        assert not (home.folder / "hue.key").exists()


async def test_pairing_with_an_absent_bridge_is_unavailable(home: Home) -> None:
    async with SimulatedBridge() as bridge:
        address = bridge.address
    with pytest.raises(Unavailable, match="refuses connections"):
        await pair(HueSettings(bridge=address), home.side(), ignore)


async def test_a_key_file_of_ones_own_is_used(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "bridge.key"
    async with SimulatedBridge() as bridge:
        bridge.press_link_button()
        settings = HueSettings(bridge=bridge.address, key_file=str(path))
        await pair(settings, home.side(), ignore)
        async with plugin.open(settings, home.side()):
            assert read_key(path).username in bridge.api.keys


async def test_a_bridge_that_speaks_https_is_paired_and_used_over_https(home: Home) -> None:
    async with SimulatedBridge(tls=https()) as bridge:
        sentence = await paired(bridge, home)
        assert "HTTPS" in sentence
        assert len(read_key(home.folder / "hue.key").pin or "") == 64
        found = {number: dict(lamp.state) for number, lamp in bridge.lamps.items()}
        async with plugin.open(HueSettings(bridge=bridge.address), home.side()) as driver:
            await driver.apply(BRIGHT)
            assert sent(bridge)
        assert {number: lamp.state for number, lamp in bridge.lamps.items()} == found


async def test_another_certificate_is_refused_before_the_key_is_told(home: Home) -> None:
    async with SimulatedBridge(tls=https()) as bridge:
        await paired(bridge, home)
        port = int(bridge.address.rpartition(":")[2])
    async with SimulatedBridge(tls=https(), port=port) as impostor:
        with pytest.raises(Refused, match="another certificate"):
            async with plugin.open(HueSettings(bridge=impostor.address), home.side()):
                raise AssertionError("it opened")
        assert impostor.requests == 0


async def test_a_bridge_paired_over_https_is_never_spoken_to_in_the_clear(home: Home) -> None:
    async with SimulatedBridge(tls=https()) as bridge:
        await paired(bridge, home)
        port = int(bridge.address.rpartition(":")[2])
    async with SimulatedBridge(port=port) as plain:
        with pytest.raises(Unavailable, match="HTTPS"):
            async with plugin.open(HueSettings(bridge=plain.address), home.side()):
                raise AssertionError("it opened")
        assert plain.requests == 0


async def test_a_hanging_https_bridge_is_let_go_in_time(home: Home) -> None:
    async with SimulatedBridge(tls=https()) as bridge:
        await paired(bridge, home)
        bridge.misbehaviour = "hang"
        with pytest.raises(Unavailable, match="no answer"):
            async with plugin.open(HueSettings(bridge=bridge.address), home.side()):
                raise AssertionError("it opened")


async def test_a_plain_key_is_told_to_no_other_bridge(home: Home) -> None:
    """Whoever may change the settings may name another machine, which can say any id."""
    async with SimulatedBridge() as bridge, SimulatedBridge() as impostor:
        await paired(bridge, home)
        impostor.api.bridge_id = bridge.api.bridge_id
        key = read_key(home.folder / "hue.key")
        assert key.origin is not None
        assert (key.origin.bridge_id, key.origin.address) == (bridge.api.bridge_id, bridge.address)
        with pytest.raises(Refused, match="run `mirrord pair hue`"):
            async with plugin.open(HueSettings(bridge=impostor.address), home.side()):
                raise AssertionError("it opened")
        assert impostor.requests == 0


async def test_a_plain_key_is_not_told_to_who_has_the_bridges_address_now(home: Home) -> None:
    async with SimulatedBridge() as bridge:
        await paired(bridge, home)
        port = int(bridge.address.rpartition(":")[2])
        key = read_key(home.folder / "hue.key").username
    async with SimulatedBridge(port=port) as other:
        heard = listening(other)
        with pytest.raises(Refused, match=bridge.api.bridge_id):
            async with plugin.open(HueSettings(bridge=other.address), home.side()):
                raise AssertionError("it opened")
        assert heard
        assert not [path for path in heard if key in path]


def listening(bridge: SimulatedBridge) -> list[str]:
    """Return the paths that are asked of a bridge from now on."""
    heard: list[str] = []
    answer = bridge.api.answer

    def note(method: str, parts: list[str], body: object) -> object:
        heard.append("/".join(parts))
        return answer(method, parts, body)

    bridge.api.answer = note
    return heard


async def test_a_key_of_before_is_bound_by_the_bridge_that_it_opens(home: Home) -> None:
    async with SimulatedBridge(key=KEY) as bridge, SimulatedBridge(key=KEY) as other:
        async with home.opened(bridge.address):
            pass
        key = read_key(home.folder / "hue.key")
        assert key.origin is not None
        assert key.origin.address == bridge.address
        async with home.opened(bridge.address):
            pass
        with pytest.raises(Refused):
            async with home.opened(other.address):
                raise AssertionError("it opened")
        assert other.requests == 0


@asynccontextmanager
async def announced(*bridges: SimulatedBridge) -> AsyncIterator[None]:
    """Announce bridges by multicast DNS on the loopback interface, as real ones do."""
    network = AsyncZeroconf(interfaces=["127.0.0.1"])
    try:
        for number, bridge in enumerate(bridges):
            info = AsyncServiceInfo(
                "_hue._tcp.local.",
                f"Hue Bridge - {number}._hue._tcp.local.",
                addresses=[socket.inet_aton("127.0.0.1")],
                port=int(bridge.address.rpartition(":")[2]),
                properties={"bridgeid": bridge.api.bridge_id, "modelid": "BSB002"},
                server=f"bridge-{number}.local.",
            )
            await (await network.async_register_service(info))
        yield
    finally:
        await network.async_unregister_all_services()
        await network.async_close()


async def test_a_bridge_on_the_network_is_found_paired_and_used(home: Home) -> None:
    async with SimulatedBridge() as bridge, announced(bridge):
        bridge.press_link_button()
        sentence = await pair(HueSettings(), home.side(), ignore)
        assert f'bridge = "{bridge.address}"' in sentence
        async with plugin.open(HueSettings(), home.side()) as driver:
            await driver.apply(BRIGHT)
        assert sent(bridge)


async def test_a_bridge_that_has_moved_is_known_by_the_id_it_announces(home: Home) -> None:
    async with SimulatedBridge() as bridge:
        await paired(bridge, home)
        identity, keys = bridge.api.bridge_id, bridge.api.keys
    async with SimulatedBridge() as moved:
        moved.api.bridge_id, moved.api.keys = identity, keys
        async with announced(moved), plugin.open(HueSettings(), home.side()) as driver:
            await driver.apply(BRIGHT)
        assert sent(moved)


async def test_with_several_bridges_one_has_to_be_named(home: Home) -> None:
    async with SimulatedBridge() as one, SimulatedBridge() as two, announced(one, two):
        assert plugin.discover is not None
        lines = await plugin.discover()
        for bridge in (one, two):
            assert f"Hue bridge {bridge.api.bridge_id} at {bridge.address}" in lines
        with pytest.raises(Unavailable, match="several Hue bridges found") as caught:
            async with plugin.open(HueSettings(), home.side()):
                raise AssertionError("it opened")
        assert one.address in str(caught.value)
        assert two.address in str(caught.value)


async def test_without_any_bridge_it_says_what_to_do(home: Home) -> None:
    with pytest.raises(Unavailable, match=r"no Hue bridge found.*\[drivers.hue\]"):
        async with plugin.open(HueSettings(), home.side()):
            raise AssertionError("it opened")
