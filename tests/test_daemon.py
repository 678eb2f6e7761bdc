"""The whole mirror: a real face before a real detector, real drivers before a simulated room."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import pytest
import skimage.data

from mirrord.config import Config, parse
from mirrord.daemon import Daemon, started
from mirrord.errors import ConfigError, MirrorError
from mirrord.simulator.room import SimulatedRoom, simulated_room
from tests.waiting import until

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("own_state")]
PATIENCE_S = 30.0


@pytest.fixture
def face(tmp_path: Path) -> str:
    """A folder with one picture of a happy face (NASA, public domain)."""
    folder = tmp_path / "face"
    folder.mkdir()
    cv2.imwrite(str(folder / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    return str(folder)


def settings(face: str, tmp_path: Path, drivers: dict[str, Any], **tables: Any) -> Config:
    data = {
        "camera": {"source": face},
        "store": {"path": str(tmp_path / "mirror.sqlite3"), "flush_s": 0.2},
        "mood": {"grace_s": 1.0, "session_end_s": 2.0},
        "web": {"port": 0, "password": "optional"},
        "drivers": drivers,
    }
    return parse(data | tables, "test.toml")


def driver(daemon: Daemon, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(d for d in daemon.state()["drivers"] if d["name"] == name)
    return found


def lamps(room: SimulatedRoom) -> dict[str, Any]:
    """Return what the lamps were asked to be, as the bridge's API says it."""
    return {
        number: {**lamp.describe(number)["state"]} for number, lamp in room.bridge.lamps.items()
    }


async def test_a_smile_lights_the_room_and_leaving_gives_it_back(face: str, tmp_path: Path):
    async with simulated_room(tmp_path, "null") as room:
        found = lamps(room)
        setpoint = room.climate.thermostat.setpoint
        config = settings(face, tmp_path, room.drivers)
        async with started(config) as (daemon, url):
            await until(lambda: daemon.state()["mood"]["expression"] == "happy", "a happy face")
            for name in ("hue", "audio", "thermostat"):
                await until(lambda n=name: driver(daemon, n)["applied_at"], f"{name} applied")
            await until(lambda: lamps(room) != found, "the lamps changed")
            await until(lambda: daemon.state()["measured"]["air_quality"], "the air is measured")
            await until(lambda: daemon.state()["store"]["readings"] > 1, "readings are kept")
            async with aiohttp.ClientSession() as client, client.get(url + "state") as answer:
                assert (await answer.json())["mood"]["dominant_emotion"] == "joy"
        assert lamps(room) == found
        assert room.climate.thermostat.setpoint == setpoint
    with sqlite3.connect(tmp_path / "mirror.sqlite3") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()


async def test_camera_off_closes_the_camera_at_once_and_survives_a_restart(
    face: str, tmp_path: Path
):
    config = settings(face, tmp_path, {})
    async with started(config) as (daemon, _url):
        await until(lambda: daemon.state()["session"], "a session")
        pid = daemon.sight.pid
        assert pid is not None
        await daemon.control({"camera": False})
        await until(lambda: not alive([pid]), "the vision process is gone")
        await until(lambda: daemon.state()["camera"]["state"] == "off", "it says so")
        assert daemon.state()["session"] is None
        assert daemon.state()["faces"] == []
    async with started(config) as (daemon, _url):
        await asyncio.sleep(0.5)
        assert daemon.sight.pid is None
        assert daemon.state()["camera"]["state"] == "off"
        await daemon.control({"camera": True})
        await until(lambda: daemon.state()["session"], "a session again")


async def test_pausing_the_room_gives_it_back_and_a_mood_by_hand_takes_it(
    face: str, tmp_path: Path
):
    async with simulated_room(tmp_path, "null") as room:
        found = lamps(room)
        config = settings(face, tmp_path, {"hue": room.drivers["hue"]})
        async with started(config) as (daemon, _url):
            await until(lambda: lamps(room) != found, "the lamps changed")
            await daemon.control({"room": False})
            await until(lambda: lamps(room) == found, "the lamps are given back")
            await until(lambda: driver(daemon, "hue")["state"] == "paused", "it says so")
            hand = {"joy": 0.0, "calm": 1.0, "energy": 0.0, "melancholy": 0.0}
            await daemon.control({"room": True, "hand": hand, "camera": False})
            await until(lambda: lamps(room) != found, "the hand is obeyed")
            assert daemon.state()["mood"]["dominant_emotion"] == "calm"
            await daemon.control({"drivers": {"hue": False}})
            await until(lambda: lamps(room) == found, "switched off, given back")


async def test_one_absent_device_leaves_the_others_alone(face: str, tmp_path: Path):
    async with simulated_room(tmp_path, "null") as room:
        drivers = room.drivers | {"thermostat": {"host": "127.0.0.1", "port": 1}}
        async with started(settings(face, tmp_path, drivers)) as (daemon, _url):
            await until(lambda: driver(daemon, "hue")["applied_at"], "the lamps answer")
            await until(lambda: driver(daemon, "thermostat")["error"], "the thermostat does not")
            assert driver(daemon, "hue")["state"] == "ready"
            assert driver(daemon, "thermostat")["state"] in ("unavailable", "opening")


