"""The driver on a real PulseAudio server: pitch, drop-outs, loss, return, and a frozen server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirrord.driver import Device, Driver, Unavailable
from mirrord.driver_host.side import HostSide
from mirrord.testing import BRIGHT
from mirrord_audio import AudioConfig, plugin
from mirrord_audio.portaudio import PortAudioOutput
from mirrord_audio.sound import Sound
from mirrord_audio.synth import Synth
from tests.fakes import ear
from tests.fakes.ear import RATE
from tests.fakes.pulse import PulseServer

JOY = Sound(tonic_hz=330.0, volume=0.25, major=1.0, tempo_bpm=110.0, articulation=0.5)
NOBODY = replace(BRIGHT, present=False)


@pytest.fixture
def pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    with PulseServer(tmp_path) as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


@asynccontextmanager
async def opened(device: str = "", reports: list[Device] | None = None) -> AsyncIterator[Driver]:
    host = HostSide(Path(), {}, (reports if reports is not None else []).append)
    async with plugin.open(AudioConfig(device=device), host) as driver:
        yield driver


async def until(said: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(said):
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


async def unavailable(driver: Driver) -> str:
    """Beat like the host's heart until the driver says that the device is gone."""
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        try:
            await driver.apply(BRIGHT)
        except Unavailable as error:
            return str(error)
        await asyncio.sleep(0.1)
    pytest.fail("the loss of the device went unnoticed")


def take(pulse: PulseServer, seed: int) -> bool:
    """Play for some seconds; say whether the last of them were heard as they are rendered."""

    def player(rate: int) -> Callable[[ear.Samples], None]:
        synth = Synth(rate, seed)
        synth.wish = JOY
        return synth.render_into

    output = PortAudioOutput("")
    output.prepare()
    output.play(player)
    time.sleep(5.0)
    output.check()
    heard = pulse.listen(2.0)
    output.close()
    synth = Synth(RATE, seed)
    synth.wish = JOY
    rendered = synth.render(9 * RATE)
    from scipy import signal  # a second for every worker, if it were imported above

    likeness = signal.correlate(rendered[:, 0], heard[:, 0], "valid", method="fft")
    at = int(np.argmax(likeness))
    return bool(np.allclose(heard, rendered[at : at + len(heard)], atol=1e-6))


def test_what_is_heard_is_sample_by_sample_what_is_rendered(pulse: PulseServer) -> None:
    # On a machine busy with other things the server itself may drop out now and then.
    assert any(take(pulse, seed) for seed in range(4))


async def visit(pulse: PulseServer) -> tuple[ear.Samples, ear.Samples]:
    """Come, stay while the mood changes, and leave; return the steady part and all of it."""
    reports: list[Device] = []
    pulse.forget()
    async with opened("pulse", reports) as driver:
        await driver.apply(BRIGHT)
        await asyncio.sleep(4.0)
        assert reports[-1].values == {"playing": True, "volume": 0.25, "device": "pulse"}
        steady = await asyncio.to_thread(pulse.listen, 1.5)
        await driver.apply(replace(BRIGHT, audio_major=0.0, audio_tempo_bpm=60.0))
        await asyncio.sleep(1.0)
        await driver.apply(NOBODY)
        await until(lambda: not pulse.streams(), "the device is not given back")
        assert reports[-1].values == {"playing": False, "volume": 0.0, "device": "pulse"}
    return steady, pulse.heard(30.0)


async def test_the_wished_pitch_comes_out_without_a_click(pulse: PulseServer) -> None:
    for _ in range(4):  # as above
        steady, heard = await visit(pulse)
        assert abs(1200.0 * np.log2(ear.peak_hz(steady, 430.0, 450.0) / 440.0)) < 6.0
        assert 0.02 < np.abs(steady).max() <= 0.25
        if ear.clicks(heard) < 1e-4:
            return
    pytest.fail("there is always a click")


