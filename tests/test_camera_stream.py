"""A camera on the network, over real HTTP and FFmpeg's real demultiplexer."""

import time

import numpy as np
import pytest

from mirrord.vision.camera import CameraLost
from mirrord.vision.camera_stream import StreamCamera, without_password
from tests.fakes.mjpeg import MjpegCamera

GREY = np.full((48, 64, 3), 120, np.uint8)


@pytest.fixture
def camera():
    with MjpegCamera(GREY, password="hunter2") as fake:
        yield fake


@pytest.fixture
def stream(camera):
    source = StreamCamera(camera.url)
    yield source
    source.close()


def read(stream, frames):
    for _ in range(frames):
        stream.grab()


def test_frames_come(stream):
    stream.open()
    for _ in range(3):
        assert stream.grab()
    assert stream.retrieve().mean() == pytest.approx(120, abs=2)


def test_a_stream_that_breaks_off_is_lost_and_can_be_opened_again(camera, stream):
    stream.open()
    assert stream.grab()
    camera.stop()
    with pytest.raises(CameraLost, match="broke off") as caught:
        read(stream, 100)
    assert caught.value.state == "stalled"
    stream.close()
    with pytest.raises(CameraLost, match=f"nothing answers at 127.0.0.1:{camera.port}"):
        stream.open()
    camera.start()
    stream.open()
    assert stream.grab()


def test_a_stream_that_freezes_is_lost_after_some_seconds(camera, stream):
    stream.open()
    assert stream.grab()
    camera.frozen = True
    began = time.monotonic()
    with pytest.raises(CameraLost):
        read(stream, 100)
    assert time.monotonic() - began < 20


def test_a_wrong_password_is_told_without_the_password(camera):
    wrong = StreamCamera(camera.url.replace("hunter2", "hunter3"))
    with pytest.raises(CameraLost, match="check the path, the user and the password") as caught:
        wrong.open()
    assert "hunter" not in str(caught.value)


def test_a_wrong_path(camera):
    with pytest.raises(CameraLost, match="check the path"):
        StreamCamera(camera.url + ".no").open()


def test_an_address_that_does_not_exist():
    with pytest.raises(CameraLost, match=r"no machine is called camera\.invalid"):
        StreamCamera("rtsp://user:hunter2@camera.invalid/stream").open()
    with pytest.raises(CameraLost, match="no valid address"):
        StreamCamera("rtsp://camera:port/stream").open()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://user:hunter2@camera:554/live?token=hunter2", "rtsp://camera:554/live"),
        ("http://camera/cam.mjpg", "http://camera/cam.mjpg"),
        ("rtsp://us@er:hun:ter2@camera/live#hunter2", "rtsp://camera/live"),
    ],
)
def test_a_shown_address_has_no_secret(url, shown):
    assert without_password(url) == shown
    assert StreamCamera(url).title == shown
