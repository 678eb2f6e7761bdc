"""The audio driver under the conformance kit, on a real PulseAudio server."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

import mirrord_audio
from mirrord.testing import BETWEEN, BRIGHT, DIM, DriverConformance
from tests.fakes.pulse import RATE, PulseServer

TONICS = tuple(wish.audio_frequency_hz for wish in (BRIGHT, BETWEEN, DIM))
LISTEN_S = 1.0


class PulsePeer:
    """What the kit asks of a peer; its state is the key of what is heard."""

    def __init__(self, server: PulseServer) -> None:
        self._server = server
        self._seen: list[str] = []
        self._slowing: asyncio.Task[None] | None = None
        self._liar: asyncio.Server | None = None

    def observe(self) -> str:
        """Return the key that is heard; between two keys, never the same thing twice."""
        heard = self._server.heard(LISTEN_S).mean(axis=1)
        if len(heard) < LISTEN_S * RATE or np.abs(heard[-RATE // 4 :]).max() < 1e-4:
            return "silence"
        key = _key(heard)
        return f"the key of {key:g} Hz" if key else f"changing at {time.monotonic()}"

    async def commands(self) -> list[str]:
        """Taking the device is the only command there is: one for each stream seen."""
        now = await asyncio.to_thread(self._server.streams)
        self._seen += [stream for stream in now if stream not in self._seen]
        return self._seen

    async def start(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self._server.stop)

    def hang(self) -> None:
        self._server.hang()

    async def slow(self, seconds: float) -> None:
        """Let the server work for a moment only, after each pause."""
        self._slowing = asyncio.create_task(self._slow(seconds))

    async def lie(self) -> None:
        """Put something in the server's place that speaks another language."""
        await self.stop()
        self._liar = await asyncio.start_unix_server(_rubbish, self._server.socket)

    async def resume(self) -> None:
        if self._slowing is not None:
            self._slowing.cancel()
            await asyncio.wait({self._slowing})
            self._slowing = None
        self._server.resume()
        if self._liar is not None:
            self._liar.close()
            self._liar = None
            await self.start()

    async def _slow(self, seconds: float) -> None:
        while True:
            self._server.hang()
            await asyncio.sleep(seconds)
            self._server.resume()
            await asyncio.sleep(0.05)


def _key(heard: npt.NDArray[np.float32]) -> float | None:
    """Return the tonic that stands out against the other two, by itself and by its octave."""
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 8 * RATE))

    def peak(hz: float) -> float:
        return float(spectrum[round(8 * hz * 0.997) : round(8 * hz * 1.003)].max())

    found = [math.sqrt(peak(hz) * peak(2.0 * hz)) for hz in TONICS]
    *_, second, first = sorted(found)
    return TONICS[found.index(first)] if first > 2.0 * second else None


async def _rubbish(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(256)) * 16)
    await writer.drain()
    writer.close()


class TestAudio(DriverConformance):
    plugin = mirrord_audio.plugin
    quiet_s = 0.2

    def test_returns_with_the_newest_wish(self, tmp_path: Path) -> None:
        self.quiet_s = 6.0  # until a new key, which comes with a new chord, is all that is heard
        super().test_returns_with_the_newest_wish(tmp_path)

    @asynccontextmanager
    async def peer(self) -> AsyncIterator[PulsePeer]:
        before = dict(os.environ)
        with TemporaryDirectory() as folder:
            server = PulseServer(Path(folder))
            os.environ.update(server.variables)
            try:
                await asyncio.to_thread(server.start)
                peer = PulsePeer(server)
                yield peer
                await peer.resume()
            finally:
                await asyncio.to_thread(server.stop)
                os.environ.clear()
                os.environ.update(before)

    def config(self, peer: Any) -> Mapping[str, Any]:
        return {"device": "pulse"}
