"""A PulseAudio server of our own, with a null sink that is recorded. Real, and silent."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

RATE = 48_000
SINK = "speaker"
STARTS_S = 15.0


class PulseServer:
    """Started on a socket in `folder`; `variables` lead a client to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = folder / "native"
        self._server: subprocess.Popen[bytes] | None = None
        self._recorder: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._heard = bytearray()
        self._frozen = False

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment of a client: this server and no other, no files at home."""
        return {
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_RUNTIME_PATH": str(self._folder),
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "XDG_CONFIG_HOME": str(self._folder),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and record what its sink plays; a killed one leaves its socket."""
        self.socket.unlink(missing_ok=True)
        modules = (
            f"module-native-protocol-unix socket={self.socket} auth-anonymous=1",
            f"module-null-sink sink_name={SINK} rate={RATE} channels=2 format=float32le",
        )
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
                *("--realtime=no", "--high-priority=no", "--log-level=error"),
                *(part for module in modules for part in ("-L", module)),
            ],
            env=os.environ | self.variables,
            stderr=subprocess.DEVNULL,
        )
        self._until_it_answers()
        self._record()

    def stop(self) -> None:
        """Kill the server, as a crash or an update would."""
        self.resume()
        for process in (self._server, self._recorder):
            if process is not None:
                process.kill()
                process.wait()
        if self._reader is not None:
            self._reader.join()
        self._server = self._recorder = self._reader = None

    def hang(self) -> None:
        """Freeze the server: it keeps its connections and answers nothing."""
        if self._server is not None:
            self._server.send_signal(signal.SIGSTOP)
            self._frozen = True

    def resume(self) -> None:
        """Let it go on."""
        if self._frozen and self._server is not None:
            self._server.send_signal(signal.SIGCONT)
        self._frozen = False

    def heard(self, seconds: float) -> npt.NDArray[np.float32]:
        """Return the last seconds that the sink played, (frames, 2); fewer if there are fewer."""
        frames = round(seconds * RATE)
        data = bytes(self._heard[-frames * 8 :])
        return np.frombuffer(data[: len(data) // 8 * 8], np.float32).reshape(-1, 2)

    def listen(self, seconds: float) -> npt.NDArray[np.float32]:
        """Wait until there are so many seconds of recording, and return the last of them."""
        end = time.monotonic() + STARTS_S + seconds
        while len(heard := self.heard(seconds)) < round(seconds * RATE):
            if time.monotonic() > end:
                raise TimeoutError("the recorder of the null sink records nothing")
            time.sleep(0.05)
        return heard

    def forget(self) -> None:
        """Begin the recording anew, at a frame."""
        del self._heard[: len(self._heard) // 8 * 8]

    def streams(self) -> list[str]:
        """Return the numbers of the streams that play now."""
        if self._server is None or self._frozen:
            return []
        said = self._control("list", "short", "sink-inputs")
        return [line.split("\t")[0] for line in said.splitlines()]

    def unplug(self) -> None:
        """Take the sink away, as pulling a plug does."""
        self._control("unload-module", "module-null-sink")

    def _control(self, *command: str) -> str:
        return subprocess.run(
            ["pactl", *command],
            env=os.environ | self.variables,
            capture_output=True,
            text=True,
            timeout=STARTS_S,
            check=True,
        ).stdout

    def _until_it_answers(self) -> None:
        end = time.monotonic() + STARTS_S
        while True:
            try:
                self._control("info")
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return

    def _record(self) -> None:
        self._heard.clear()
        self._recorder = subprocess.Popen(
            [
                *("parec", "-d", f"{SINK}.monitor", "--format=float32le", f"--rate={RATE}"),
                *("--channels=2", "--latency-msec=50", "--raw"),
            ],
            env=os.environ | self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, args=(self._recorder,), daemon=True)
        self._reader.start()

    def _read(self, recorder: subprocess.Popen[bytes]) -> None:
        assert recorder.stdout is not None
        with recorder.stdout as pipe:
            while data := pipe.read1(65536):
                self._heard += data