async def test_still_records_and_leaves_the_room_alone(face: str, tmp_path: Path):
    async with simulated_room(tmp_path, "null") as room:
        found = lamps(room)
        config = settings(face, tmp_path, room.drivers, mirror={"mode": "still"})
        async with started(config) as (daemon, _url):
            await until(lambda: daemon.state()["store"]["readings"] > 0, "readings")
            assert lamps(room) == found
            assert not room.bridge.commands


async def test_a_mode_chosen_on_the_page_and_corrections_survive_a_restart(
    face: str, tmp_path: Path
):
    async with simulated_room(tmp_path, "null") as room:
        found = lamps(room)
        config = settings(face, tmp_path, room.drivers)
        async with started(config) as (daemon, url), aiohttp.ClientSession(url) as page:
            await until(lambda: daemon.state()["why"]["reason"] == "mirror", "a mood")
            await until(lambda: room.bridge.commands, "light")
            wish = {"should_be": "surprise"}
            async with page.post("emotions/api/corrections/", json=wish) as response:
                assert response.status == 201
            async with page.get("emotions/api/why/") as response:
                chain = (await response.json())["data"]
            assert chain["expression"]["corrections"] == 1
            assert {one["name"] for one in chain["drivers"]} >= set(room.drivers)
            await daemon.control({"mode": "still"})
            await until(lambda: lamps(room) == found, "the lamps as they were found")
        async with started(config) as (daemon, _url):
            state = daemon.state()
            assert (state["mode"], state["corrections"]) == ("still", 1)
            assert state["why"]["reason"] == "still"


async def test_wrong_driver_settings_are_refused_before_anything_starts(face: str, tmp_path: Path):
    config = settings(face, tmp_path, {"hue": {"brige": "x"}})
    with pytest.raises(ConfigError, match=r"drivers\.hue\.brige: .*did you mean bridge"):
        async with started(config):
            pass


async def test_a_page_that_cannot_be_served_is_one_sentence(face: str, tmp_path: Path):
    config = settings(face, tmp_path, {})
    async with started(config) as (_daemon, url):
        port = int(url.rstrip("/").rpartition(":")[2])
        taken = settings(face, tmp_path / "other", {}, web={"port": port})
        with pytest.raises(MirrorError, match=rf"port {port}"):
            async with started(taken):
                pass


async def process(config: Path, tmp_path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mirrord", "run", "-c", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"STATE_DIRECTORY": str(tmp_path / "state")},
    )


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def written(config: Path, face: str, tmp_path: Path, hue: dict[str, Any]) -> None:
    config.write_text(
        f'camera.source = "{face}"\nstore.path = "{tmp_path / "mirror.sqlite3"}"\n'
        f'store.flush_s = 0.2\nweb.port = 0\n[drivers.hue]\nbridge = "{hue["bridge"]}"\n'
        f'key_file = "{hue["key_file"]}"\n'
    )


async def ended(running: asyncio.subprocess.Process) -> str:
    output, _ = await asyncio.wait_for(running.communicate(), PATIENCE_S)
    return output.decode()


async def test_sigterm_gives_everything_back_and_leaves_no_process(face: str, tmp_path: Path):
    async with simulated_room(tmp_path, "null") as room:
        found, config = lamps(room), tmp_path / "mirror.toml"
        written(config, face, tmp_path, room.drivers["hue"])
        running = await process(config, tmp_path)
        await until(lambda: lamps(room) != found, "the lamps changed")
        left = children(running.pid)
        running.send_signal(signal.SIGTERM)
        output = await ended(running)
        assert running.returncode == 0, output
        assert "Traceback" not in output
        assert lamps(room) == found
        assert not alive(left)


async def test_after_a_kill_nothing_is_lost_and_the_next_start_gives_back_what_was_found(
    face: str, tmp_path: Path
):
    async with simulated_room(tmp_path, "null") as room:
        found, config = lamps(room), tmp_path / "mirror.toml"
        written(config, face, tmp_path, room.drivers["hue"])
        running = await process(config, tmp_path)
        await until(lambda: lamps(room) != found, "the lamps changed")
        await asyncio.sleep(2.0)
        left = children(running.pid)
        running.kill()
        await ended(running)
        await until(lambda: not alive(left), "no orphan")
        assert lamps(room) != found
        database = sqlite3.connect(tmp_path / "mirror.sqlite3")
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        database.close()
        asked = room.bridge.requests
        again = await process(config, tmp_path)
        await until(lambda: room.bridge.requests > asked + 2, "the bridge is asked again")
        await asyncio.sleep(1.0)
        again.send_signal(signal.SIGTERM)
        await ended(again)
        assert lamps(room) == found
