"""Outputs without a device, the choice of a device, the settings, and `mirrord listen`."""

from __future__ import annotations

import asyncio
import resource
import time
import wave
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirrord.driver import ConfigError, Device, Driver, Environment, MirrorError, Unavailable
from mirrord.driver_host import configured
from mirrord.driver_host.side import HostSide
from mirrord.simulator.speaker import SimulatedSpeaker
from mirrord.testing import BRIGHT, DIM
from mirrord_audio import AudioConfig, plugin
from mirrord_audio.sound import sound_of
from mirrord_audio.speakers import Speaker, choose
from mirrord_audio.synth import Synth
from mirrord_audio.wav import WavFile, pcm
from tests.fakes import ear
from tests.fakes.ear import RATE, Samples
from tests.waiting import until

NOBODY = replace(BRIGHT, present=False)
SPEAKERS = [
    Speaker(index=2, name="bcm2835 Headphones: - (hw:0,0)", channels=8, rate=44_100, default=False),
    Speaker(index=5, name="USB Audio: Front (hw:1,0)", channels=2, rate=48_000, default=False),
    Speaker(index=7, name="USB Audio: Rear (hw:1,1)", channels=1, rate=48_000, default=False),
    Speaker(index=9, name="default", channels=32, rate=44_100, default=True),
]


def host(reports: list[Device]) -> HostSide:
    return HostSide(Path(), {}, reports.append)


async def apply_until_lost(driver: Driver) -> None:
    for beat in range(200):
        await driver.apply((BRIGHT, DIM)[beat % 2])
        await asyncio.sleep(0.05)


def table(**keys: object) -> AudioConfig:
    return configured({"audio": keys}, "mirror.toml", {"audio": plugin})["audio"].config


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("", 9), (5, 5), ("7", 7), ("default", 9), ("usb audio: rear (hw:1,1)", 7), ("headph", 2)],
)
def test_a_device_is_chosen_by_number_name_or_part(wanted: str | int, index: int) -> None:
    assert choose(SPEAKERS, wanted).index == index


