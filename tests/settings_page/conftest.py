"""A settings page asked over HTTP: what is in the file, and who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from mirrord.config import Config
from mirrord.driver_host import installed_plugins
from mirrord.web.settings.groups import groups
from tests.fakes.settings_desk import TakesOver, desk_of, settings

SECRET = "sesame-1234"


class Desk:
    """A settings page asked over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, taker: TakesOver) -> None:
        self.session = session
        self.taker = taker

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        async with self.session.request(method, f"/settings/{path}", json=body) as response:
            return response.status, await response.json()

    async def change(self, **body: Any) -> tuple[int, dict[str, Any]]:
        return await self.ask("PATCH", "values", body)

    async def field(self, key: str) -> dict[str, Any]:
        _, answer = await self.ask("GET", "values")
        return fields_in(answer["data"])[key]


def fields_in(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for group in shown["groups"] for field in group["fields"]}


@pytest.fixture(autouse=True)
def keys_of_devices_stay_here(own_state: None) -> None:
    """Pairing keeps a key with the state."""


@pytest.fixture
def base(tmp_path: Path) -> Config:
    return settings(
        tmp_path,
        camera={"source": f"rtsp://me:{SECRET}@10.0.0.9/door", "fps": 3},
        drivers={"hue": {"bridge": "10.0.0.2"}},
    )


@pytest_asyncio.fixture
async def desk(base: Config) -> AsyncIterator[Desk]:
    async with (
        desk_of(base, "look", "read", "control") as (address, taker, _),
        aiohttp.ClientSession(address) as session,
    ):
        yield Desk(session, taker)


def every_field() -> list[tuple[str, dict[str, Any]]]:
    """Return every field of the page, those of list entries among them."""
    found = []
    for group in groups(installed_plugins()):
        for field in group["fields"]:
            found.append((field["key"], field))
            inner = field.get("item", {}).get("fields", [])
            found += [(f"{field['key']}.{one['name']}", one) for one in inner]
    return found
