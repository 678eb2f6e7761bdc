"""Pairing with the device of a driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mirrord.config import nearest
from mirrord.driver import MirrorError
from mirrord.driver_host.plugins import configured, installed_plugins
from mirrord.driver_host.side import HostSide


async def pair_with(
    driver: str,
    tables: Mapping[str, Mapping[str, Any]],
    where: str,
    state_dir: Path,
    progress: Callable[[float], None],
) -> str:
    """Pair with the device of `driver` and return what to say; `progress` hears shares of 0..1.

    `tables` are those under [drivers] of the file `where`. Raises MirrorError.
    """
    plugins = installed_plugins()
    pairable = [name for name, plugin in plugins.items() if plugin.pair]
    if driver not in pairable:
        known = ", ".join(pairable) or "none"
        hint = nearest(driver, pairable)
        raise MirrorError(f"there is nothing to pair with {driver}{hint} (pairable: {known})")
    ready = configured({driver: tables.get(driver, {})}, where)[driver]
    pair = ready.plugin.pair
    if pair is None:
        raise MirrorError(f"there is nothing to pair with {driver}")
    return await pair(ready.config, HostSide(state_dir, {}, lambda _device: None), progress)
