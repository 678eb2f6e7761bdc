"""The driver: wishes in, a synthesizer playing on one output."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from mirrord.driver import Device, Environment, Host, Unavailable, Value, Worker
from mirrord_audio.output import Output, Render
from mirrord_audio.paced import Nowhere, Paced
from mirrord_audio.portaudio import PortAudioOutput
from mirrord_audio.settings import NULL, WAV, AudioConfig
from mirrord_audio.sound import DEVICE_ID, SILENCE, Sound, sound_of
from mirrord_audio.synth import Synth
from mirrord_audio.wav import WavFile

log = logging.getLogger(__name__)

PREPARE_S, PLAY_S, PAUSE_S = 8.0, 6.0, 2.0
LAST_FADE_S = 0.8  # when the driver closes
_FADE_ENDS_S = 1.5
_LOOK_S = 0.05


@asynccontextmanager
async def open_audio(config: AudioConfig, host: Host) -> AsyncIterator[AudioDriver]:
    """Find the output; it is taken with the first sound, and given back when there is none."""
    async with Worker("sound output") as worker:
        driver = AudioDriver(output_for(config.device), worker, host, config.max_volume)
        try:
            await driver.prepare()
            yield driver
        finally:
            await driver.close()


def output_for(device: str | int) -> Output:
    """Return the output that `[drivers.audio] device` means; nothing is opened yet."""
    if device == NULL:
        return Paced(Nowhere())
    if isinstance(device, str) and device.startswith(WAV):
        return Paced(WavFile(Path(device.removeprefix(WAV)).expanduser()))
    return PortAudioOutput(device)


class AudioDriver:
    """Plays while there is something to be heard, and lets go of the device while there is not."""

    def __init__(self, output: Output, worker: Worker, host: Host, max_volume: float) -> None:
        self._output, self._worker, self._host = output, worker, host
        self._max_volume = max_volume
        self._wish = SILENCE
        self._synth: Synth | None = None  # while the output plays
        self._resting: asyncio.Task[None] | None = None
        self._using = asyncio.Lock()
        self._shown: Device | None = None

    async def prepare(self) -> None:
        """Look for the device, without touching it. Raises Unavailable."""
        await self._worker.call(PREPARE_S, self._output.prepare)

    async def apply(self, environment: Environment) -> None:
        """Follow the wish. Raises Unavailable when the output is gone."""
        self._want(sound_of(environment, self._max_volume))
        wanted = self._wish.volume > 0.0
        async with self._using:
            self._check()
            if wanted and self._synth is None:
                await self._worker.call(PLAY_S, self._output.play, self._player)
        if not wanted and self._synth is not None and self._resting is None:
            self._resting = asyncio.create_task(self._rest(), name="sound output rests")
        self._report()

    async def close(self) -> None:
        """Fade out and let go of the device; leave a device behind that does not answer."""
        if self._resting is not None:
            self._resting.cancel()
            await asyncio.wait({self._resting})
        self._want(replace(SILENCE, fade_s=LAST_FADE_S))
        await self._fade()
        try:
            await self._worker.call(PAUSE_S, self._output.close)
        except Unavailable as error:
            log.debug("%s; left behind", error)
            self._output.abandon()
        except asyncio.CancelledError:
            self._output.abandon()
            raise

    def _want(self, wish: Sound) -> None:
        self._wish = wish
        if self._synth is not None:
            self._synth.wish = wish

    def _check(self) -> None:
        """Raise what went wrong since the last wish."""
        if self._resting is not None and self._resting.done():
            rested, self._resting = self._resting, None
            rested.result()
        self._output.check()

    def _player(self, rate: int) -> Render:
        """Return what renders at `rate`. Called on the worker's thread."""
        self._synth = Synth(rate)
        self._synth.wish = self._wish
        return self._synth.render_into

    async def _rest(self) -> None:
        """Let go of the device once the fade is over, unless sound is wanted again by then."""
        while self._synth is not None and not self._synth.silent:
            if self._wish.volume > 0.0:
                return
            await asyncio.sleep(_LOOK_S)
        async with self._using:
            if self._wish.volume <= 0.0:
                self._synth = None
                await self._worker.call(PAUSE_S, self._output.pause)

    async def _fade(self) -> None:
        """Wait for the end of the fade, as long as the device takes any sound at all."""
        with suppress(TimeoutError, Unavailable):
            async with asyncio.timeout(_FADE_ENDS_S):
                while self._synth is not None and not self._synth.silent:
                    self._output.check()
                    await asyncio.sleep(_LOOK_S)

    def _report(self) -> None:
        name, volume = self._output.name, round(self._wish.volume, 3)
        values: dict[str, Value] = {"playing": volume > 0.0, "volume": volume, "device": name}
        device = Device(id=DEVICE_ID, kind="speaker", name=name, values=values)
        if device != self._shown:
            self._shown = device
            self._host.report(device)
