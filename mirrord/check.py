"""Tries what the settings name, without changing anything; lists what could be named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mirrord.around import Found, Place, look_around
from mirrord.config import Config, HubSettings, state_dir, store_path
from mirrord.driver_host import Configured, configured, installed_plugins, probe
from mirrord.errors import MirrorError
from mirrord.hub import reach
from mirrord.runtime.beside import beside
from mirrord.settings.overlay_file import Layers
from mirrord.settings.places import page_trouble, store_trouble
from mirrord.sight import START_S, Sight
from mirrord.sight_cameras import find_cameras
from mirrord.snapshot import source_name
from mirrord.status import ask, socket_path
from mirrord.wire import CameraSeen, Message

DEADLINE_S = 8.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table."""

    part: str
    ok: bool
    said: str


async def check_all(layers: Layers) -> list[Finding]:
    """Try camera, store, page and every driver at the same time, each for at most 8 s.

    Raises ConfigError if the settings themselves are wrong.
    """
    config = layers.config
    configured(layers.base.drivers, layers.base.file)  # the file's own mistakes first
    drivers = configured(config.drivers, config.file).values()
    running = await asyncio.to_thread(_running, layers.base)
    return _changes(layers) + list(
        await asyncio.gather(
            _camera(config, running),
            asyncio.to_thread(_store, store_path(config)),
            asyncio.to_thread(_page, config.web.host, config.web.port, running),
            _hub(config.hub),
            *(_driver(driver) for driver in drivers),
        )
    )


def _changes(layers: Layers) -> list[Finding]:
    """Return what holds of the changes made on the page, and what does not."""
    part = "changed on the page"
    found = [Finding(part, False, notice) for notice in layers.notices]
    if keys := sorted(layers.overlay.values):
        found.append(Finding(part, True, ", ".join(keys)))
    return found


def _running(base: Config) -> dict[str, Any] | None:
    """Return the report of the mirror that runs with these settings, if there is one."""
    try:
        return ask(socket_path(base), "status")
    except MirrorError:
        return None


def _has_camera_open(running: dict[str, Any] | None) -> bool:
    parts = running["parts"] if running else ()
    return any(part["part"] == "camera" and part["state"] == "open" for part in parts)


async def _camera(config: Config, running: dict[str, Any] | None) -> Finding:
    if _has_camera_open(running):  # which nobody else can open
        name = source_name(config.camera.source)
        return Finding(f"camera {name}", True, "your running mirror has it open")
    answer: asyncio.Future[Finding] = asyncio.get_running_loop().create_future()
    part = f"camera {source_name(config.camera.source)}"

    def take(message: Message) -> None:
        if isinstance(message, CameraSeen) and not answer.done():
            if message.state == "open":
                answer.set_result(Finding(part, True, message.detail or "gives frames"))
            elif message.state in ("missing", "stalled"):
                answer.set_result(Finding(part, False, message.detail or message.state))

    looking = Sight(config.camera, config.vision, take).run()
    try:
        async with beside(looking, "camera check"), asyncio.timeout(START_S):
            return await answer
    except TimeoutError:
        return Finding(part, False, f"no frame within {START_S:g} s")


async def _hub(settings: HubSettings) -> Finding:
    """Connect to the hub's broker and leave again, without a word to anybody."""
    if not settings.host:
        return Finding("hub", True, "no [hub] host: nothing is said to a smart home")
    try:
        async with asyncio.timeout(DEADLINE_S):
            where = await reach(settings)
    except TimeoutError:
        return Finding("hub", False, f"{settings.host}: no answer within {DEADLINE_S:g} s")
    except MirrorError as error:
        return Finding("hub", False, str(error))
    return Finding("hub", True, f"the broker at {where} lets the mirror in")


async def _driver(driver: Configured) -> Finding:
    if not driver.enabled:
        return Finding(driver.name, True, "switched off in the settings")
    result = await probe(driver.plugin, driver.config, state_dir(), DEADLINE_S)
    if not result.ok:
        return Finding(driver.name, False, result.error)
    names = ", ".join(device.name for device in result.devices) or "no device reported yet"
    return Finding(driver.name, True, f"{names} ({result.took_s:.1f} s)")


def _store(path: Path) -> Finding:
    trouble = store_trouble(path)
    said = f"{trouble}; change [store] path" if trouble else str(path)
    return Finding("store", not trouble, said)


def _page(host: str, port: int, running: dict[str, Any] | None) -> Finding:
    trouble = page_trouble(host, port)
    if trouble and running and urlsplit(running["page"]).port == port:
        mine = f"your own mirror serves it there (process {running['pid']})"
        return Finding("page", True, f"{host}, port {port}: {mine}")
    said = f"{trouble}; change [web]" if trouble else "is free"
    return Finding("page", not trouble, f"{host}, port {port}{':' if trouble else ''} {said}")


async def discover() -> dict[str, Sequence[str]]:
    """Return what is around, by heading: cameras, what each driver finds, installed drivers."""
    plugins = installed_plugins()
    places = await look_around(plugins, find_cameras)
    return {
        **{place.title: _lines(place) for place in places},
        "Installed drivers": [f"{plugin.name}: {plugin.title}" for plugin in plugins.values()],
    }


def _lines(place: Place) -> list[str]:
    return [place.trouble] if place.trouble else [_line(found) for found in place.found]


def _line(found: Found) -> str:
    """A camera's line begins with what to write into the file."""
    source = found.settings.get("camera.source")
    return found.line if source is None else f"source = {json.dumps(source)}: {found.line}"
