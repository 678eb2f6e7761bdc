"""A camera that speaks RTSP, over a real server and FFmpeg's real client."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirrord.vision.camera import CameraLost
from mirrord.vision.camera_stream import StreamCamera
from mirrord.wire import CameraSeen, FrameSeen
from tests.fakes.faces import portrait
from tests.fakes.rtsp import RtspCamera
from tests.fakes.vision import VisionProcess


def has_face(message: FrameSeen) -> bool:
    return [face.expression for face in message.faces] == ["happy"]


def test_a_face_is_read_and_the_camera_may_go_and_come_back(tmp_path: Path) -> None:
    with RtspCamera(portrait().picture, tmp_path, password="hunter2") as camera:
        with VisionProcess({"source": camera.url()}) as vision:
            vision.next(FrameSeen, has_face)
            camera.stop()
            vision.next(CameraSeen, lambda said: said.state in ("stalled", "missing"))
            camera.start()
            vision.next(CameraSeen, lambda said: said.state == "open")
            vision.next(FrameSeen, has_face)
        assert b"hunter2" not in vision.output
        assert b"hunter2" not in vision.log


def test_a_wrong_password_and_a_wrong_path_are_told(tmp_path: Path) -> None:
    with RtspCamera(portrait().picture, tmp_path, password="hunter2") as camera:
        for url in (camera.url("hunter3"), camera.url().replace("/live", "/life")):
            with pytest.raises(CameraLost, match="check the path, the user and the pass") as caught:
                StreamCamera(url).open()
            assert "hunter" not in str(caught.value)
