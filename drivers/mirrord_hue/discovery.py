"""Bridges on the local network, by multicast DNS. Nothing leaves the house."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from mirrord.driver import Discovered, Unavailable
from mirrord_hue.settings import Address, HueSettings, parse_address

SERVICE = "_hue._tcp.local."
LISTEN_S = 1.5
RESOLVE_S = 1.0
_OWN_PORTS = (80, 443)  # which one to use is settled when pairing


@dataclass(frozen=True, slots=True)
class Found:
    """A bridge that announces itself."""

    address: Address
    bridge_id: str


async def discover() -> Sequence[str]:
    """Return a line for each bridge found, within 3 s."""
    try:
        found = await find_bridges()
    except OSError:  # no network
        return []
    return [
        Discovered(f"Hue bridge {one.bridge_id} at {one.address}", {"bridge": str(one.address)})
        for one in found
    ]


async def find_bridges() -> list[Found]:
    """Return the bridges that announce themselves. Raises OSError without a network."""
    names: set[str] = set()

    def note(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        del zeroconf, service_type
        if state_change is not ServiceStateChange.Removed:
            names.add(name)

    async with AsyncZeroconf() as network:
        browser = AsyncServiceBrowser(network.zeroconf, SERVICE, handlers=[note])
        await asyncio.sleep(LISTEN_S)
        await browser.async_cancel()
        found = await asyncio.gather(*(_resolve(network, name) for name in sorted(names)))
    return [one for one in found if one is not None]


async def _resolve(network: AsyncZeroconf, name: str) -> Found | None:
    info = AsyncServiceInfo(SERVICE, name)
    if not await info.async_request(network.zeroconf, RESOLVE_S * 1000.0):
        return None
    # IPv4 first: bridges have it, and link-local IPv6 addresses need a scope.
    addresses = info.parsed_addresses(IPVersion.V4Only) or info.parsed_addresses()
    if not addresses:
        return None
    port = None if info.port in _OWN_PORTS else info.port
    told = (info.properties.get(b"bridgeid") or b"").decode("ascii", "replace")
    return Found(Address(addresses[0], port), told or name.removesuffix("." + SERVICE))


async def the_bridge(settings: HueSettings) -> Found:
    """Return the configured bridge, or the only one on the network. Raises Unavailable.

    What id a configured one has, nobody has said.
    """
    if settings.bridge:
        return Found(parse_address(settings.bridge), "")
    try:
        found = await find_bridges()
    except OSError as error:
        raise Unavailable(f"no network to find a Hue bridge on ({error.strerror})") from None
    if not found:
        raise Unavailable(
            "no Hue bridge found on this network; if there is one, give its address as `bridge` "
            "under [drivers.hue]"
        )
    if len(found) > 1:
        several = ", ".join(f"{one.address} ({one.bridge_id})" for one in found)
        raise Unavailable(
            f"several Hue bridges found: {several}; name one as `bridge` under [drivers.hue]"
        )
    return found[0]
