"""Which bridge may be told a key: over plain HTTP the one that gave it, and no other.

Over HTTPS its certificate is compared before anything is said (`transport`). Without that, whoever
may change the settings could name another machine as the bridge, and be told the key.
"""

from __future__ import annotations

import logging
from pathlib import Path

from mirrord.driver import Refused
from mirrord_hue.client import Client, connected
from mirrord_hue.discovery import Found
from mirrord_hue.settings import Address, Key, Origin, read_key, write_key
from mirrord_hue.transport import Link

_log = logging.getLogger(__name__)


async def key_for(path: Path, bridge: Found, *, named: bool) -> Key:
    """Return the key in a file, for this bridge. Raises Refused if another one gave it.

    A bridge that has moved is known by the id that it announces in the home network; one that is
    `named` in the settings has to be where it was, since anybody can say an id.
    """
    key = read_key(path)
    origin = key.origin
    if key.pin is not None or origin is None:
        return key
    moved = str(bridge.address) != origin.address
    strange = named or not origin.bridge_id or bridge.bridge_id.upper() != origin.bridge_id
    if moved and strange:
        raise _anothers(bridge.address, origin)
    if origin.bridge_id and await _says(bridge.address) != origin.bridge_id:
        raise _anothers(bridge.address, origin)
    return key


async def note_origin(path: Path, key: Key, client: Client, address: Address) -> None:
    """Bind a key of an older mirror to the bridge that it opened; from then on to that alone."""
    if key.pin is not None or key.origin is not None:
        return
    try:
        write_key(path, Key(key.username, None, Origin(await client.bridge_id(), str(address))))
    except Refused as error:  # a file of root's: it stays as it is
        _log.warning("the Hue key stays good for any bridge: %s", error)


async def _says(address: Address) -> str:
    async with connected(Link(address, tls=False)) as stranger:
        return await stranger.bridge_id()


def _anothers(address: Address, origin: Origin) -> Refused:
    return Refused(
        f"the key is for the Hue bridge {origin.bridge_id} at {origin.address}, not for the one at "
        f"{address}: run `mirrord pair hue`, or start pairing under Settings"
    )
