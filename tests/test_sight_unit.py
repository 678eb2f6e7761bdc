"""The vision process as a unit of its own: at a real socket, started by a program of systemd's.

The camera is OpenCV's real V4L2 code on a simulated kernel device.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mirrord import sight_unit
from mirrord.around import look_around
from mirrord.errors import MirrorError
from mirrord.sight_cameras import find_cameras
from mirrord.wire import CameraSeen, FrameSeen, VisionFailed, VisionHealth, encode
from tests.fakes.faces import portrait
from tests.fakes.mjpeg import MjpegCamera
from tests.fakes.vision import VisionProcess
from tests.fakes.webcam import Webcam
from tests.sight_kit import Looking, Units
from tests.test_watchdog import ServiceManager

Stand = Callable[[str], Units]


@pytest.fixture
def webcam(tmp_path: Path) -> Webcam:
    camera = Webcam(tmp_path / "dev", portrait().picture)
    camera.behave()
    return camera


@pytest.fixture
def units(webcam: Webcam, tmp_path: Path) -> Iterator[Units]:
    with Units(tmp_path / "vision.sock", environment=webcam.environment) as units:
        yield units


def looking_at(units: Units, **options: float) -> Looking:
    return Looking(0, socket=str(units.path), **options)


def holds_camera(pid: int, webcam: Webcam) -> bool:
    files = [os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir()]
    return str(webcam.directory / "video0") in files


async def off(looking: Looking) -> None:
    looking.sight.camera_on(False)
    await looking.next(CameraSeen, lambda said: said.state == "off")


async def test_a_face_is_seen_through_the_socket_and_off_closes_the_camera(
    units: Units, webcam: Webcam
):
    async with looking_at(units) as looking:
        frame = await looking.next(FrameSeen, lambda message: message.faces)
        assert frame.faces[0].expression == "happy"
        assert "no-network" in (await looking.next(VisionHealth)).protections
        (first,) = units.running()
        assert holds_camera(first, webcam)
        await off(looking)
        assert units.running() == []
        looking.sight.camera_on(True)
        await looking.next(FrameSeen)
        assert looking.sight.restarts == 0
        assert looking.sight.pid is None
    assert units.running() == []


async def test_one_that_is_killed_is_followed_by_another_and_its_log_is_named(units: Units):
    async with looking_at(units) as looking:
        await looking.next(FrameSeen)
        os.kill(units.running()[0], signal.SIGKILL)
        said = await looking.next(CameraSeen, lambda said: said.state == "missing")
        assert "journalctl -u 'mirrord-vision@*'" in said.detail
        await looking.next(FrameSeen)
        assert looking.sight.restarts == 1


async def test_one_that_freezes_is_waited_for_until_the_watchdog_has_ended_it(units: Units):
    async with looking_at(units, silence_s=2.5) as looking:
        await looking.next(VisionHealth)
        (first,) = units.running()
        os.kill(first, signal.SIGSTOP)
        await asyncio.sleep(4.0)
        assert looking.sight.restarts == 0
        assert units.running() == [first]  # else the next one would find the camera in use
        os.kill(first, signal.SIGKILL)
        said = await looking.next(CameraSeen, lambda said: said.state == "missing")
        assert "no sign of life" in said.detail
        await looking.next(FrameSeen)


async def test_one_that_nobody_ends_is_left_behind_at_last_and_that_is_said(
    units: Units, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(sight_unit, "LET_GO_S", 0.5)
    async with looking_at(units) as looking:
        await looking.next(FrameSeen)
        os.kill(units.running()[0], signal.SIGSTOP)
        await off(looking)
    assert "may still hold the camera" in caplog.text


async def test_the_process_ends_when_the_other_end_is_gone_without_a_word(units: Units):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(units.path))
        client.sendall(b'{"camera": {"source": 0}}\n')
        assert client.recv(1)
        assert units.running()
    assert units.ended()


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[Stand]:
    """Have a script stand in for the vision process."""
    open_ones: list[Units] = []

    def make(script: str) -> Units:
        path = tmp_path / "stand_in.py"
        path.write_text(script)
        open_ones.append(Units(tmp_path / "other.sock", (sys.executable, str(path))))
        return open_ones[-1].__enter__()

    yield make
    for one in open_ones:
        one.__exit__()


async def test_last_words_come_through_the_socket(stand_in: Stand):
    words = encode(VisionFailed("the network fer is damaged; install it again")).decode()
    async with looking_at(stand_in(f"print({words!r}); raise SystemExit(2)")) as looking:
        said = await looking.next(CameraSeen)
        assert said.detail == "the network fer is damaged; install it again; starting again"


async def test_garbage_is_left_out_and_silence_is_not_waited_for(stand_in: Stand):
    script = "import sys; print('x' * 200_000 + '\\n[]', flush=True); sys.stdin.read()"
    async with looking_at(stand_in(script), start_s=1.0) as looking:
        assert "no sign of life" in (await looking.next(CameraSeen)).detail
        assert looking.sight.invalid_lines == 2


@pytest.mark.parametrize(
    ("how", "words"),
    [("missing", "No such file"), ("stale", "refused"), ("locked", "in the group of")],
)
async def test_a_socket_that_does_not_let_us_in_is_said_and_no_child_takes_its_place(
    tmp_path: Path, how: str, words: str
):
    path = tmp_path / "vision.sock"
    if how != "missing":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
        path.chmod(0 if how == "locked" else 0o600)
    user = os.geteuid()
    if how == "locked" and user == 0:
        os.seteuid(65534)  # nothing is locked for root
    try:
        async with Looking(0, socket=str(path)) as looking:
            said = await looking.next(CameraSeen)
            assert looking.sight.pid is None
    finally:
        os.seteuid(user)
    assert (said.state, words in said.detail) == ("missing", True), said.detail
    assert str(path) in said.detail


async def test_a_camera_of_the_network_stays_a_child_which_has_one(tmp_path: Path):
    with MjpegCamera(portrait().picture) as camera:
        async with Looking(camera.url, socket=str(tmp_path / "nobody.sock")) as looking:
            await looking.next(FrameSeen)
            assert looking.sight.pid is not None


async def test_cameras_are_listed_by_who_may_open_them(
    units: Units, webcam: Webcam, monkeypatch: pytest.MonkeyPatch
):
    webcam.behave("meta", number=1)
    monkeypatch.setenv(sight_unit.VARIABLE, str(units.path))
    (place,) = await look_around({}, find_cameras)
    assert [found.settings for found in place.found] == [{"camera.source": 0}]
    assert "Simulated Webcam" in place.found[0].line
    assert units.ended()


async def test_a_list_that_nobody_gives_is_a_plain_sentence(
    stand_in: Stand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(sight_unit.VARIABLE, "/nowhere/vision.sock")
    (place,) = await look_around({}, find_cameras)
    assert "/nowhere/vision.sock is closed" in place.trouble
    units = stand_in("print('what?')")
    monkeypatch.setenv(sight_unit.VARIABLE, str(units.path))
    with pytest.raises(MirrorError, match="without a word"):
        await asyncio.to_thread(find_cameras)


def test_it_feeds_the_watchdog_once_it_has_given_up_sockets_and_asks_for_less_patience(
    webcam: Webcam, tmp_path: Path
):
    manager = ServiceManager(tmp_path / "notify")
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"}
    with VisionProcess({"source": 0}, environment={**webcam.environment, **told}) as vision:
        assert "no-network" in vision.next(VisionHealth).protections
        heard: list[str] = []
        end = time.monotonic() + 20
        while heard[-2:] != ["WATCHDOG=1"] * 2 and time.monotonic() < end:
            time.sleep(0.05)
            heard += manager.heard()
    manager.close()
    asked = heard.index("WATCHDOG_USEC=8000000\nWATCHDOG=1")
    assert set(heard[:asked] + heard[asked + 1 :]) == {"WATCHDOG=1"}
