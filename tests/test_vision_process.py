"""The vision process itself, on real frames: what it says, and the ways in which it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import msgspec
import pytest

import mirrord
from mirrord.model import EXPRESSIONS
from mirrord.wire import CameraSeen, FrameSeen, VisionFailed, VisionHealth, decode
from tests.fakes.faces import BOX, placed, portrait, wall
from tests.fakes.mjpeg import MjpegCamera
from tests.fakes.vision import VisionProcess


def folder_of(directory, *frames):
    directory.mkdir()
    for number, frame in enumerate(frames):
        cv2.imwrite(str(directory / f"{number}.png"), frame)
    return {"source": str(directory)}


@pytest.fixture
def face(tmp_path):
    return folder_of(tmp_path / "face", portrait().picture)


def has_face(message):
    return len(message.faces) == 1


def test_a_face_is_seen_and_judged(face):
    with VisionProcess(face) as vision:
        assert vision.next(CameraSeen).state == "opening"
        assert vision.next(CameraSeen).state == "open"
        first = vision.next(FrameSeen, has_face)
        (seen,) = first.faces
        assert seen.box == pytest.approx(BOX, abs=15)
        assert seen.quality == "good"
        assert set(seen.expressions) == set(EXPRESSIONS)
        assert sum(seen.expressions.values()) == pytest.approx(1, abs=1e-3)
        assert (seen.expression, seen.confidence > 0.9) == ("happy", True)
        assert (first.width, first.height) == (640, 480)
        assert 0 <= time.monotonic_ns() - first.captured_ns < 60e9
        assert first.inference_ms > 0
        later = vision.next(FrameSeen, lambda message: message.frame >= first.frame + 5)
        assert [one.track for one in later.faces] == [seen.track]


def test_its_health_is_told_with_frames_and_without(face, tmp_path):
    with VisionProcess(face, {"detail": "power-save", "model": "fer"}, health_s=1.0) as vision:
        vision.next(VisionHealth)
        vision.next(VisionHealth)
        health = vision.next(VisionHealth)
        assert health.fps > 1
        assert health.read_fps > 1
        assert health.detect_ms > 0
        assert health.classify_ms > 0
        assert health.pace in ("face", "still", "hot")
        assert (health.detector, health.model) == ("power-save", "fer")
        assert 20 < health.memory_mb < 150
        assert {"no-core-dump", "no-network"} <= set(health.protections)
    with VisionProcess({"source": str(tmp_path / "gone.mp4")}, health_s=0.3) as vision:
        assert (
            "no such file" in vision.next(CameraSeen, lambda said: said.state == "missing").detail
        )
        for _ in range(2):
            assert vision.next(VisionHealth).fps == 0


def test_an_empty_room_is_looked_at_less(tmp_path, face):
    with VisionProcess(folder_of(tmp_path / "wall", wall()), health_s=1.0) as vision:
        vision.next(FrameSeen)
        health = [vision.next(VisionHealth) for _ in range(4)][-1]
        assert health.pace in ("nobody", "hot")
        assert health.fps < 5
        assert health.read_fps > health.fps


def test_faces_too_small_to_judge_are_seen(tmp_path):
    with VisionProcess(folder_of(tmp_path / "far", placed(0.3)), {"min_face_px": 80}) as vision:
        (seen,) = vision.next(FrameSeen, has_face).faces
        assert seen.quality == "small"
        assert seen.expressions is None
        assert seen.expression == "unsure"


def test_a_camera_that_goes_and_comes_back():
    with (
        MjpegCamera(portrait().picture) as camera,
        VisionProcess({"source": camera.url}) as vision,
    ):
        vision.next(FrameSeen, has_face)
        health = vision.next(VisionHealth)
        assert "no-network" not in health.protections
        assert "no-core-dump" in health.protections
        camera.stop()
        assert vision.next(CameraSeen, lambda said: said.state in ("stalled", "missing"))
        camera.start()
        assert vision.next(CameraSeen, lambda said: said.state == "open")
        vision.next(FrameSeen, has_face)


def test_a_stall_is_told_and_health_goes_on():
    with (
        MjpegCamera(portrait().picture) as camera,
        VisionProcess({"source": camera.url}, stall_s=1.0, health_s=0.5) as vision,
    ):
        vision.next(FrameSeen)
        camera.frozen = True
        vision.next(CameraSeen, lambda said: said.state == "stalled")
        assert vision.next(VisionHealth)
        camera.frozen = False
        vision.next(CameraSeen, lambda said: said.state == "open")


def test_a_password_appears_nowhere():
    with (
        MjpegCamera(portrait().picture, password="hunter2") as camera,
        VisionProcess({"source": camera.url.replace("cam.", "cim.")}) as wrong,
        VisionProcess({"source": camera.url}) as vision,
    ):
        wrong.next(CameraSeen, lambda said: said.state == "missing")
        vision.next(FrameSeen, has_face)
        for process in (wrong, vision):
            with open(f"/proc/{process.process.pid}/cmdline", "rb") as file:
                assert b"hunter2" not in file.read()
            assert b"hunter2" not in process.output
            assert b"hunter2" not in process.log


def test_the_newest_frame_wins_when_judging_is_slower_than_the_camera(tmp_path):
    frames = [placed(0.5, right=20 * step) for step in range(-5, 6)]
    camera = {**folder_of(tmp_path / "many", *frames), "fps": 60}
    with VisionProcess(camera) as vision:
        vision.next(FrameSeen, has_face)
        end = time.monotonic() + 2
        ages = []
        while time.monotonic() < end:
            message = vision.next(FrameSeen)
            ages.append(time.monotonic_ns() - message.captured_ns - message.inference_ms * 1e6)
        # Were there a queue, the last would be older than the first by most of these seconds.
        few = max(1, len(ages) // 3)
        assert sum(ages[-few:]) / few - sum(ages[:few]) / few < 0.8e9


def test_a_recording_that_ends_says_so_and_waits(face):
    with VisionProcess({**face, "loop": False}) as vision:
        assert vision.next(CameraSeen, lambda said: said.state == "ended")
        assert vision.next(VisionHealth)
        assert vision.process.poll() is None


def test_it_ends_with_its_input(face):
    with VisionProcess(face) as vision:
        vision.next(FrameSeen)
        vision.process.stdin.close()
        assert vision.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_asked_to(face, number):
    with VisionProcess(face) as vision:
        vision.next(FrameSeen)
        vision.process.send_signal(number)
        assert vision.ended() == 0
        assert vision.log == b""


def test_it_ends_when_nobody_reads_any_more(face):
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "mirrord.vision"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdin.write(msgspec.json.encode({"camera": face}) + b"\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(10) == 0
    process.stdin.close()


def test_it_never_outlives_the_mirror(face, tmp_path):
    """Its parent is killed outright, and somebody else still holds the other end of its input."""
    reading, writing = os.pipe()
    order = f'{{"camera": {{"source": "{face["source"]}"}}}}'
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-P', '-m', 'mirrord.vision'],"
            f" stdin={reading}, stdout=subprocess.PIPE)\n"
            "child.stdout.readline()\n"
            "print(child.pid, flush=True)\n"
            "time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        pass_fds=[reading],
    )
    os.write(writing, order.encode() + b"\n")
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    end = time.monotonic() + 10
    while os.path.exists(f"/proc/{child}") and time.monotonic() < end:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{child}")
    os.close(reading)
    os.close(writing)


PI_OS = {"PYTHONPATH": str(Path(__file__).parent / "fakes" / "pi_os")}


def test_a_pi_s_camera_in_the_process_that_protects_itself():
    camera = {"source": "picamera2", "width": 320, "height": 240}
    with VisionProcess(camera, environment=PI_OS) as vision:
        assert vision.next(FrameSeen).width == 320
        assert {"no-network", "no-core-dump"} <= set(vision.next(VisionHealth).protections)


def test_a_camera_that_does_not_let_go_ends_the_process_which_says_so():
    environment = {**PI_OS, "FAKE_PI_CAMERA": "hangs"}
    with VisionProcess(
        {"source": "picamera2"}, environment=environment, stall_s=1.0, hung_s=4.0
    ) as vision:
        vision.next(FrameSeen)
        assert vision.next(CameraSeen, lambda said: said.state == "stalled")
        assert vision.ended() == 75
        assert b"does not answer" in vision.log
        assert "does not answer" in vision.next(VisionFailed).reason


def test_a_damaged_network_is_told_and_ends_the_process_camera_or_none(tmp_path):
    shutil.copytree(Path(mirrord.__file__).parent, tmp_path / "mirrord")
    (tmp_path / "mirrord/vision/models/fer.onnx").write_bytes(b"no network")
    with VisionProcess(
        {"source": str(tmp_path / "gone.mp4")}, environment={"PYTHONPATH": str(tmp_path)}
    ) as vision:
        assert vision.ended() == 2
        assert "the network fer is damaged" in vision.next(VisionFailed).reason
    assert b"the network fer is damaged" in vision.log
    assert vision.log.count(b"\n") == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"no json\n", b"the settings as JSON"),
        (b'{"camera": {"sauce": 1}}\n', b"sauce"),
        (b'{"camera": {"fps": "many"}}\n', b"fps"),
        (b"[]\n", b"the settings as JSON"),
    ],
)
def test_settings_that_are_none_are_refused_in_one_line(line, words):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mirrord.vision"],
        input=line,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    last_words = decode(done.stdout)
    assert isinstance(last_words, VisionFailed)
    assert words.decode() in last_words.reason
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_no_settings_at_all_is_a_quiet_end():
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mirrord.vision"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
