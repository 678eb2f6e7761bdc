"""Runs the vision process: starts it, listens to it, and starts it again when it falls silent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from mirrord import wire
from mirrord.runtime.sure import sure
from mirrord.sight_pipe import CHUNK, END_S, Lines, LogRelay, end, start, status
from mirrord.sight_settings import CameraSettings, VisionSettings
from mirrord.vision.settings import Settings

log = logging.getLogger(__name__)

# -P: what lies in the current directory is not what is meant by "mirrord".
COMMAND = (sys.executable, "-P", "-m", "mirrord.vision")
SILENCE_S = 6.0
START_S = 30.0  # a slow card and a cold cache: the first words take longer than the others
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
STUCK_S = 180.0  # several starts have failed by then: perhaps a new mirror fares better
_HEALTHY_S = 60.0  # a process that ran for this long did not fail at starting


class Sight:
    """The daemon's end of the vision process.

    `on_message` is called on the event loop with each message. While the camera is switched off
    there is no process at all, so that the device is really closed. A process that has said nothing
    for `silence_s` seconds (for `start_s` before its first health or frame) is killed.
    """

    def __init__(
        self,
        camera: CameraSettings,
        vision: VisionSettings,
        on_message: Callable[[wire.Message], None],
        *,
        silence_s: float = SILENCE_S,
        start_s: float = START_S,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._order = msgspec.json.encode(Settings(camera, vision)) + b"\n"
        self._on_message = on_message
        self._silence_s = silence_s
        self._start_s = start_s
        self._command = command
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
        self._order = msgspec.json.encode(Settings(camera, vision)) + b"\n"
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
            process = await start(self._command, self._order)
        except OSError as error:
            return f"the vision process does not start ({error.strerror})"
        self.pid = process.pid
        relay = LogRelay(process)
        try:
            return await self._attend(process, relay)
        finally:
            self.pid = None
            await relay.close()  # two cannot read one pipe, and ending reads what is left
            await end(process)

    async def _attend(self, process: Process, relay: LogRelay) -> str | None:
        reading = asyncio.create_task(self._read(process), name="vision messages")
        switched_off = asyncio.create_task(self._unwanted.wait(), name="camera off")
        try:
            await asyncio.wait({reading, switched_off}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, switched_off):
                task.cancel()
            await asyncio.gather(reading, switched_off, return_exceptions=True)
        if reading.cancelled() or not self._wanted.is_set():
            return None  # switched off, perhaps on again already
        if not reading.result():
            process.kill()
            return "the vision process gave no sign of life"
        await asyncio.wait({asyncio.ensure_future(process.wait())}, timeout=END_S)
        return await relay.last_error() or status(process)

    async def _read(self, process: Process) -> bool:
        """Hand on messages; True when the process closed its output, False when it fell silent."""
        pipe, lines = sure(process.stdout), Lines(wire.MAX_LINE)
        patience_s = self._start_s
        while True:
            try:
                # Not wait_for: before Python 3.12 it loses a cancellation that meets a chunk.
                async with asyncio.timeout(patience_s):
                    chunk = await pipe.read(CHUNK)
            except TimeoutError:
                return False
            if not chunk:
                return True
            for message in self._decoded(lines.feed(chunk)):
                if isinstance(message, wire.VisionHealth | wire.FrameSeen):
                    patience_s = self._silence_s
                    self._heard_s = time.monotonic()
                self._tell(message)

    def _decoded(self, lines: Iterable[bytes | None]) -> Iterator[wire.Message]:
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
