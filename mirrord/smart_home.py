"""The hub of the running mirror: made anew when its settings change, remembered over restarts."""

from __future__ import annotations

import asyncio
import ipaddress
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from mirrord import hub
from mirrord.config import Config, store_path
from mirrord.errors import MirrorError
from mirrord.hub import Card, Hub, HubStatus, Say, clear
from mirrord.hub.session import Mirror
from mirrord.pages.catalogue import SOURCE, Words, load
from mirrord.runtime.beside import beside
from mirrord.settings.start import settings_in_force
from mirrord.store import Store
from mirrord.store.book import readable_settings
from mirrord.store.opening import open_for_reading

WORDS: Final = Path(hub.__file__).with_name("locale")
HUB: Final = "hub"
MEMORY: Final = f"memory.{HUB}"  # the setting of the store with identity and announcements


class Kept(dict[str, Any]):
    """A memory that is saved with every change."""

    def __init__(self, values: dict[str, Any], store: Store) -> None:
        super().__init__(values)
        self._store = store

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._store.set_setting(MEMORY, dict(self))

    def pop(self, key: str, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._store.set_setting(MEMORY, dict(self))
        return value

    def clear(self) -> None:
        super().clear()
        self._store.set_setting(MEMORY, {})


class SmartHome:
    """Runs the hub that the settings ask for."""

    def __init__(
        self,
        config: Config,
        mirror: Mirror,
        memory: dict[str, Any],
        changed: Callable[[], None],
    ) -> None:
        self._config = config
        self._mirror = mirror
        self._memory = memory
        self._words = load(WORDS)
        self._changed = changed
        self._other = asyncio.Event()
        self._hub: Hub | None = None
        self.page = ""  # the address that the hub links to

    @property
    def status(self) -> HubStatus:
        return self._hub.status if self._hub else HubStatus()

    def change(self, config: Config) -> None:
        """Take over other settings, where they concern the hub."""
        old, self._config = self._config, config
        if (old.hub, _named(old)) != (config.hub, _named(config)):
            self._other.set()

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            self._other.clear()
            config = self._config
            card = Card(config.mirror.name, config.hub.area, reachable(self.page))
            say = spoken(self._words, config.mirror.locale)
            self._hub = Hub(config.hub, self._mirror, card, say, self._memory, self._changed)
            self._changed()
            async with beside(self._hub.run(), "hub"):
                await self._other.wait()


async def leave(config: Config) -> int:
    """Clear all that a mirror has left at the broker; return how many topics there were.

    Raises MirrorError if it cannot be done, or if the mirror is running.
    """
    layers = await asyncio.to_thread(settings_in_force, config)
    path = store_path(layers.config)
    if not path.exists():
        raise MirrorError(f"{path} is missing: no mirror has run with these settings")
    memory = await asyncio.to_thread(_remembered, path)
    cleared = await clear(layers.config.hub, memory)
    async with Store.open(path) as store:
        store.set_setting(MEMORY, {})
        await store.flush()
    return cleared


def _remembered(path: Path) -> dict[str, Any]:
    """Read the memory without disturbing a mirror that is running after all."""
    with suppress(KeyError, sqlite3.Error):
        database = open_for_reading(path, 5.0)
        try:
            kept: dict[str, Any] = msgspec.json.decode(readable_settings(database)[MEMORY])
            return kept
        finally:
            database.close()
    return {}


def spoken(words: Words, locale: str) -> Say:
    """Return what puts an English name into the words of a locale; English where it has none."""
    language = locale[:2] if locale[:2] in words.languages else SOURCE
    texts = words.of("hub", language)
    return lambda name: str(texts.get(name, name))


def reachable(page: str) -> str:
    """Return the page's address, or "" where only this machine could open it."""
    host = urlsplit(page).hostname or "localhost"
    if host == "localhost":
        return ""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return ""
    return page


def _named(config: Config) -> tuple[str, str]:
    return config.mirror.name, config.mirror.locale
