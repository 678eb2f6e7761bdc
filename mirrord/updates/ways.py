"""How to install a release on this computer, as commands to copy. Nothing here runs one. Pure."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urljoin

import msgspec

from mirrord.updates.release import Release, ReleaseFile

_PACKAGED: Final = "/opt/mood-mirror"
_PROCESSORS: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class Way(msgspec.Struct, frozen=True):
    """One way: with the Debian package, or with pipx."""

    by: Literal["deb", "pipx"]
    command: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides which file is the right one: "13" and "arm64"; is this the Debian package?"""

    debian: str = ""
    processor: str = ""
    packaged: bool = False


def this_machine() -> Machine:
    """Return what this computer is. A system that is no Debian takes no package."""
    system: dict[str, str] = {}
    with suppress(OSError):
        system = platform.freedesktop_os_release()
    debian = system.get("VERSION_ID", "") if system.get("ID") in ("debian", "raspbian") else ""
    processor = _PROCESSORS.get(platform.machine(), "")
    return Machine(debian, processor, sys.prefix.startswith(_PACKAGED))


def ways(release: Release, address: str, machine: Machine) -> tuple[Way, ...]:
    """Return the ways that fit, that by which the running program was installed first.

    `address` is that of the description: the files lie beside it, and the commands compare them
    with the checksums in it.
    """
    found = [*_deb(release, address, machine), *_pipx(release, address)]
    return tuple(sorted(found, key=lambda way: (way.by == "deb") != machine.packaged))


def _deb(release: Release, address: str, machine: Machine) -> Iterator[Way]:
    if not machine.debian or not machine.processor:
        return
    for one in _files(release, f"+deb{machine.debian}_{machine.processor}.deb"):
        yield Way(
            "deb",
            f"wget -O {one.name} '{urljoin(address, one.name)}'"
            f" && echo '{one.sha256} *{one.name}' | sha256sum -c"
            f" && sudo apt install ./{one.name}",
        )


def _pipx(release: Release, address: str) -> Iterator[Way]:
    for one in _files(release, ".whl"):
        yield Way(
            "pipx", f"pipx install --force '{urljoin(address, one.name)}#sha256={one.sha256}'"
        )


def _files(release: Release, ending: str) -> list[ReleaseFile]:
    """Return the one file that ends so; of several nobody can tell which is meant."""
    found = [one for one in release.files if one.name.endswith(ending)]
    return found if len(found) == 1 else []
