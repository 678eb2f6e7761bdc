"""Recordings as cameras, and which setting means which camera."""

import time

import cv2
import numpy as np
import pytest

from mirrord.sight_settings import CameraSettings, is_device, is_network
from mirrord.vision.camera import CameraLost, find_cameras, source_of
from mirrord.vision.camera_files import PictureFolder, VideoFile
from mirrord.vision.camera_pi import PiCamera
from mirrord.vision.camera_stream import StreamCamera
from mirrord.vision.camera_v4l2 import V4l2Camera


def grey(level, size=(64, 48)):
    return np.full((size[1], size[0], 3), level, np.uint8)


def write_video(path, levels, fourcc, fps=25.0):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (64, 48))
    assert writer.isOpened()
    for level in levels:
        writer.write(grey(level))
    writer.release()
    return path


def levels(source, count):
    """The grey level of each of the next frames."""
    seen = []
    for _ in range(count):
        if not source.grab():
            break
        seen.append(round(float(source.retrieve().mean()) / 50))
    return seen


def opened(source):
    source.open()
    return source


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (0, V4l2Camera),
        ("1", V4l2Camera),
        ("/dev/video2", V4l2Camera),
        ("/dev/v4l/by-id/usb-camera-index0", V4l2Camera),
        ("picamera2", PiCamera),
        ("rtsp://camera/stream", StreamCamera),
        ("http://camera/cam.mjpg", StreamCamera),
        ("film.mp4", VideoFile),
        ("~/film.avi", VideoFile),
    ],
)
def test_a_setting_means_a_camera(source, kind):
    settings = CameraSettings(source=source)
    assert type(source_of(settings)) is kind
    assert is_network(settings) == (kind is StreamCamera)
    assert is_device(settings) == (kind in (V4l2Camera, PiCamera))


def test_a_directory_is_a_folder_of_pictures(tmp_path):
    assert isinstance(source_of(CameraSettings(source=str(tmp_path))), PictureFolder)


@pytest.mark.parametrize(("name", "fourcc"), [("a.avi", "MJPG"), ("a.mp4", "mp4v")])
def test_a_video_is_played_in_a_loop_at_its_own_rate(tmp_path, name, fourcc):
    path = write_video(tmp_path / name, [50, 100, 150], fourcc)
    video = opened(VideoFile(path, CameraSettings(fps=5)))
    assert video.period_s == pytest.approx(0.04, rel=0.01)
    assert levels(video, 7) == [1, 2, 3, 1, 2, 3, 1]
    video.close()


def test_a_video_played_once_ends(tmp_path):
    path = write_video(tmp_path / "a.avi", [50, 100], "MJPG")
    video = opened(VideoFile(path, CameraSettings(loop=False)))
    assert levels(video, 5) == [1, 2]
    assert not video.grab()
    video.close()


def test_frames_that_nobody_asks_for_are_left_out(tmp_path):
    path = write_video(tmp_path / "a.avi", [0, 50, 100, 150], "MJPG")
    video = opened(VideoFile(path, CameraSettings()))
    assert [video.grab() for _ in range(3)] == [True] * 3
    assert round(float(video.retrieve().mean()) / 50) == 2
    video.close()


def test_pictures_come_in_the_order_of_their_numbers(tmp_path):
    for name, level in (("f10.png", 150), ("f2.png", 100), ("f1.png", 50)):
        cv2.imwrite(str(tmp_path / name), grey(level))
    (tmp_path / "notes.txt").write_text("no picture")
    folder = opened(PictureFolder(tmp_path, CameraSettings(fps=4)))
    assert folder.period_s == pytest.approx(0.25)
    assert levels(folder, 4) == [1, 2, 3, 1]
    cv2.imwrite(str(tmp_path / "f3.png"), grey(200))
    assert levels(folder, 6) == [2, 3, 1, 2, 4, 3]  # a new picture is seen next time round
    folder.close()


def test_pictures_shown_once_end(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), grey(50))
    folder = opened(PictureFolder(tmp_path, CameraSettings(loop=False)))
    assert levels(folder, 5) == [1]


def test_a_damaged_picture_is_no_frame(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more than a beginning")
    folder = opened(PictureFolder(tmp_path, CameraSettings()))
    assert folder.grab()
    assert folder.retrieve() is None


def no_video(tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("this is no film")
    return VideoFile(path, CameraSettings()), "text.mp4.*no video"


def no_file(tmp_path):
    return VideoFile(tmp_path / "gone.mp4", CameraSettings()), "gone.mp4: no such file"


def no_pictures(tmp_path):
    return PictureFolder(tmp_path, CameraSettings()), "no picture in this folder"


def no_folder(tmp_path):
    return PictureFolder(tmp_path / "gone", CameraSettings()), "gone: this folder cannot be read"


@pytest.mark.parametrize("trouble", [no_video, no_file, no_pictures, no_folder])
def test_what_cannot_be_opened_says_so_in_one_sentence(tmp_path, trouble):
    source, words = trouble(tmp_path)
    with pytest.raises(CameraLost, match=words) as caught:
        source.open()
    assert "\n" not in str(caught.value)
    source.close()
    source.close()


def test_the_pi_s_camera_on_another_machine_says_how_to_get_it():
    source = PiCamera(CameraSettings(source="picamera2"))
    began = time.monotonic()
    with pytest.raises(CameraLost, match="sudo apt install"):
        source.open()
    assert time.monotonic() - began < 5
    source.close()


def test_a_machine_without_cameras(tmp_path):
    assert find_cameras(tmp_path) == []
    (tmp_path / "video0").write_text("a file is no camera")
    assert find_cameras(tmp_path) == []
