"""A camera on the network: RTSP, or HTTP with MJPEG or whatever else FFmpeg plays."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import cv2

from mirrord.vision.camera import CameraLost
from mirrord.vision.camera_capture import OpenCvSource

_LIMIT_MS = 5000
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935}


class StreamCamera(OpenCvSource):
    """A stream by its URL, which may carry a name and a password."""

    def __init__(self, url: str) -> None:
        super().__init__(without_password(url))
        self._url = url

    def open(self) -> None:
        limits = {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: _LIMIT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: _LIMIT_MS,
            cv2.CAP_PROP_N_THREADS: 1,
        }
        flat = [number for pair in limits.items() for number in pair]
        if not self.use(cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, flat)):
            raise CameraLost(f"{self.title}: {_why(self._url)}")

    def grab(self) -> bool:
        if self.capture.grab():
            return True
        raise CameraLost(f"{self.title}: the stream broke off; trying again", "stalled")


def without_password(url: str) -> str:
    """Return a URL fit to be shown: no user, no password, no query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _why(url: str) -> str:
    """Say why a stream did not open, by knocking at its door."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "this is no valid address; it looks like rtsp://user:password@camera:554/path"
    try:
        socket.create_connection((host, port), 3.0).close()
    except socket.gaierror:
        return f"no machine is called {host}; check the name in [camera] source"
    except OSError:
        return f"nothing answers at {host}:{port}; is the camera on and in this network?"
    return "the camera answers but sends no video; check the path, the user and the password"
