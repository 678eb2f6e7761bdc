"""Where the page can be opened: this machine's addresses, a name made of the mirror's."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import ifaddr

EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - named here, not listened on
# Networks within this machine: nobody else is there.
_INNER: Final = ("lo", "docker", "br-", "veth", "virbr", "vnet", "cni", "podman")
_SPELT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})
_LONGEST: Final = 50  # of a label's 63, to leave room for a number


def is_loopback(host: str) -> bool:
    """Tell whether an address is that of this computer for itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def label_of(name: str) -> str:
    """Return a host's name for the mirror's: "Spiegel im Flur" is "spiegel-im-flur"."""
    spelt = unicodedata.normalize("NFKD", name.casefold().translate(_SPELT))
    plain = spelt.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-") or "mirror"


def addresses_of(host: str) -> list[str]:
    """Return the addresses at which others reach what listens on `host`, IPv4 first.

    Raises OSError where the system does not tell.
    """
    if host not in EVERYWHERE:
        return [] if is_loopback(host) else _literal(host)
    found = [
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        if not adapter.name.startswith(_INNER)
        for ip in adapter.ips
        if host != "0.0.0.0" or ip.is_IPv4  # noqa: S104 - as above
    ]
    return sorted(filter(_is_useful, found), key=lambda one: (":" in one, one))


def url_of(host: str, port: int) -> str:
    """Return the page's address at a name or an IP address."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}/" if port == 80 else f"http://{shown}:{port}/"


def urls_of(name: str, addresses: Sequence[str], port: int) -> list[str]:
    """Return the page's addresses for others, the best first: the name, if there is one."""
    return [url_of(one, port) for one in ([name] if name else []) + list(addresses)]


def place_of(url: str) -> str:
    """Return host and port of an address. Raises ValueError for a port that is none."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _literal(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return []


def _is_useful(text: str) -> bool:
    """Link-local addresses of IPv6 need a zone, which no address of a page can name."""
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local or address.is_multicast)
