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
class Key:
    """What opens a bridge: its user name and, if it speaks HTTPS, its certificate's SHA-256."""

    username: str
    pin: str | None = None


def key_path(settings: HueSettings, host: Host) -> Path:
    """Return the file that holds the key."""
    if settings.key_file:
        return Path(settings.key_file).expanduser()
    return host.state_dir / "hue.key"


def read_key(path: Path) -> Key:
    """Return the key in a file: a line with the user name, perhaps one with the certificate.

    Raises Refused if there is none, or if others could read it.
    """
    if not path.exists():
        raise Refused("no key for the Hue bridge yet: run `mirrord pair hue`")
    try:
        lines = read_secret(path).splitlines()
    except ConfigError as error:
        raise Refused(str(error)) from None
    pin = _PIN.fullmatch(lines[1].strip()) if len(lines) == 2 else None
    if not _USERNAME.fullmatch(lines[0].strip()) or len(lines) > 1 + bool(pin):
        raise Refused(f"{path} holds no Hue key: run `mirrord pair hue`")
    return Key(lines[0].strip(), pin["digest"] if pin else None)


def write_key(path: Path, key: Key) -> None:
    """Keep a key so that its owner alone can read it. Raises Refused if that is not possible."""
    if not _USERNAME.fullmatch(key.username):
        raise Refused("the bridge gave something else than a key: is it a Hue bridge?")
    text = key.username if key.pin is None else f"{key.username}\nsha256 {key.pin}"
    try:
        write_secret(path, text)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None
