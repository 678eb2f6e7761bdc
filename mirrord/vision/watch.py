"""The vision process at work: camera thread, nets, health, and the ways in which it ends."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import cv2

from mirrord import wire
from mirrord.sight_settings import is_device, is_network
from mirrord.vision.alive import Alive
from mirrord.vision.camera import source_of
from mirrord.vision.camera_reader import CameraReader
from mirrord.vision.classifier import Classifier, load
from mirrord.vision.detector import LONGER_SIDE, Detector
from mirrord.vision.health import memory_mb
from mirrord.vision.loop import Looker
from mirrord.vision.models import detector_path
from mirrord.vision.output import Output
from mirrord.vision.pace import Pace, cpu_temperature
from mirrord.vision.protect import Needs, protect
from mirrord.vision.settings import Settings
from mirrord.vision.thrift import give_back

log = logging.getLogger(__name__)

_HUNG_STATUS = 75  # EX_TEMPFAIL of sysexits.h: starting it again may help
_HUNG = "the camera does not answer; the vision process starts anew"
_SLICE_S = 0.25
_SETTLED = 3  # reports of health after which the start is over
_LET_GO_S = 2.0  # for the camera; whoever started this process gives it a second more to end
_T = TypeVar("_T")


class Watch:
    """Looks at one camera until told to stop."""

    def __init__(self, settings: Settings, output: Output, stop: threading.Event) -> None:
        self._settings = settings
        self._output = output
        self._alive = Alive()
        self._stop = stop
        self._pace = Pace(settings.camera.fps)
        self._temperature: float | None = None
        self._health_due_s = 0.0
        self._reports = 0

    def run(self) -> int:
        """Return the process's exit status."""
        camera = self._settings.camera
        pi = camera.source == "picamera2"
        protections = protect(Needs(is_network(camera), is_device(camera), local_sockets=pi))
        cv2.setNumThreads(self._settings.vision.threads)
        threading.Thread(target=self._stop_with_stdin, name="stdin", daemon=True).start()
        reader = CameraReader(source_of(camera), self._output.tell, self._settings.stall_s)
        reader.start()
        vision = self._settings.vision
        detector = Detector(detector_path(), LONGER_SIDE[vision.detail])
        classifier = _later(lambda: load(vision.model, vision.threads))
        looker = Looker(detector, classifier.result, self._pace, vision.min_face_px)
        gc.enable()
        while not self._stop.is_set():
            self._step(reader, looker, classifier, protections)
        return 0 if reader.stop(_LET_GO_S) else _HUNG_STATUS

    def _step(
        self,
        reader: CameraReader,
        looker: Looker,
        classifier: Future[Classifier],
        protections: tuple[str, ...],
    ) -> None:
        now_s = time.monotonic()
        self._alive.sign(now_s)
        if now_s >= self._health_due_s and classifier.done():
            classifier.result()  # one that cannot be loaded ends the process, camera or none
            self._health_due_s = now_s + self._settings.health_s
            self._reports += 1
            if self._reports == 1:
                self._alive.looks()
            if self._reports == _SETTLED:
                give_back()
            self._output.tell(self._health(now_s, reader, looker, protections))
        if reader.watch() > self._settings.hung_s:
            log.error(_HUNG)
            self._output.failed(_HUNG)
            os._exit(_HUNG_STATUS)
        wait_s = self._pace.wait_s(now_s)
        if wait_s > 0:
            self._stop.wait(min(wait_s, _SLICE_S))
        elif captured := reader.next(_SLICE_S):
            self._output.tell(looker.look(captured))

    def _health(
        self, now_s: float, reader: CameraReader, looker: Looker, protections: tuple[str, ...]
    ) -> wire.VisionHealth:
        celsius = cpu_temperature()
        self._pace.temperature(celsius)
        return wire.VisionHealth(
            fps=round(looker.looked.rate(now_s), 2),
            read_fps=round(reader.rate(), 2),
            detect_ms=round(looker.detected.median_ms(), 2),
            classify_ms=round(looker.classified.median_ms(), 2),
            pace=self._pace.name,
            detector=self._settings.vision.detail,
            model=self._settings.vision.model,
            memory_mb=round(memory_mb(), 1),
            cpu_temp_c=celsius,
            protections=protections,
        )

    def _stop_with_stdin(self) -> None:
        """End when the other end of stdin is closed: the mirror is gone."""
        with contextlib.suppress(ConnectionError):
            while os.read(0, 4096):
                pass
        self._stop.set()
        time.sleep(2 * _SLICE_S + _LET_GO_S)
        os._exit(0)


def _later(make: Callable[[], _T]) -> Future[_T]:
    """Make something on a thread of its own: networks, while the first faces are looked for."""
    future: Future[_T] = Future()

    def work() -> None:
        try:
            future.set_result(make())
        except Exception as error:
            future.set_exception(error)

    # Not a daemon: the interpreter must not go away under a library that loads.
    threading.Thread(target=work, name="networks").start()
    return future


def run(settings: Settings, output: Output, stop: threading.Event) -> int:
    """Look until `stop` is set or stdin ends. Raises MirrorError if a net cannot be loaded."""
    return Watch(settings, output, stop).run()
