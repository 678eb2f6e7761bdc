"""The supervisor of the vision process: the real one, and processes that misbehave in its place."""

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.sight import Sight
from mirrord.sight_pipe import Lines
from mirrord.sight_settings import CameraSettings, VisionSettings
from mirrord.wire import MAX_LINE, CameraSeen, FrameSeen, VisionFailed, VisionHealth, encode
from tests.fakes.faces import portrait
from tests.fakes.mjpeg import MjpegCamera
from tests.sight_kit import Looking, alive


@pytest.fixture
def face(tmp_path):
    directory = tmp_path / "face"
    directory.mkdir()
    cv2.imwrite(str(directory / "face.png"), portrait().picture)
    return str(directory)


async def test_it_tells_what_is_seen_and_ends_its_process(face):
    async with Looking(face) as looking:
        assert (await looking.next(CameraSeen)).state == "opening"
        frame = await looking.next(FrameSeen, lambda message: message.faces)
        assert frame.faces[0].expression == "happy"
        await looking.next(VisionHealth)
        pid = looking.sight.pid
        assert alive(pid)
    assert not alive(pid)
    assert looking.sight.pid is None
    assert looking.sight.restarts == 0


async def test_camera_off_ends_the_process_and_on_starts_another(face):
    async with Looking(face) as looking:
        await looking.next(FrameSeen)
        first = looking.sight.pid
        looking.sight.camera_on(False)
        await looking.next(CameraSeen, lambda said: said.state == "off")
        assert not alive(first)
        assert looking.messages.empty()
        await asyncio.sleep(0.3)
        assert looking.messages.empty()
        looking.sight.camera_on(True)
        await looking.next(FrameSeen)
        assert looking.sight.pid != first
        assert looking.sight.restarts == 0


async def test_camera_off_really_closes_the_camera():
    with MjpegCamera(portrait().picture) as camera:
        async with Looking(camera.url) as looking:
            await looking.next(FrameSeen)
            looking.sight.camera_on(False)
            await looking.next(CameraSeen, lambda said: said.state == "off")
            assert camera.watchers == 1
            connections = Path("/proc/net/tcp").read_text().split("\n")
            port = f"0100007F:{camera.port:04X}"
            assert not [one for one in connections if f" {port} " in one and " 01 " in one]


async def test_it_may_be_off_from_the_start(face):
    looking = Looking(face)
    looking.sight.camera_on(False)
    async with looking:
        assert (await looking.next(CameraSeen)).state == "off"
        assert looking.sight.pid is None


async def test_quick_switching_ends_with_what_was_wished_last(face):
    async with Looking(face) as looking:
        for _ in range(10):
            looking.sight.camera_on(False)
            await asyncio.sleep(0.01)
            looking.sight.camera_on(True)
            await asyncio.sleep(0.03)
        await looking.next(FrameSeen)
        looking.sight.camera_on(False)
        await looking.next(CameraSeen, lambda said: said.state == "off")
        await asyncio.sleep(0.1)
        assert looking.sight.pid is None


