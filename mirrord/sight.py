"""Runs the vision process: has it started, listens, and has it started again when it is silent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from mirrord import sight_child, sight_unit, wire
from mirrord.errors import MirrorError
from mirrord.sight_pipe import Lines, Link
from mirrord.sight_settings import CameraSettings, VisionSettings, is_device
from mirrord.vision.settings import Settings

log = logging.getLogger(__name__)

SILENCE_S = 6.0
START_S = 30.0  # a slow card and a cold cache: the first words take longer than the others
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
STUCK_S = 180.0  # several starts have failed by then: perhaps a new mirror fares better
_HEALTHY_S = 60.0  # a process that ran for this long did not fail at starting


class Sight:
    """The daemon's end of the vision process.

    It is a unit of its own at `socket`, if there is one and the camera is a device of this
    computer; else a child, `command`.

    `on_message` is called on the event loop with each message. While the camera is switched off
    there is no process at all, so that the device is really closed. A process that has said nothing
    for `silence_s` seconds (for `start_s` before its first health or frame) is ended.
    """

    def __init__(
        self,
        camera: CameraSettings,
        vision: VisionSettings,
        on_message: Callable[[wire.Message], None],
        *,
        silence_s: float = SILENCE_S,
        start_s: float = START_S,
        command: Sequence[str] = sight_child.COMMAND,
        socket: str | None = None,
    ) -> None:
        self._settings = Settings(camera, vision)
        self._on_message = on_message
        self._silence_s = silence_s
        self._start_s = start_s
        self._command = command
        self._socket = sight_unit.socket_path() if socket is None else socket
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._unwanted = asyncio.Event()
        self.restarts = 0
        self.invalid_lines = 0
        self.pid: int | None = None
        self._heard_s = time.monotonic()

    @property
    def stuck(self) -> str:
        """Why nothing is seen, beyond what starting the process anew has cured; or nothing.

        A camera that is missing is no such reason: the process says so, and looks for it.
        """
        silent_s = time.monotonic() - self._heard_s
        if not self._wanted.is_set() or silent_s < STUCK_S:
            return ""
        return f"the vision process has told nothing for {silent_s:.0f} s"

    def camera_on(self, on: bool) -> None:
        """Switch the camera on or off; off ends the process."""
        if on:
            if not self._wanted.is_set():
                self._heard_s = time.monotonic()
            self._unwanted.clear()
            self._wanted.set()
        else:
            self._wanted.clear()
            self._unwanted.set()

    def change(self, camera: CameraSettings, vision: VisionSettings) -> None:
        """Look with other settings: a process that runs ends, and the next one gets them."""
        self._settings = Settings(camera, vision)
        if self._wanted.is_set():
            self.camera_on(False)
            self.camera_on(True)

    async def run(self) -> None:
        """Keep the process running for ever. Cancelling ends the process first."""
        failures = 0
        while True:
            if not self._wanted.is_set():
                self._tell(wire.CameraSeen("off", "the camera is switched off"))
                await self._wanted.wait()
                failures = 0
            began = asyncio.get_running_loop().time()
            trouble = await self._until_it_ends()
            if trouble is None:
                continue
            ran_s = asyncio.get_running_loop().time() - began
            failures = 1 if ran_s > _HEALTHY_S else failures + 1
            await self._pause(failures, trouble)

    async def _pause(self, failures: int, trouble: str) -> None:
        longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(failures, 10))
        pause_s = random.uniform(0.1, longest)
        level = logging.WARNING if failures == 1 else logging.DEBUG
        log.log(level, "vision: %s; starting it again in %.1f s", trouble, pause_s)
        self.restarts += 1
        self._tell(wire.CameraSeen("missing", f"{trouble}; starting again"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._unwanted.wait()

    async def _until_it_ends(self) -> str | None:
        """Run one process; return why it ended, None if it was switched off."""
        try:
            link = await self._start()
        except MirrorError as error:
            return str(error)
        self.pid = link.pid
        try:
            return await self._attend(link)
        finally:
            self.pid = None
            await link.close()

    async def _start(self) -> Link:
        order = msgspec.json.encode(self._settings) + b"\n"
        if self._socket and is_device(self._settings.camera):
            return await sight_unit.connect(self._socket, order)
        return await sight_child.start(self._command, order)

    async def _attend(self, link: Link) -> str | None:
        reading = asyncio.create_task(self._read(link), name="vision messages")
        switched_off = asyncio.create_task(self._unwanted.wait(), name="camera off")
        try:
            await asyncio.wait({reading, switched_off}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, switched_off):
                task.cancel()
            await asyncio.gather(reading, switched_off, return_exceptions=True)
        if reading.cancelled() or not self._wanted.is_set():
            return None  # switched off, perhaps on again already
        try:
            last_words = reading.result()
        except TimeoutError:
            link.kill()
            return "the vision process gave no sign of life"
        return last_words or await link.ended()

    async def _read(self, link: Link) -> str:
        """Hand on messages until there are no more; return the process's last words, if any.

        Raises TimeoutError when it falls silent.
        """
        lines, last_words, patience_s = Lines(wire.MAX_LINE), "", self._start_s
        while True:
            # Not wait_for: before Python 3.12 it loses a cancellation that meets a chunk.
            async with asyncio.timeout(patience_s):
                chunk = await link.read()
            if not chunk:
                return last_words
            for told in self._decoded(lines.feed(chunk)):
                if isinstance(told, wire.VisionFailed):
                    last_words = told.reason
                elif not isinstance(told, wire.CamerasFound):
                    patience_s = self._hand_on(told, patience_s)

    def _hand_on(self, message: wire.Message, patience_s: float) -> float:
        """Tell a message; return how long the next one may take."""
        if isinstance(message, wire.VisionHealth | wire.FrameSeen):
            patience_s = self._silence_s
            self._heard_s = time.monotonic()
        self._tell(message)
        return patience_s

    def _decoded(self, lines: Iterable[bytes | None]) -> Iterator[wire.Told]:
        for line in lines:
            try:
                if line is None:
                    raise msgspec.DecodeError(f"longer than {wire.MAX_LINE} bytes")
                yield wire.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                level = logging.DEBUG if self.invalid_lines else logging.WARNING
                self.invalid_lines += 1
                log.log(level, "vision: a line that is no message was left out (%s)", error)

    def _tell(self, message: wire.Message) -> None:
        try:
            self._on_message(message)
        except Exception:
            log.exception("vision: a message could not be dealt with")
