"""Settings that change while the mirror runs: what the page's desk needs of the running mirror."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from mirrord.around import Place, look_around
from mirrord.config import Config
from mirrord.controls import Controls
from mirrord.driver_host import installed_plugins
from mirrord.model import DriverStatus
from mirrord.settings.overlay_file import Layers
from mirrord.settings.places import place_troubles
from mirrord.settings.start import understood
from mirrord.web.app import Part
from mirrord.web.settings import Desk, Devices, Pairing, settings_page

Cameras = Callable[[], Sequence[str]]


class Adoptive(Protocol):
    """A mirror that takes over other settings, and pairs, while it runs."""

    async def adopt(self, config: Config) -> None: ...
    async def pair(self, driver: str, progress: Callable[[float], None]) -> str: ...


def settings_part(mirror: Adoptive, layers: Layers, cameras: Cameras) -> Part:
    """Return the settings page of `mirror`, which runs with `layers`."""
    plugins = installed_plugins()
    desk = Desk(layers, plugins, understood, place_troubles, mirror.adopt)
    pairable = [name for name, plugin in plugins.items() if plugin.pair]

    def look() -> Awaitable[Sequence[Place]]:
        return look_around(plugins, cameras)

    return settings_page(desk, Devices(look), Pairing(pairable, mirror.pair))


def followed(
    controls: Controls, old: Config, new: Config, drivers: Sequence[DriverStatus]
) -> Controls:
    """Return the page's controls after a change of the settings.

    What was changed last holds: a driver that the settings switch is switched, and a mode or goal
    of the settings takes the place of one chosen on the page.
    """
    switches = {}
    for one in drivers:
        was, now = (_enabled(config, one.name) for config in (old, new))
        switches[one.name] = now if was != now else controls.drivers.get(one.name, now)
    aims = {"mode": None} if new.mirror.mode != old.mirror.mode else {}
    aims |= {"goal": None} if new.mirror.goal != old.mirror.goal else {}
    return msgspec.structs.replace(controls, drivers=switches, **aims)


def _enabled(config: Config, driver: str) -> bool:
    table = config.drivers.get(driver)
    return table is not None and bool(table.get("enabled", True))