@pytest.mark.parametrize(("wanted", "said"), [("defualt", "did you mean 'default'"), (3, "Rear")])
def test_a_device_that_is_missing_is_unavailable(wanted: str | int, said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        choose(SPEAKERS, wanted)


def test_no_device_at_all_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="plug in a speaker"):
        choose([], "")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"volume": 1}, "max_volume"),
        ({"max_volume": 1.5}, "drivers.audio.max_volume"),
        ({"device": True}, "drivers.audio.device"),
        ({"device": -1}, "drivers.audio.device"),
        ({"device": "wav:"}, "needs a file"),
    ],
)
def test_impossible_settings_are_refused(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        table(**keys)


@given(arrays(np.float32, (50, 2), elements=st.floats(-2.0, 2.0, width=32)))
def test_pcm_is_rounded_and_never_wraps(samples: Samples) -> None:
    back = np.frombuffer(pcm(samples), "<i2").reshape(-1, 2) / 32767.0
    np.testing.assert_allclose(back, np.clip(samples, -1.0, 1.0), atol=0.51 / 32767.0)


def test_a_wav_output_keeps_the_last_minute_or_two(tmp_path: Path) -> None:
    path = tmp_path / "room.wav"
    file = WavFile(path, longest_s=1.0)
    for second in range(5):
        for _ in range(10):
            file.write(np.full((RATE // 10, 2), second / 10.0, np.float32))
            with wave.open(str(path), "rb") as playable:
                assert playable.getparams()[:3] == (2, 2, RATE)
    file.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["room.previous.wav", "room.wav"]
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 2 * (4 * RATE + 44)


async def test_the_driver_plays_at_the_simulated_speaker() -> None:
    reports: list[Device] = []
    async with SimulatedSpeaker() as speaker:
        async with plugin.open(AudioConfig(speaker.device, 0.2), host(reports)) as driver:
            await driver.apply(NOBODY)
            await asyncio.sleep(0.3)
            assert speaker.level_db() == -120.0
            await driver.apply(BRIGHT)
            await until(lambda: speaker.level_db(0.5) > -45.0, "it stays silent")
            assert reports[-1].values == {
                "playing": True,
                "volume": 0.2,
                "device": speaker.path.name,
            }
            await asyncio.sleep(2.0)
        heard = speaker.heard(30.0)
        size = speaker.path.stat().st_size
        await asyncio.sleep(0.3)
        assert speaker.path.stat().st_size == size
    assert 0.02 < np.abs(heard).max() <= 0.2
    assert np.abs(heard[-10:]).max() == 0.0
    assert ear.clicks(heard) < 3e-4  # 16 bit are not more exact
    assert not speaker.folder.exists()


async def test_an_unplugged_speaker_is_unavailable_and_returns() -> None:
    async with SimulatedSpeaker() as speaker:
        config = AudioConfig(speaker.device)
        async with plugin.open(config, host([])) as driver:
            await driver.apply(BRIGHT)
            await until(speaker.path.exists, "nothing is played")
            speaker.unplug()
            with pytest.raises(Unavailable, match="cannot be written: somebody removed it"):
                await apply_until_lost(driver)
        with pytest.raises(Unavailable, match="there is no folder"):
            async with plugin.open(config, host([])):
                pass
        speaker.plug()
        async with plugin.open(config, host([])) as driver:
            await driver.apply(BRIGHT)
            await until(lambda: speaker.level_db(0.5) > -45.0, "it stays silent")


async def test_a_full_disk_is_unavailable() -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with SimulatedSpeaker() as speaker:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            async with plugin.open(AudioConfig(speaker.device), host([])) as driver:
                with pytest.raises(Unavailable, match="cannot be written: File too large"):
                    await apply_until_lost(driver)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_is_no_file_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="/dev/full is no file"):
        async with plugin.open(AudioConfig("wav:/dev/full"), host([])):
            pass


async def test_null_plays_in_real_time_and_rests() -> None:
    reports: list[Device] = []
    async with plugin.open(AudioConfig("null"), host(reports)) as driver:
        cpu, start = time.process_time(), time.monotonic()
        await driver.apply(BRIGHT)
        await asyncio.sleep(2.0)
        busy = (time.process_time() - cpu) / (time.monotonic() - start)
        assert 0.001 < busy < 0.5
        await driver.apply(NOBODY)
        await asyncio.sleep(4.0)
        cpu = time.process_time()
        await asyncio.sleep(1.0)
        assert time.process_time() - cpu < 0.05
    assert [one.values["playing"] for one in reports] == [True, False]


def tools(mood: str) -> Environment:
    if mood != "joy":
        raise MirrorError(f"no mood {mood!r}; did you mean joy? (joy, calm)")
    return BRIGHT


def listen(*words: str, obj: object = SimpleNamespace(environment_for=tools)) -> Result:
    return CliRunner().invoke(plugin.commands[0], words, obj=obj)


def test_listen_writes_what_the_mirror_would_play(tmp_path: Path) -> None:
    path = tmp_path / "joy.wav"
    result = listen("--mood", "joy", "-o", str(path), "--seconds", "12", "--seed", "5")
    assert result.exit_code == 0, result.output
    with wave.open(str(path), "rb") as file:
        assert file.getparams()[:4] == (2, 2, RATE, 12 * RATE)
        heard = np.frombuffer(file.readframes(12 * RATE), "<i2").reshape(-1, 2) / 32767.0
    synth = Synth(RATE, 5)
    synth.wish = replace(sound_of(BRIGHT, 0.3), fade_s=3.0)
    np.testing.assert_allclose(heard[: 7 * RATE], 3.0 * synth.render(7 * RATE), atol=2e-5)
    assert np.abs(heard).max() > 0.2
    assert np.abs(heard[-100:]).max() == 0.0
    assert list(tmp_path.iterdir()) == [path]


def test_listen_refuses_an_unknown_mood_and_writes_nothing(tmp_path: Path) -> None:
    result = listen("--mood", "joi", "-o", str(tmp_path / "joi.wav"))
    assert result.exit_code == 2
    assert "did you mean joy?" in result.output
    assert not list(tmp_path.iterdir())


def test_listen_says_where_it_cannot_write(tmp_path: Path) -> None:
    result = listen("--mood", "joy", "-o", str(tmp_path / "no" / "joy.wav"), "--seconds", "2")
    assert isinstance(result.exception, MirrorError)
    assert "No such file or directory" in str(result.exception)


def test_listen_is_a_part_of_mirrord() -> None:
    result = listen("--mood", "joy", obj=None)
    assert result.exit_code == 2
    assert "mirrord listen" in result.output
