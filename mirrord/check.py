"""Tries what the settings name, without changing anything; lists what could be named."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrord.config import Config, nearest, state_dir, store_path
from mirrord.driver import Plugin
from mirrord.driver_host import Configured, configured, installed_plugins, probe
from mirrord.driver_host.side import HostSide
from mirrord.errors import MirrorError
from mirrord.sight import Sight
from mirrord.snapshot import source_name
from mirrord.vision.camera import find_cameras
from mirrord.wire import CameraSeen, Message

DEADLINE_S = 8.0
DISCOVER_S = 4.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table."""

    part: str
    ok: bool
    said: str


async def check_all(config: Config) -> list[Finding]:
    """Try camera, store, page and every driver at the same time, each for at most 8 s.

    Raises ConfigError if the settings themselves are wrong.
    """
    drivers = configured(config.drivers, config.file).values()
    return list(
        await asyncio.gather(
            _camera(config),
            asyncio.to_thread(_store, store_path(config)),
            asyncio.to_thread(_page, config.web.host, config.web.port),
            *(_driver(driver) for driver in drivers),
        )
    )


async def _camera(config: Config) -> Finding:
    answer: asyncio.Future[Finding] = asyncio.get_running_loop().create_future()
    part = f"camera {source_name(config.camera.source)}"

    def take(message: Message) -> None:
        if isinstance(message, CameraSeen) and not answer.done():
            if message.state == "open":
                answer.set_result(Finding(part, True, message.detail or "gives frames"))
            elif message.state in ("missing", "stalled"):
                answer.set_result(Finding(part, False, message.detail or message.state))

    looking = asyncio.create_task(Sight(config.camera, config.vision, take).run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await answer
    except TimeoutError:
        return Finding(part, False, f"no frame within {DEADLINE_S:g} s")
    finally:
        looking.cancel()
        await asyncio.wait({looking})


async def _driver(driver: Configured) -> Finding:
    if not driver.enabled:
        return Finding(driver.name, True, "switched off in the settings")
    result = await probe(driver.plugin, driver.config, state_dir(), DEADLINE_S)
    if not result.ok:
        return Finding(driver.name, False, result.error)
    names = ", ".join(device.name for device in result.devices) or "no device reported yet"
    return Finding(driver.name, True, f"{names} ({result.took_s:.1f} s)")


def _store(path: Path) -> Finding:
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if path.is_dir() or not folder.is_dir():
        return Finding("store", False, f"{path}: expected a file; change [store] path")
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        return Finding("store", False, f"{target} cannot be written; change [store] path")
    return Finding("store", True, str(path))


def _page(host: str, port: int) -> Finding:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe_socket:
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe_socket.bind(address)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "in use (by a running mirror?)" if busy else error.strerror
        return Finding("page", False, f"{host}, port {port}: {reason}; change [web]")
    return Finding("page", True, f"{host}, port {port} is free")


async def discover() -> dict[str, Sequence[str]]:
    """Return what is around, by heading: cameras, what each driver finds, installed drivers."""
    plugins = installed_plugins()
    finders = [plugin for plugin in plugins.values() if plugin.discover]
    cameras, *found = await asyncio.gather(
        asyncio.to_thread(find_cameras), *(_discovered(plugin) for plugin in finders)
    )
    return {
        "Cameras": cameras,
        **{plugin.title: lines for plugin, lines in zip(finders, found, strict=True)},
        "Installed drivers": [f"{plugin.name}: {plugin.title}" for plugin in plugins.values()],
    }


async def _discovered(plugin: Plugin[Any]) -> Sequence[str]:
    if plugin.discover is None:
        return []
    try:
        async with asyncio.timeout(DISCOVER_S):
            return await plugin.discover()
    except MirrorError as error:
        return [str(error)]
    except TimeoutError:
        return [f"no answer within {DISCOVER_S:g} s"]


async def pair_with(driver: str, config: Config, progress: Callable[[float], None]) -> str:
    """Pair with the device of `driver` and return what to say. Raises MirrorError."""
    plugins = installed_plugins()
    pairable = [name for name, plugin in plugins.items() if plugin.pair]
    if driver not in pairable:
        known = ", ".join(pairable) or "none"
        hint = nearest(driver, pairable)
        raise MirrorError(f"there is nothing to pair with {driver}{hint} (pairable: {known})")
    table = dict(config.drivers.get(driver, {}))
    ready = configured({driver: table}, config.file)[driver]
    pair = ready.plugin.pair
    if pair is None:
        raise MirrorError(f"there is nothing to pair with {driver}")
    return await pair(ready.config, HostSide(state_dir(), {}, lambda _device: None), progress)
