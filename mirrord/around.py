"""What is around that the settings could name: cameras, and what each driver finds."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mirrord.driver import Discovered, Plugin
from mirrord.errors import MirrorError
from mirrord.runtime.worker import Worker

DEADLINE_S = 4.0

Discover = Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is there, and the settings that would use it: key by key, such as
    {"camera.source": 0}; none where it takes more than that."""

    line: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where was looked ("camera", or a driver's name), what was found, or what went wrong."""

    name: str
    title: str
    found: Sequence[Found] = ()
    trouble: str = ""


async def look_around(
    plugins: Mapping[str, Plugin[Any]], cameras: Callable[[], Sequence[str]]
) -> list[Place]:
    """Ask every driver that can look, and `cameras`, all at once, each for at most 4 s.

    `cameras` returns lines such as "source = 0: Webcam (/dev/video0)", and may block.
    """
    looks = [_devices(one, one.discover) for one in plugins.values() if one.discover]
    return list(await asyncio.gather(_cameras(cameras), *looks))


async def _cameras(cameras: Callable[[], Sequence[str]]) -> Place:
    try:
        async with Worker("camera search") as worker:
            lines = await worker.call(DEADLINE_S, cameras)
    except MirrorError as error:
        return Place("camera", "Cameras", trouble=str(error))
    return Place("camera", "Cameras", [_camera(line) for line in lines])


def _camera(line: str) -> Found:
    setting, _, name = line.partition(": ")
    if not setting.startswith("source = "):
        return Found(line)  # one that is locked: the line says what to do
    return Found(name, {"camera.source": tomllib.loads(setting)["source"]})


async def _devices(plugin: Plugin[Any], discover: Discover) -> Place:
    try:
        async with asyncio.timeout(DEADLINE_S):
            lines = await discover()
    except MirrorError as error:
        return Place(plugin.name, plugin.title, trouble=str(error))
    except TimeoutError:
        return Place(plugin.name, plugin.title, trouble=f"no answer within {DEADLINE_S:g} s")
    except Exception as error:  # a stranger's driver may raise anything
        return Place(plugin.name, plugin.title, trouble=f"a fault ({type(error).__name__})")
    return Place(plugin.name, plugin.title, [_device(plugin.name, line) for line in lines])


def _device(driver: str, line: str) -> Found:
    settings = line.settings if isinstance(line, Discovered) else {}
    return Found(str(line), {f"drivers.{driver}.{key}": one for key, one in settings.items()})
