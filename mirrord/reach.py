"""How others open the page: its addresses, and its name while that is announced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from mirrord.announce import Announcer
from mirrord.config import Config
from mirrord.runtime.beside import beside
from mirrord.web.address import Facts, address_part
from mirrord.web.guard import HOSTS
from mirrord.whereabouts import addresses_of, is_loopback, urls_of

_HTTP: Final = 80


class Reach:
    """Knows the addresses of the page, a part of which it is; `run` announces it.

    The announced name is among those that the page answers to, while it holds.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._names: set[str] = set()
        self._port = config.web.port
        self._started_with = config.web
        self._other_name = asyncio.Event()
        self.name = ""
        self.linked: Callable[[], bool] = lambda: False  # with a collective

    def add(self, app: web.Application) -> None:
        """Add the notice and the code of the address to the page."""
        self._names = app[HOSTS]
        address_part(self.facts)(app)

    def serve_at(self, url: str) -> None:
        """Note where the page is served: a free port may have been taken."""
        self._port = urlsplit(url).port or _HTTP

    @property
    def urls(self) -> list[str]:
        """The page's addresses for others, the best first; none if only this computer may."""
        try:
            addresses = addresses_of(self._started_with.host)
        except OSError:
            addresses = []
        return urls_of(self.name, addresses, self._port)

    def facts(self) -> Facts:
        """Return what visitors are told."""
        best, *others = [*self.urls, ""]
        others = [one for one in others if one]
        config = self._config
        keep_days, told = config.store.keep_days, bool(config.hub.host)
        name, linked = config.mirror.name, self.linked()
        return Facts(name, best, tuple(others), keep_days, told, linked)

    def change(self, config: Config) -> None:
        """Go on with other settings; another name is announced at once."""
        other = config.mirror.name != self._config.mirror.name
        self._config = config
        if other:
            self._other_name.set()

    async def run(self) -> None:
        """Announce the page for ever, if the settings want that and others can open it."""
        while True:
            self._other_name.clear()
            async with beside(self._announce(), "announcing the page"):
                await self._other_name.wait()

    async def _announce(self) -> None:
        served = self._started_with
        if served.announce and not is_loopback(served.host):
            await Announcer(self._config.mirror.name, self._port, served.host, self._go_by).run()

    def _go_by(self, name: str) -> None:
        self._names.discard(self.name)
        self.name = name
        if name:
            self._names.add(name)
