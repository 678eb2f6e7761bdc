"""The Pi's camera, against a picamera2 that speaks like Raspberry Pi OS's."""

import sys
from pathlib import Path

import pytest

from mirrord.sight_settings import CameraSettings
from mirrord.vision.camera import CameraLost, find_cameras
from mirrord.vision.camera_pi import PiCamera

SETTINGS = CameraSettings(source="picamera2", width=320, height=240, fps=100)


@pytest.fixture
def pi_os(monkeypatch):
    """Make this machine one with picamera2."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "fakes" / "pi_os"))
    yield lambda state: monkeypatch.setenv("FAKE_PI_CAMERA", state)
    sys.modules.pop("picamera2", None)


def test_frames_are_blue_green_red(pi_os):
    camera = PiCamera(SETTINGS)
    camera.open()
    assert camera.grab()
    frame = camera.retrieve()
    assert frame.shape == (240, 320, 3)
    assert frame[0, 0].tolist() == [200, 0, 0]
    camera.close()
    camera.close()
    assert camera.retrieve() is None


def test_it_is_listed(pi_os, tmp_path):
    (line,) = find_cameras(tmp_path)
    assert line.startswith('source = "picamera2":')


@pytest.mark.parametrize("state", ["none", "busy"])
def test_a_camera_that_does_not_open_says_what_to_look_at(pi_os, state):
    pi_os(state)
    camera = PiCamera(SETTINGS)
    with pytest.raises(CameraLost, match="ribbon cable"):
        camera.open()


def test_a_camera_that_breaks_can_be_opened_again(pi_os):
    pi_os("breaks")
    camera = PiCamera(SETTINGS)
    for _ in range(2):
        camera.open()
        assert [camera.grab() for _ in range(3)] == [True] * 3
        with pytest.raises(CameraLost, match="timed out"):
            camera.grab()
        camera.close()
