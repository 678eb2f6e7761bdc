"""No frame leaves the mirror: not on a disk, not in its log, not to a lamp, a broker or a browser.

The whole daemon runs, with every driver, in the simulated room; proxies note what goes to the
bridge and to the broker, a client notes what the page is sent. That the search finds what is there
to be found, `test_privacy_frames.py` proves.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import pytest

from mirrord.config import parse
from mirrord.daemon import started
from mirrord.simulator.room import SimulatedRoom, simulated_room
from tests.fakes.faces import Frame, placed, portrait
from tests.fakes.frame_search import FrameSearch, files_below
from tests.fakes.tcp_proxy import TcpProxy

PATIENCE_S = 40.0
PAGES = ("", "mirror", "state", "history", "settings", "privacy", "openapi.json")


@cache
def seen() -> list[Frame]:
    return [portrait().picture, placed(0.6, right=40)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that the mirror or a library writes of itself ends up."""
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    for name in ("HOME", "STATE_DIRECTORY", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    return home


@pytest.fixture
def camera(tmp_path: Path) -> str:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(seen()):
        cv2.imwrite(str(folder / f"{number}.png"), frame)
    return str(folder)


def settings(camera: str, home: Path, room: SimulatedRoom, hue: TcpProxy, mqtt: TcpProxy) -> Any:
    drivers = {name: dict(table) for name, table in room.drivers.items()}
    drivers["hue"]["bridge"] = f"{hue.host}:{hue.port}"
    drivers["thermostat"] |= {"host": mqtt.host, "port": mqtt.port}
    return parse(
        {
            "camera": {"source": camera, "fps": 5},
            "store": {"path": str(home / "mirror.sqlite3"), "flush_s": 0.2, "every_s": 0.0},
            "web": {"port": 0, "password": "optional"},
            "hub": {"host": mqtt.host, "port": mqtt.port},
            "drivers": drivers,
        },
        "test.toml",
    )


async def browse(url: str, enough: Any) -> bytes:
    """Return all that a browser is sent: the live messages until it is enough, then the pages."""
    seen = bytearray()
    async with aiohttp.ClientSession() as client:
        async with client.ws_connect(url + "live") as live:
            end = time.monotonic() + PATIENCE_S
            while not enough(seen):
                assert time.monotonic() < end, f"waited in vain after {bytes(seen[-500:])!r}"
                message = await live.receive(timeout=PATIENCE_S)
                data = message.data if isinstance(message.data, bytes) else message.data.encode()
                seen += data
        for page in PAGES:
            async with client.get(url + page) as answer:
                seen += await answer.read()
    return bytes(seen)


async def test_nothing_of_a_frame_leaves_the_mirror(
    camera: str, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "room").mkdir()
    async with simulated_room(tmp_path / "room", "null") as room:
        bridge, _, port = room.bridge.address.partition(":")
        async with (
            TcpProxy(bridge, int(port)) as hue,
            TcpProxy(room.broker.host, room.broker.port) as mqtt,
        ):

            def enough(seen: bytearray) -> bool:
                lit = hue.sent.count(b"PUT /api") > 1
                told = b"happy" in mqtt.sent or b"thermostat" in mqtt.sent
                return lit and told and seen.count(b'"happy"') > 20

            async with started(settings(camera, home, room, hue, mqtt)) as (daemon, url):
                browsed = await browse(url, enough)
                assert daemon.state()["store"]["readings"] > 0
    wrote = files_below(home)
    assert home / "mirror.sqlite3" in wrote
    heaps = {
        "files": b"".join(wrote.values()),
        "log": caplog.text.encode(),
        "lamps": bytes(hue.sent),
        "broker": bytes(mqtt.sent),
        "browser": browsed,
    }
    assert all(len(heap) > 500 for heap in heaps.values()), {n: len(h) for n, h in heaps.items()}
    search = FrameSearch(seen())
    found = await asyncio.to_thread(lambda: {n: search.found_in(h) for n, h in heaps.items()})
    assert found == {name: set() for name in heaps}
    assert sorted(path.name for path in Path(camera).iterdir()) == ["0.png", "1.png"]
