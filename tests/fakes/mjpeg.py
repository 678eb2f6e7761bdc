"""A network camera: HTTP, `multipart/x-mixed-replace`, one JPEG a part, as cheap cameras do it."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
import time
from typing import Self

import cv2

from mirrord.vision.camera import Frame

BOUNDARY = b"camera"
FPS = 15.0


class MjpegCamera:
    """Serves one picture again and again on 127.0.0.1. Attributes make it misbehave.

    `frozen`: the connection stays, nothing comes. `password`: asked for. `path`: all that exists.
    `received` has every byte that was sent to it.
    `stop()` hangs up on everybody; `start()` is there again, at the same port.
    """

    def __init__(self, picture: Frame, password: str = "") -> None:
        found, data = cv2.imencode(".jpg", picture)
        assert found
        self._jpeg = data.tobytes()
        self._password = password
        self.path = "/cam.mjpg"
        self.frozen = False
        self.port = 0
        self.watchers = 0
        self.received = bytearray()
        self._running = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        user = f"viewer:{self._password}@" if self._password else ""
        return f"http://{user}127.0.0.1:{self.port}{self.path}"

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._running.set()
        self._spawn(self._accept)

    def stop(self) -> None:
        self._running.clear()
        for thread in self._threads:
            thread.join(5)
        self._threads = []
        if self._listener:
            self._listener.close()

    def _spawn(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments, name="fake camera", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while self._running.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(0.5)
            try:
                if self._granted(connection):
                    self.watchers += 1
                    self._stream(connection)
            except OSError:  # it hung up, which is its right
                pass

    def _granted(self, connection: socket.socket) -> bool:
        data = connection.recv(65536)
        self.received += data
        request = data.decode()
        key = base64.b64encode(f"viewer:{self._password}".encode()).decode()
        if self._password and f"Basic {key}" not in request:
            connection.sendall(
                b"HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=cam\r\n\r\n"
            )
            return False
        if request.split(" ")[1] != self.path:
            connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")
            return False
        head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=" + BOUNDARY
        connection.sendall(head + b"\r\n\r\n")
        return True

    def _stream(self, connection: socket.socket) -> None:
        head = f"Content-Type: image/jpeg\r\nContent-Length: {len(self._jpeg)}\r\n\r\n".encode()
        connection.setblocking(False)
        while self._running.is_set():
            with contextlib.suppress(BlockingIOError):
                self.received += connection.recv(65536)
            connection.settimeout(0.5)
            if not self.frozen:
                connection.sendall(b"--" + BOUNDARY + b"\r\n" + head + self._jpeg + b"\r\n")
            time.sleep(1 / FPS)
            connection.setblocking(False)
