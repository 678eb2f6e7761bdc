"""Obtaining a key from a bridge whose link button a person presses."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable
from contextlib import suppress

from mirrord.driver import Host, Refused, Unavailable
from mirrord_hue.client import Client, Declined, connected
from mirrord_hue.discovery import the_bridge
from mirrord_hue.settings import Address, HueSettings, Key, Origin, key_path, write_key
from mirrord_hue.transport import Link

WAIT_S = 30.0
TRY_EVERY_S = 1.0
NOT_PRESSED = 101  # the API's error number


async def pair(
    settings: HueSettings,
    host: Host,
    progress: Callable[[float], None],
    wait_s: float = WAIT_S,
) -> str:
    """Wait for the link button, keep the key, and return a sentence that says so.

    Raises Unavailable if no bridge answers, and Refused if nobody presses the button in time.
    """
    progress(0.0)
    address = (await the_bridge(settings)).address
    pin = await _certificate(address)
    async with connected(Link(address, tls=pin is not None, pin=pin)) as client:
        username = await _username(client, progress, wait_s)
        origin = None if pin else Origin(await client.bridge_id(), str(address))
    path = key_path(settings, host)
    write_key(path, Key(username, pin, origin))
    progress(1.0)
    how = "over HTTPS, its certificate noted" if pin else "over plain HTTP"
    advice = "" if settings.bridge else f' Put `bridge = "{address}"` under [drivers.hue].'
    return f"Paired with {client.who} {how}; the key is in {path}.{advice}"


async def _certificate(address: Address) -> str | None:
    """Return the SHA-256 of the bridge's certificate, None if it does not speak HTTPS.

    Only here may HTTP take HTTPS's place: a bridge that was paired over HTTPS is never again
    spoken to in the clear.
    """
    link = Link(address, tls=True)
    async with connected(link) as client:
        with suppress(Unavailable):
            await client.reach()
    return link.certificate


async def _username(client: Client, progress: Callable[[float], None], wait_s: float) -> str:
    loop = asyncio.get_running_loop()
    start = loop.time()
    while (passed := loop.time() - start) < wait_s:
        progress(passed / wait_s)
        try:
            return await client.register(_devicetype())
        except Declined as declined:
            if NOT_PRESSED not in declined.types:
                raise Refused(f"{client.who} gives no key: {declined}") from None
        await asyncio.sleep(TRY_EVERY_S)
    raise Refused(
        f"nobody pressed the link button of {client.who} within {wait_s:g} s; "
        "run `mirrord pair hue` again and press the round button on top of the bridge"
    )


def _devicetype() -> str:
    """Return how the bridge's list of apps shows this one: at most 20 and 19 characters."""
    return f"mood-mirror#{platform.node()[:19] or 'mirror'}"
