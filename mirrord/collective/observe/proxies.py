"""Who asks, behind proxies: their word is taken only if they are named in the settings. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final

from mirrord.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_WITH_PORT: Final = re.compile(r"\[(?P<six>[^\]]+)\](:\d+)?|(?P<four>[\d.]+):\d+")


def networks(texts: Iterable[str], key: str) -> tuple[Network, ...]:
    """Return addresses and networks as networks. Raises ConfigError naming the setting."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise ConfigError(
                f"{key}: {text[:60]!r} is no address and no network, such as 10.0.0.0/8"
            ) from None
    return tuple(found)


def is_in(text: str, of: Sequence[Network]) -> bool:
    """Tell whether an address lies within one of the networks."""
    address = address_in(text)
    return address is not None and any(address in one for one in of)


def client_of(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Return the address of whoever asks: the rightmost that no trusted proxy has.

    `forwarded` is what the X-Forwarded-For headers say, in their order. What stands left of the
    first address that is not a trusted proxy's was written by the client, and may be anything.
    """
    hops = [hop for header in forwarded for hop in header.split(",")]
    believed = peer
    while hops and is_in(believed, trusted):
        address = address_in(hops.pop())
        if address is None:
            break
        believed = str(address)
    return believed


def scheme_of(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str | None:
    """Return http or https as the nearest proxy says it, if its word is taken."""
    if not is_in(peer, trusted):
        return None
    said = [one.strip().lower() for header in forwarded for one in header.split(",")]
    return said[-1] if said and said[-1] in ("http", "https") else None


def address_in(text: str) -> Address | None:
    """Return the address that a text holds, with or without a port; None if it holds none."""
    text = text.strip().partition("%")[0]
    if match := _WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
