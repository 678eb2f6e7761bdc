"""A network camera that speaks RTSP, by a server that we did not write."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Self

import cv2

from mirrord.vision.camera import Frame

PYTHON = "/usr/bin/python3"  # the system's, which Debian's bindings of GStreamer are made for
SERVER = Path(__file__).with_name("rtsp_server.py")


class RtspCamera:
    """Shows one picture at `url`; `stop` is as if the plug were pulled, `start` as if put back."""

    def __init__(self, picture: Frame, folder: Path, password: str = "") -> None:
        path = folder / "rtsp.jpg"
        cv2.imwrite(str(path), picture)
        height, width = picture.shape[:2]
        user = ["viewer", password] if password else []
        self._order = [str(path), str(width), str(height), *user]
        self._password = password
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, password: str | None = None) -> str:
        secret = self._password if password is None else password
        user = f"viewer:{secret}@" if secret else ""
        return f"rtsp://{user}127.0.0.1:{self.port}/live"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [PYTHON, str(SERVER), str(self.port), *self._order],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # GStreamer complains of its own pipeline
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, "the RTSP server did not start: `make test` installs what it needs"
        self.port = int(said)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None
