"""A webcam through OpenCV's real V4L2 code and the product's real process: only the kernel is not.

The process protects itself, so this also shows that a camera can be opened again without a network
and without the right to write.
"""

import subprocess
import sys

import pytest

from mirrord.wire import CameraSeen, FrameSeen, VisionHealth
from tests.fakes.faces import portrait
from tests.fakes.vision import VisionProcess
from tests.fakes.webcam import Webcam


@pytest.fixture
def webcam(tmp_path):
    camera = Webcam(tmp_path / "dev", portrait().picture)
    camera.behave()
    return camera


def watching(webcam, source=0, **settings):
    quick = {"health_s": 0.5, "stall_s": 1.5, **settings}
    return VisionProcess({"source": source}, environment=webcam.environment, **quick)


def state(vision, *wanted):
    return vision.next(CameraSeen, lambda said: said.state in wanted)


def face_of(vision):
    (face,) = vision.next(FrameSeen, lambda message: message.faces).faces
    return face


def test_a_webcam_shows_a_face(webcam):
    with watching(webcam) as vision:
        assert face_of(vision).expression == "happy"
        health = vision.next(VisionHealth, lambda health: health.read_fps > 0)
        assert {"no-network", "no-core-dump"} <= set(health.protections)


def test_it_is_read_as_fast_as_it_gives_and_looked_at_as_fast_as_asked(webcam):
    with watching(webcam) as vision:
        health = [vision.next(VisionHealth) for _ in range(7)][-1]
        assert health.read_fps > health.fps * 1.5
        assert health.fps <= 12


def test_a_webcam_that_is_unplugged_and_plugged_in_again(webcam):
    with watching(webcam) as vision:
        track = face_of(vision).track
        webcam.unplug()
        assert "/dev/video0" in state(vision, "missing").detail
        assert vision.next(VisionHealth)
        webcam.behave()
        state(vision, "open")
        assert face_of(vision).track >= track


def test_a_webcam_that_is_not_there_at_first(webcam):
    webcam.unplug()
    with watching(webcam) as vision:
        assert "plug the camera in" in state(vision, "missing").detail
        webcam.behave()
        state(vision, "open")
        face_of(vision)


def test_a_webcam_that_stalls(webcam):
    with watching(webcam) as vision:
        face_of(vision)
        webcam.behave("stall")
        assert "no pictures" in state(vision, "stalled").detail
        webcam.behave()
        state(vision, "open")
        face_of(vision)


def test_a_driver_that_hangs_ends_the_process(webcam):
    with watching(webcam, hung_s=3.0) as vision:
        face_of(vision)
        webcam.behave("hang")
        state(vision, "stalled")
        assert vision.ended(30) == 75


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("busy", "does another programme use it?"),
        ("locked", "sudo usermod -aG video $USER"),
        ("meta", "side channel"),
    ],
)
def test_a_webcam_that_cannot_be_used_says_why_and_is_tried_again(webcam, how, words):
    webcam.behave(how)
    with watching(webcam) as vision:
        assert words in state(vision, "missing").detail
        webcam.behave()
        state(vision, "open")


def test_a_link_to_a_webcam(webcam, tmp_path):
    """As udev makes them below /dev/v4l/by-id."""
    webcam.behave(number=3)
    webcam.unplug(0)
    code = (
        "from mirrord.sight_settings import CameraSettings\n"
        "from mirrord.vision.camera_v4l2 import V4l2Camera\n"
        f"camera = V4l2Camera({str(tmp_path / 'my-camera')!r}, CameraSettings())\n"
        "camera.open()\n"
        "print(camera.grab(), camera.retrieve().shape)\n"
        "camera.close()\n"
    )
    (tmp_path / "my-camera").symlink_to("/dev/video3")
    done = run(webcam, code)
    assert done == "True (480, 640, 3)\n"


def test_cameras_are_listed_but_not_their_side_channels(webcam):
    webcam.behave("meta", number=1)
    webcam.behave("locked", number=2)
    webcam.behave(number=10)
    code = (
        "from pathlib import Path\n"
        "from mirrord.vision import camera_probe\n"
        "class Dev(type(Path())):\n"
        "    def glob(self, pattern):\n"
        f"        names = (path.name for path in Path({str(webcam.directory)!r}).glob(pattern))\n"
        "        return [Path('/dev') / name for name in names]\n"
        "print(*camera_probe.cameras(Dev('/dev')), sep='\\n')\n"
    )
    assert run(webcam, code).splitlines() == [
        "source = 0: Simulated Webcam (/dev/video0)",
        "/dev/video2 may not be opened: run `sudo usermod -aG video $USER` and log in again",
        "source = 10: Simulated Webcam (/dev/video10)",
    ]


def run(webcam, code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**webcam.environment, "OPENCV_LOG_LEVEL": "SILENT"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
