"""Philips Hue: lamps that take the mood's colour, and are put back as they were found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mirrord.driver import Driver, Host, Plugin, Unavailable
from mirrord_hue.choice import choose, read_groups
from mirrord_hue.client import connected
from mirrord_hue.discovery import discover, the_bridge
from mirrord_hue.hands import Hands
from mirrord_hue.keyring import key_for, note_origin
from mirrord_hue.lamp import read_lamps
from mirrord_hue.lights import Lights
from mirrord_hue.pairing import pair
from mirrord_hue.room import Room
from mirrord_hue.settings import HueSettings, key_path
from mirrord_hue.transport import Link

__all__ = ["HueSettings", "open_bridge", "plugin"]


@asynccontextmanager
async def open_bridge(settings: HueSettings, host: Host) -> AsyncIterator[Driver]:
    """Connect to a paired bridge, give its lamps, and put them back at the end.

    Raises Unavailable if no bridge is found or it does not answer, Refused without a valid key and
    for lamps or groups that the bridge does not have.
    """
    found_bridge = await the_bridge(settings)
    address, path = found_bridge.address, key_path(settings, host)
    key = await key_for(path, found_bridge, named=bool(settings.bridge))
    link = Link(address, tls=key.pin is not None, pin=key.pin)
    async with connected(link, key.username) as client:
        lamps = read_lamps(await client.lights())
        groups = read_groups(await client.groups(), lamps)
        config = await client.config()
        await note_origin(path, key, client, address)
        units = choose(settings, lamps, groups, client.who)
        memory_key = f"found at {config.get('bridgeid') or config.get('mac') or address}"
        found = host.memory.get(memory_key, {})
        room = Room(lamps, units, found, Hands(settings.hold_s), settings.transition_s)
        lights = Lights(client, host, memory_key, room)
        try:
            yield lights
        except BaseException:
            with suppress(Unavailable):  # what ended the driver is told rather
                await lights.close()
            raise
        await lights.close()


plugin = Plugin("hue", "Philips Hue", HueSettings, open_bridge, discover, pair)
