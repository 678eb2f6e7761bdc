"""How the mirror stands with a collective: one file, which its owner alone can read.

It holds the address, the credential, and how far enrolling or leaving has got. Without the file
the mirror is not linked, says nothing to anybody, and asks for no name.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from mirrord.config import Config, store_path
from mirrord.errors import ConfigError
from mirrord.runtime.secret import keep_secret, read_secret, write_secret

State = Literal["asking", "linked", "leaving", "erasing"]
_PRIVATE: Final = (".local", ".lan", ".home.arpa", ".internal", ".localhost")
_LONGEST: Final = 200


class Link(msgspec.Struct, frozen=True):
    """What the file says. `asking` waits for the code to be confirmed in the account."""

    url: str
    state: State
    name: str
    claim: str = ""
    code: str = ""
    page: str = ""
    asked_until: float = 0.0  # seconds since 1970
    mirror: str = ""
    user: str = ""
    spaces: tuple[str, ...] = ()
    credential: str = ""
    next_credential: str = ""  # rotated, and not used yet: the other one still holds
    begins: int = 0  # of the credential, ms since 1970 by the collective's clock
    expires: int = 0
    linked_at: float = 0.0
    v: Literal[1] = 1

    def changed(self, **changes: object) -> Link:
        """Return it with other values."""
        return msgspec.structs.replace(self, **changes)

    @property
    def credentials(self) -> list[str]:
        """What to sign with, the newest first."""
        return [one for one in (self.next_credential, self.credential) if one]


def link_path(config: Config) -> Path:
    """Return the file, beside the database."""
    return store_path(config).with_name("collective.json")


class LinkFile:
    """Reads and writes the file; what another program wrote into it is noticed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._link: Link | None = None

    def read(self) -> Link | None:
        """Return what it says, None if there is none. Raises ConfigError if it cannot be read."""
        stamp = self._stamp()
        if stamp is None:
            self._seen = self._link = None
        elif stamp != self._seen:
            self._link, self._seen = self._read(), stamp
        return self._link

    def write(self, link: Link) -> None:
        """Write it, whole or not at all. Raises ConfigError."""
        _keep_secrets(link)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(self.path, msgspec.json.encode(link).decode())
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}") from None

    def remove(self) -> None:
        """Be linked no more."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> Link:
        text = read_secret(self.path)
        try:
            link = msgspec.json.decode(text, type=Link)
        except msgspec.DecodeError:
            raise ConfigError(
                f"{self.path} is damaged: delete it, and link the mirror again"
            ) from None
        _keep_secrets(link)
        return link

    def _stamp(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = self.path.stat()
            return found.st_mtime_ns, found.st_ino
        return None


def _keep_secrets(link: Link) -> None:
    for secret in (link.claim, *link.credentials):
        keep_secret(secret)


def checked_url(text: str) -> str:
    """Return the address of a collective. Raises ConfigError for what is none, or not safe."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"{text[:_LONGEST]!r} is no address") from None
    if parts.scheme not in ("http", "https") or not host or len(text) > _LONGEST:
        raise ConfigError(f"{text[:_LONGEST]!r} is no address such as https://mood.example.org")
    if parts.username is not None or parts.query or parts.fragment or not text.isprintable():
        raise ConfigError("the address of a collective has no user, no ? and no #")
    if parts.scheme == "http" and not is_near(host):
        raise ConfigError(
            f"http://{host} could be read by anybody on the way: use https. "
            "Plain http is for this computer and the home network alone."
        )
    return text


def is_near(host: str) -> bool:
    """Tell whether a host is this computer or within the home network."""
    host = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(_PRIVATE) or "." not in host
    return address.is_loopback or address.is_private or address.is_link_local
