"""`mirrord demo`: the real mirror in a room that it simulates."""

from __future__ import annotations

import asyncio
import json
import logging
import tomllib
from collections.abc import Callable
from pathlib import Path

from mirrord import daemon
from mirrord.config import Config, parse, state_dir
from mirrord.daemon import Daemon
from mirrord.daemon.console import DEMO
from mirrord.driver_host import installed_plugins
from mirrord.runtime.files import replace_file
from mirrord.sight_cameras import find_cameras
from mirrord.simulator.climate import SimulatedClimate
from mirrord.simulator.clip import make_clip
from mirrord.simulator.room import SimulatedRoom, simulated_room
from mirrord.simulator.speaker import SimulatedSpeaker

_log = logging.getLogger(__name__)

PEOPLE_S = 1.0


async def run(
    source: int | str | None,
    port: int,
    seconds: float | None,
    ready: Callable[[Daemon, str], None],
    progress: Callable[[float], None] | None = None,
) -> None:
    """Run the demo until it is stopped, or for `seconds`. Raises MirrorError.

    The first run makes a film and tells `progress` how far it is, in 0..1.
    """
    folder = state_dir() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    camera = await _camera(source, folder, progress)
    async with (
        SimulatedSpeaker(folder / "speaker") as speaker,
        simulated_room(folder, await _audio(speaker)) as room,
    ):
        config = demo_config(camera, port, folder, room)
        _tell_commands(folder, Path(config.store.path))
        stop = asyncio.Event()
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, stop.set)
        breathing: list[asyncio.Task[None]] = []

        def running(mirror: Daemon, url: str) -> None:
            breathing.append(asyncio.create_task(_breathe(mirror, room.climate)))
            ready(mirror, url)

        try:
            await daemon.run(config, demo=True, ready=running, stop=stop, cameras=find_cameras)
        finally:
            for task in breathing:
                task.cancel()


def _tell_commands(folder: Path, database: Path) -> None:
    """Write the settings by which commands find the demo's records and accounts."""
    text = f"# For commands: mirrord user list -c {folder / DEMO}\n"
    text += f"[store]\npath = {json.dumps(str(database))}\n"
    replace_file(folder / DEMO, text.encode())


def demo_config(source: int | str, port: int, folder: Path, room: SimulatedRoom) -> Config:
    """Return the demo's settings: the defaults, with quicker ends so that there is much to see."""
    tables = {
        "mirror": {"name": "Mood Mirror", "guide_s": 120.0},
        "camera": {"source": source},
        "mood": {"grace_s": 3.0, "session_end_s": 20.0},
        "room": {"thermostat_every_s": 60.0},
        "store": {"path": str(folder / "demo.sqlite3")},
        "web": {"port": port, "password": "optional"},
        "hub": {"host": room.broker.host, "port": room.broker.port},
        "drivers": room.drivers,
    }
    return parse(tables, "the demo's settings")


async def _camera(
    source: int | str | None, folder: Path, progress: Callable[[float], None] | None
) -> int | str:
    if source is not None:
        return source
    for line in await asyncio.to_thread(find_cameras):
        if line.startswith("source = "):
            found: int | str = tomllib.loads(line.partition(":")[0])["source"]
            return found
    _log.info("no camera found: showing a short film of a face instead")
    return str(await asyncio.to_thread(make_clip, folder, progress))


async def _audio(speaker: SimulatedSpeaker) -> str:
    """Return the driver's setting: the system's loudspeaker if there is one, else the simulated."""
    plugin = installed_plugins().get("audio")
    try:
        if plugin and plugin.discover and await plugin.discover():
            return ""
    except Exception as error:  # a broken sound system must not keep the demo from running
        _log.info("no sound: %s", error)
    _log.info("no loudspeaker found: listen to the last minute of sound in %s", speaker.path)
    return speaker.device


async def _breathe(mirror: Daemon, climate: SimulatedClimate) -> None:
    """Whoever is in front of the mirror breathes the air of the simulated room."""
    while True:
        climate.people = mirror.engine.mood.people
        await asyncio.sleep(PEOPLE_S)
