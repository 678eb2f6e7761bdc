"""Systemd's watchdog: fed while the mirror works, starved when only a new start would help."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from mirrord import daemon, sight
from mirrord.config import parse
from mirrord.runtime.systemd import watchdog_s
from mirrord.sight import Sight
from mirrord.sight_settings import CameraSettings, VisionSettings
from mirrord.store import flusher

pytestmark = pytest.mark.alone
EVERY_S = 0.1
PATIENCE_S = 30.0


class ServiceManager:
    """The end of the notification socket that systemd has."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def heard(self) -> list[str]:
        """Return what was said since the last time."""
        said = []
        while True:
            try:
                said.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return said

    async def hears(self, words: str) -> str:
        """Wait until something with these words is said."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for one in self.heard():
                    if words in one:
                        return one
                await asyncio.sleep(EVERY_S / 10)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceManager]:
    path = tmp_path / "notify"
    manager = ServiceManager(path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    monkeypatch.setenv("WATCHDOG_USEC", str(int(4 * EVERY_S * 1e6)))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    yield manager
    manager.close()


@asynccontextmanager
async def running(tmp_path: Path, drivers: dict[str, Any]) -> AsyncIterator[daemon.Daemon]:
    """A mirror whose camera is not there, run as the command runs it."""
    camera = {"source": str(tmp_path / "no-such-film.mp4")}
    config = parse({"camera": camera, "web": {"port": 0}, "drivers": drivers}, "test.toml")
    stop, up = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        daemon.run(config, ready=lambda mirror, _url: up.set_result(mirror), stop=stop)
    )
    await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield await up
    finally:
        stop.set()
        await task


async def test_it_is_fed_whatever_the_lamp_and_the_camera_do_and_not_by_a_loop_that_hangs(
    tmp_path: Path, manager: ServiceManager
):
    nobody = {
        "hub_entities": {"host": "127.0.0.1", "port": 1, "lights": [{"kind": "wled", "topic": "w"}]}
    }
    async with running(tmp_path, nobody) as mirror:
        assert "STATUS=Page at http://" in await manager.hears("READY=1")
        async with asyncio.timeout(PATIENCE_S):
            while not (
                mirror.engine.health and any(one["error"] for one in mirror.state()["drivers"])
            ):
                await asyncio.sleep(EVERY_S)
        assert mirror.engine.camera.state in ("opening", "missing")
        manager.heard()
        await manager.hears("WATCHDOG=1")
        manager.heard()
        time.sleep(6 * EVERY_S)  # noqa: ASYNC251 - this is what hangs
        assert manager.heard() == []
        await manager.hears("WATCHDOG=1")
    assert "STOPPING=1" in manager.heard()


class Held:
    """An entry that does not get written until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def write(self, database: Database) -> None:
        self.let_go.wait(PATIENCE_S)


async def test_a_disk_that_does_not_answer_starves_it_and_one_that_does_again_feeds_it(
    tmp_path: Path, manager: ServiceManager, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(flusher, "_STUCK_S", 2 * EVERY_S)
    held = Held()
    async with running(tmp_path, {}) as mirror:
        await manager.hears("WATCHDOG=1")
        writing = asyncio.create_task(mirror._store.put(held))
        try:
            assert "database" in await manager.hears("STATUS=the thread")
            await asyncio.sleep(6 * EVERY_S)
            assert manager.heard() == []
        finally:
            held.let_go.set()
        await writing
        await manager.hears("WATCHDOG=1")


async def test_vision_that_never_answers_is_stuck_unless_the_camera_is_off_by_choice(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sight, "STUCK_S", 4 * EVERY_S)
    hung = [sys.executable, "-c", "import time; time.sleep(600)"]
    looking = Sight(
        CameraSettings(), VisionSettings(), lambda _message: None, start_s=EVERY_S, command=hung
    )
    task = asyncio.create_task(looking.run())
    try:
        await asyncio.sleep(EVERY_S)
        assert looking.stuck == ""
        async with asyncio.timeout(PATIENCE_S):
            while not looking.stuck:
                await asyncio.sleep(EVERY_S)
        assert "vision process" in looking.stuck
        looking.camera_on(False)
        assert looking.stuck == ""
        looking.camera_on(True)  # it is given its time again
        assert looking.stuck == ""
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.parametrize(
    ("given", "pid", "expected"),
    [
        ("60000000", "", 60.0),
        ("60000000", "ours", 60.0),
        ("60000000", "1", None),
        ("0", "", None),
        ("", "", None),
        ("soon", "", None),
    ],
)
def test_whether_anybody_waits_for_a_sign_of_life(
    given: str, pid: str, expected: float | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WATCHDOG_USEC", given)
    monkeypatch.setenv("WATCHDOG_PID", pid.replace("ours", str(os.getpid())))
    assert watchdog_s() == expected