async def test_a_visitor_who_returns_during_the_fade_is_played_to(pulse: PulseServer) -> None:
    async with opened() as driver:
        await driver.apply(BRIGHT)
        await asyncio.sleep(1.5)
        await driver.apply(NOBODY)
        await asyncio.sleep(1.0)
        await driver.apply(BRIGHT)
        await asyncio.sleep(3.5)
        assert len(pulse.streams()) == 1
        assert np.abs(pulse.listen(0.5)).max() > 0.02
        await driver.apply(NOBODY)
        await until(lambda: not pulse.streams(), "the device is not given back")
        await driver.apply(BRIGHT)
        await until(lambda: bool(pulse.streams()), "it does not play again")


async def test_a_killed_server_is_unavailable_until_it_is_back(pulse: PulseServer) -> None:
    async with opened() as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bool(pulse.streams()), "nothing plays")
        pulse.stop()
        assert "went away" in await unavailable(driver)
    with pytest.raises(Unavailable, match="no sound output"):
        async with opened():
            pass
    pulse.start()
    async with opened() as driver:
        await driver.apply(BRIGHT)
        await until(lambda: np.abs(pulse.heard(0.5)).max(initial=0.0) > 0.01, "it stays silent")


async def test_a_frozen_server_holds_up_nobody(pulse: PulseServer) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.02)
            beats += 1

    beating = asyncio.create_task(beat())
    start = time.monotonic()
    async with opened() as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bool(pulse.streams()), "nothing plays")
        pulse.hang()
        assert "does not answer" in await unavailable(driver)
        closing = time.monotonic()
    assert time.monotonic() - closing < 5.0
    with pytest.raises(Unavailable, match="answer"):
        async with opened():
            pass
    assert beats > (time.monotonic() - start) / 0.02 / 4
    beating.cancel()
    pulse.resume()
    for _ in range(20):
        try:
            async with opened() as driver:
                await driver.apply(BRIGHT)
                await until(lambda: bool(pulse.streams()), "nothing plays")
            return
        except Unavailable:
            await asyncio.sleep(0.3)
    pytest.fail("it never played again")


ENDS = """
import asyncio, pathlib, sys
from mirrord.driver_host.side import HostSide
from mirrord.testing import BRIGHT
from mirrord_audio import AudioConfig, plugin

async def main():
    async with plugin.open(AudioConfig(), HostSide(pathlib.Path(), {}, print)) as driver:
        await driver.apply(BRIGHT)
        print("playing", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


def test_the_process_ends_although_the_server_is_frozen(pulse: PulseServer) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "playing\n":
            assert process.poll() is None
        pulse.hang()
        try:
            _, said = process.communicate("\n", timeout=30.0)
        finally:
            process.kill()
            pulse.resume()
    assert process.returncode == 0
    assert "Traceback" not in said


async def test_an_unplugged_sink_is_unavailable(pulse: PulseServer) -> None:
    async with opened() as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bool(pulse.streams()), "nothing plays")
        pulse.unplug()
        await unavailable(driver)


async def test_an_unknown_speaker_is_named_with_those_there_are(pulse: PulseServer) -> None:
    with pytest.raises(Unavailable, match=r"no sound output 'plse'.*did you mean 'pulse'"):
        async with opened("plse"):
            pass


async def test_discovery_lists_the_outputs(pulse: PulseServer) -> None:
    assert plugin.discover is not None
    async with opened() as driver:
        await driver.apply(BRIGHT)
        lines = await plugin.discover()
        await driver.apply(BRIGHT)
    assert any("default (stereo, the default)" in line for line in lines)


MISSING = """
import asyncio, ctypes.util
ctypes.util.find_library = lambda name: None
from mirrord.driver import Unavailable
from mirrord_audio import AudioConfig, plugin

async def main():
    for attempt in (plugin.discover(), plugin.open(AudioConfig(), None).__aenter__()):
        try:
            await attempt
        except Unavailable as error:
            print(error)

asyncio.run(main())
"""


def test_without_portaudio_it_says_how_to_install_it() -> None:
    said = subprocess.run(
        [sys.executable, "-c", MISSING], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.count("sudo apt install libportaudio2") == 2
    assert "Traceback" not in said.stderr
