"""A running mirror takes over other settings: only the part concerned notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pytest
import pytest_asyncio
import skimage.data

from mirrord.config import Config, parse
from mirrord.daemon import Daemon, started
from mirrord.errors import ConfigError
from mirrord.settings.overlay import layered
from mirrord.simulator.room import SimulatedRoom, simulated_room
from tests.waiting import until

pytestmark = pytest.mark.alone


@dataclass
class House:
    """A mirror before a picture of a face, in a simulated room."""

    daemon: Daemon
    room: SimulatedRoom
    base: Config
    values: dict[str, Any]

    async def set(self, **values: Any) -> None:
        """Set keys, their dots written as two underscores."""
        self.values |= {key.replace("__", "."): value for key, value in values.items()}
        await self.daemon.adopt(layered(self.base, self.values))

    def driver(self, name: str) -> dict[str, Any]:
        found = (one for one in self.daemon.state()["drivers"] if one["name"] == name)
        return next(found, {})


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "face").mkdir()
    cv2.imwrite(str(tmp_path / "face" / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    async with simulated_room(tmp_path, "null") as room:
        data = {
            "camera": {"source": str(tmp_path / "face")},
            "store": {"path": str(tmp_path / "mirror.sqlite3"), "flush_s": 0.2},
            "web": {"port": 0},
            "drivers": {name: room.drivers[name] for name in ("hue", "audio")},
        }
        base = parse(data, "test.toml")
        async with started(base) as (daemon, _):
            house = House(daemon, room, base, {})
            await until(lambda: house.driver("hue").get("applied_at"), "the lamps answer")
            yield house


def lamps(room: SimulatedRoom) -> dict[str, Any]:
    return {number: lamp.describe(number)["state"] for number, lamp in room.bridge.lamps.items()}


async def test_each_part_takes_over_what_concerns_it(house: House, tmp_path: Path) -> None:
    daemon, sight = house.daemon, house.daemon.sight
    first, answered = sight.pid, house.driver("hue")["applied_at"]
    await house.set(mirror__name="Hall", mood__grace_s=1.0, store__max_mb=20.0, store__flush_s=0.1)
    assert daemon.state()["name"] == "Hall"
    await house.set(room__brightness_cap=0.3)
    await until(lambda: daemon.state()["environment"]["lighting_intensity"] <= 0.3, "dimmer")
    assert sight.pid == first
    assert house.driver("hue")["state"] == "ready"
    assert house.driver("hue")["applied_at"] >= answered

    await house.set(camera__fps=5.0)
    await until(lambda: sight.pid not in (None, first), "the camera is opened anew")
    await until(lambda: daemon.state()["camera"]["state"] == "open", "the camera is open")
    assert sight.restarts == 0
    kept = daemon.state()["store"]["readings"]
    await until(lambda: daemon.state()["store"]["readings"] > kept, "readings are kept as before")

    await house.set(camera__source=str(tmp_path / "nothing.avi"))
    await until(lambda: daemon.state()["camera"]["state"] == "missing", "no such film")
    assert house.driver("hue")["state"] == "ready"
    del house.values["camera.source"]
    await house.set()
    await until(lambda: daemon.state()["camera"]["state"] == "open", "undone")


async def test_a_driver_is_opened_anew_and_gives_back_what_it_leaves(house: House) -> None:
    daemon, room = house.daemon, house.room
    audio = house.driver("audio")["applied_at"]
    await house.set(drivers__hue__lights=["1"])
    await until(lambda: house.driver("hue")["state"] == "ready", "open with one lamp")
    await until(lambda: len(house.driver("hue")["devices"]) == 1, "one lamp")
    assert house.driver("audio")["applied_at"] >= audio

    await house.set(drivers__hue__enabled=False)
    await until(lambda: house.driver("hue")["state"] == "off", "switched off by the settings")
    assert daemon.state()["controls"]["drivers"]["hue"] is False
    del house.values["drivers.hue.enabled"]
    await house.set()
    await until(lambda: house.driver("hue")["state"] == "ready", "and on again")

    table = room.drivers["thermostat"]
    await house.set(**{f"drivers__thermostat__{key}": one for key, one in table.items()})
    assert house.driver("thermostat")["state"] == "off"
    await house.set(drivers__thermostat__enabled=True)
    await until(lambda: house.driver("thermostat").get("applied_at"), "the thermostat answers")

    before = daemon.state()
    with pytest.raises(ConfigError, match=r"drivers\.hue\.bridge"):
        await daemon.adopt(layered(house.base, {"drivers.hue.bridge": 7}))
    assert daemon.state()["controls"] == before["controls"]


async def test_pairing_gives_the_running_driver_its_new_key(house: House) -> None:
    house.room.bridge.forget_keys()
    await until(lambda: house.driver("hue")["state"] == "refused", "the key is gone")
    house.room.bridge.press_link_button()
    shares: list[float] = []
    await house.daemon.pair("hue", shares.append)
    await until(lambda: house.driver("hue")["state"] == "ready", "the new key opens")
    assert shares[-1] == 1.0
