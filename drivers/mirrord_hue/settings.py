"""The settings of the Hue driver, and where its bridge and key are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from mirrord.driver import ConfigError, Host, Refused, read_secret, write_secret

_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?")
_USERNAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PIN = re.compile(r"sha256 (?P<digest>[0-9a-f]{64})")
_ORIGIN = re.compile(r"bridge (?P<id>[0-9A-Za-z]{1,64}|-) (?P<address>\S{1,270})")

_KNOWN = (_PIN, _ORIGIN)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bridge listens; without a port, on its protocol's own."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return the address that "host", "host:port" or "[v6]:port" means, or raise ValueError."""
    match = _ADDRESS.fullmatch(text)
    port = int(match["port"]) if match and match["port"] else None
    if match is None or not (port is None or 0 < port < 65_536):
        raise ValueError(f"bridge: expected host or host:port, got {text!r}")
    return Address(match["host"].strip("[]"), port)


class HueSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[drivers.hue]: which bridge, which lamps, how slowly they change.

    `lights` and `groups` hold names or numbers; with neither, every lamp of the bridge takes part.
    """

    bridge: str = ""  # "" looks for one on the local network
    key_file: str = ""  # "" is hue.key among the mirror's own files
    lights: tuple[int | str, ...] = ()
    groups: tuple[int | str, ...] = ()
    transition_s: Annotated[float, msgspec.Meta(ge=0.0, le=60.0)] | None = None
    hold_s: Annotated[float, msgspec.Meta(ge=0.0, le=604_800.0)] = 7200.0

    def __post_init__(self) -> None:
        if self.bridge:
            parse_address(self.bridge)


@dataclass(frozen=True, slots=True)
class Origin:
    """The bridge that gave a key: its id, empty if it did not say, and where it was."""

    bridge_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a bridge: its user name and, if it speaks HTTPS, its certificate's SHA-256.

    `origin` is the one bridge that may be told a key over plain HTTP; None in an older file.
    """

    username: str
    pin: str | None = None
    origin: Origin | None = None


def key_path(settings: HueSettings, host: Host) -> Path:
    """Return the file that holds the key."""
    if settings.key_file:
        return Path(settings.key_file).expanduser()
    return host.state_dir / "hue.key"


def read_key(path: Path) -> Key:
    """Return the key in a file: a line with the user name, perhaps others on whose it is.

    Raises Refused if there is none, or if others could read it.
    """
    if not path.exists():
        raise Refused("no key for the Hue bridge yet: run `mirrord pair hue`")
    try:
        first, *others = (line.strip() for line in read_secret(path).splitlines())
    except ConfigError as error:
        raise Refused(str(error)) from None
    pins, origins = ([found for one in others if (found := form.fullmatch(one))] for form in _KNOWN)
    known = len(pins) + len(origins)
    if not _USERNAME.fullmatch(first) or known != len(others) or max(len(pins), len(origins)) > 1:
        raise Refused(f"{path} holds no Hue key: run `mirrord pair hue`")
    origin = Origin(origins[0]["id"].strip("-"), origins[0]["address"]) if origins else None
    return Key(first, pins[0]["digest"] if pins else None, origin)


def write_key(path: Path, key: Key) -> None:
    """Keep a key so that its owner alone can read it. Raises Refused if that is not possible."""
    if not _USERNAME.fullmatch(key.username):
        raise Refused("the bridge gave something else than a key: is it a Hue bridge?")
    lines = [key.username]
    if key.pin is not None:
        lines.append(f"sha256 {key.pin}")
    if key.origin is not None:
        lines.append(f"bridge {key.origin.bridge_id or '-'} {key.origin.address}")
    try:
        write_secret(path, "\n".join(lines))
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None