async def test_a_process_that_crashes_is_started_again(face, caplog):
    async with Looking(face) as looking:
        await looking.next(FrameSeen)
        first = looking.sight.pid
        os.kill(first, signal.SIGKILL)
        said = await looking.next(CameraSeen, lambda said: said.state == "missing")
        assert "SIGKILL" in said.detail
        await looking.next(FrameSeen)
        assert looking.sight.pid != first
        assert looking.sight.restarts == 1
    (warning,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "starting it again" in warning.getMessage()


async def test_a_process_that_freezes_is_killed_and_started_again(face):
    async with Looking(face, silence_s=2.5) as looking:
        await looking.next(VisionHealth)
        first = looking.sight.pid
        os.kill(first, signal.SIGSTOP)
        said = await looking.next(CameraSeen, lambda said: said.state == "missing")
        assert "no sign of life" in said.detail
        await looking.next(FrameSeen)
        assert not alive(first)


async def test_a_listener_that_fails_disturbs_nothing(face):
    heard = []

    def listen(message):
        heard.append(message)
        raise ValueError("a bug in the listener")

    task = asyncio.create_task(Sight(CameraSettings(source=face), VisionSettings(), listen).run())
    async with asyncio.timeout(30):
        while sum(isinstance(message, FrameSeen) for message in heard) < 3:
            await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def standing_in(directory, script):
    """Return options by which a script stands in for the vision process."""
    path = directory / "stand_in.py"
    path.write_text(script)
    return {"command": (sys.executable, str(path))}


HEALTH = (
    '{"type":"health","fps":1,"read_fps":1,"detect_ms":1,"classify_ms":1,"pace":"face",'
    '"detector":"normal","model":"fused","memory_mb":1}'
)


async def test_lines_that_are_no_messages_are_left_out(tmp_path, caplog):
    script = f"""
import sys, time
out = sys.stdout.buffer
out.write(b'what? \\xff\\n{{"type": "frame"}}\\n[]\\n\\n')
out.write(b'x' * {3 * MAX_LINE} + b'\\n')
out.write(b'{HEALTH}'[:50]); out.flush(); time.sleep(0.2)
out.write(b'{HEALTH}'[50:] + b'\\n'); out.flush()
sys.stdin.buffer.readline(); sys.stdin.read()
"""
    async with Looking("x", **standing_in(tmp_path, script)) as looking:
        assert (await looking.next(VisionHealth)).fps == 1
        assert looking.sight.invalid_lines == 5
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1


async def test_a_process_that_never_says_a_word_is_given_up(tmp_path):
    options = standing_in(tmp_path, "import time; time.sleep(60)")
    async with Looking("x", **options, start_s=0.5) as looking:
        assert "no sign of life" in (await looking.next(CameraSeen)).detail


async def test_one_that_ignores_every_request_to_end_is_killed(tmp_path):
    script = f"""
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{HEALTH}', flush=True)
time.sleep(600)
"""
    async with Looking("x", **standing_in(tmp_path, script)) as looking:
        await looking.next(VisionHealth)
        pid = looking.sight.pid
        began = time.monotonic()
    assert not alive(pid)
    assert time.monotonic() - began < 20


DAMAGED = "the network fer is damaged; install mood-mirror again"


async def test_its_last_words_are_passed_on(tmp_path):
    script = f"print({encode(VisionFailed(DAMAGED)).decode()!r}); raise SystemExit(2)"
    async with Looking("x", **standing_in(tmp_path, script)) as looking:
        said = await looking.next(CameraSeen)
        assert said.detail == f"{DAMAGED}; starting again"


async def test_its_chatter_fills_no_log(tmp_path, caplog):
    caplog.set_level(logging.WARNING, "mirrord.sight")
    script = f"""
import sys, time
sys.stderr.write('WARNING again and again\\n' * 500 + 'y' * 100_000 + '\\n')
sys.stderr.flush()
print('{HEALTH}', flush=True)
sys.stdin.read()
"""
    async with Looking("x", **standing_in(tmp_path, script)) as looking:
        await looking.next(VisionHealth)
        await asyncio.sleep(0.3)
    assert 0 < len(caplog.records) <= 20
    assert max(len(record.getMessage()) for record in caplog.records) < 100


async def test_a_program_that_does_not_exist(tmp_path):
    async with Looking("x", command=(str(tmp_path / "gone"),)) as looking:
        assert "does not start" in (await looking.next(CameraSeen)).detail


async def test_trouble_at_every_start_is_tried_ever_more_seldom(tmp_path, caplog):
    options = standing_in(tmp_path, "raise SystemExit(3)")
    async with Looking("x", **options) as looking:
        for _ in range(3):
            assert "status 3" in (await looking.next(CameraSeen)).detail
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warnings) == 1  # the first is a warning, the others are for who looks for them


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.data())
def test_lines_do_not_depend_on_how_they_are_cut(lines, data):
    stream = b"".join(line + b"\n" for line in lines)
    cutter, found = Lines(longest=20), []
    while stream:
        size = data.draw(st.integers(1, 50))
        found += cutter.feed(stream[:size])
        stream = stream[size:]
    assert found == [line if len(line) <= 20 else None for line in lines]
