"""Asking a running mirror how it is: the socket, the command, REST, metrics, a bundle."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import stat
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families

from mirrord.cli import cli
from mirrord.config import Config, consent_path, load, parse
from mirrord.consent import Consent
from mirrord.daemon import Daemon, started
from mirrord.diagnose.scrub import Scrubber
from mirrord.model import EXPRESSIONS, MOODS
from mirrord.runtime.secret import write_secret
from mirrord.simulator.bridge import SimulatedBridge
from mirrord.status import NotRunning, ask, serve_status, socket_path

KEY = "k3y-of-the-bridge-0123456789abcdef"
CAMERA_PASSWORD = "hunter2-of-the-camera"
BROKER_PASSWORD = "pässword & of the broker"
WORD_OF_THE_OWNER = "Annas-Salon"
SETTINGS = """
[mirror]
name = "{name}"
[camera]
source = "rtsp://viewer:{camera}@127.0.0.1:1/stream"
[store]
path = "{folder}/mirror.sqlite3"
flush_s = 0.2
[web]
port = 0
password = "optional"
[hub]
host = "127.0.0.1"
port = 1
username = "mirror-of-anna"
password_file = "{folder}/mqtt.password"
area = "Schlafzimmer"
[drivers.hue]
bridge = "{bridge}"
key_file = "{folder}/hue.key"
"""


@dataclass
class House:
    file: Path
    config: Config
    daemon: Daemon
    url: str
    bridge: SimulatedBridge

    async def run(self, *arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, [*arguments, "-c", str(self.file)])


@pytest_asyncio.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A mirror with a bridge, a camera and a broker that are not there, and secrets everywhere."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    write_secret(tmp_path / "hue.key", KEY)
    write_secret(tmp_path / "mqtt.password", BROKER_PASSWORD)
    async with SimulatedBridge(key=KEY) as bridge:
        words = {"name": WORD_OF_THE_OWNER, "camera": CAMERA_PASSWORD, "bridge": bridge.address}
        file = tmp_path / "mirror.toml"
        file.write_text(SETTINGS.format(folder=tmp_path, **words))
        config = load(file)
        Consent(consent_path(config)).give("anna", "home")
        async with started(config) as (daemon, url):
            yield House(file, config, daemon, url, bridge)


async def until_troubled(house: House, *parts: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            report = await asyncio.to_thread(ask, socket_path(house.config), "status")
            if set(parts) <= {one["part"] for one in report["health"]["troubles"]}:
                return report
            await asyncio.sleep(0.1)


async def test_a_mirror_says_how_it_is_everywhere_and_lets_no_secret_out(
    house: House, tmp_path: Path
):
    report = await until_troubled(house, "camera", "hub")
    path = socket_path(house.config)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    parts = {one["part"]: one for one in report["parts"]}
    async with asyncio.timeout(30):
        while parts["hue"]["state"] != "ready":
            report = await asyncio.to_thread(ask, path, "status")
            parts = {one["part"]: one for one in report["parts"]}
    assert report["health"]["state"] == "red"

    shown = await house.run("status")
    assert shown.exit_code == 1
    assert WORD_OF_THE_OWNER in shown.output
    assert "red" in shown.output
    as_json = await house.run("status", "--json")
    assert json.loads(as_json.output)["health"]["state"] == "red"

    async with aiohttp.ClientSession(house.url) as http:
        async with http.get("/emotions/api/system/health/") as answer:
            told = (await answer.json())["data"]
        assert (told["status"], told["state"]) == ("healthy", "red")
        assert {"camera", "hub"} <= {one["part"] for one in told["troubles"]}
        async with http.get("/state") as answer:
            assert (await answer.json())["health"]["state"] == "red"
        async with http.get("/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            metrics = await answer.text()
    check_metrics(metrics)

    bundle = tmp_path / "bundle.zip"
    made = await house.run("diagnose", "-o", str(bundle))
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    check_bundle(bundle, house)
    again = await house.run("diagnose", "-o", str(bundle))
    assert "--force" in str(again.exception)


def check_metrics(text: str) -> None:
    families = {one.name: one for one in text_string_to_metric_families(text)}
    values = {name: one.samples[0].value for name, one in families.items() if one.samples}
    assert values["mirrord_health"] == 2
    assert values["mirrord_camera_up"] == 0
    assert values["mirrord_store_up"] == 1
    assert values["mirrord_store_flushes"] >= 1
    up = {one.labels["driver"]: one.value for one in families["mirrord_driver_up"].samples}
    assert up["hue"] == 1
    assert families["mirrord_frames"].type == "counter"
    assert families["mirrord_inference_seconds"].type == "histogram"
    assert "process_open_fds" in families
    labels = {
        word
        for one in families.values()
        for sample in one.samples
        for pair in sample.labels.items()
        for word in pair
    }
    assert not labels & {*EXPRESSIONS, *MOODS, "unsure", "person", "user", "session"}


def check_bundle(bundle: Path, house: House) -> None:
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(parts) >= {"versions.json", "settings.json", "status.json", "records.json"}
    status = json.loads(parts["status.json"])
    assert status["health"]["state"] == "red"
    assert json.loads(parts["records.json"])["schema"] >= 4
    assert json.loads(parts["settings.json"])["in_force"]["store"]["flush_s"] == 0.2
    everything = "\n".join(parts.values())
    host, _, port = house.bridge.address.partition(":")
    for secret in (
        KEY,
        CAMERA_PASSWORD,
        "pässword",
        "of the broker",
        WORD_OF_THE_OWNER,
        "mirror-of-anna",
        "Schlafzimmer",
        "viewer",
        host,
        f":{port}",
        str(Path.home()) + "/",
    ):
        assert secret not in everything, f"{secret} is in the bundle"
    assert not re.search(r"(?<![\w.])\d{1,3}(\.\d{1,3}){3}(?![\w.])", everything)


async def test_a_mirror_that_is_not_there_and_one_that_hangs(tmp_path: Path):
    file = tmp_path / "mirror.toml"
    file.write_text(f'camera.source = 0\nstore.path = "{tmp_path}/mirror.sqlite3"\n')
    runner = CliRunner()
    none = await asyncio.to_thread(runner.invoke, cli, ["status", "-c", str(file)])
    assert none.exit_code == 3
    path = socket_path(load(file))
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with pytest.raises(NotRunning):
        ask(path, "status")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(Exception, match="does not answer"):
            await asyncio.to_thread(ask, path, "status", 0.2)


async def test_the_socket_is_taken_over_from_a_killed_mirror_but_not_from_a_living_one(
    house: House, caplog: pytest.LogCaptureFixture
):
    path = socket_path(house.config)
    flushed = await asyncio.to_thread(ask, path, "flush")
    assert flushed == {"readings": 0}
    with pytest.raises(Exception, match="known words are status, flush"):
        await asyncio.to_thread(ask, path, "reboot")
    answers = {"status": house.daemon.flush}
    async with serve_status(path, answers):  # a second mirror of the same settings
        assert "another mirror is running" in caplog.text
        assert (await asyncio.to_thread(ask, path, "status"))["name"] == WORD_OF_THE_OWNER
    with socket.socket(socket.AF_UNIX) as killed:
        path.with_name("killed.sock").unlink(missing_ok=True)
        killed.bind(str(path.with_name("killed.sock")))
    async with serve_status(path.with_name("killed.sock"), answers):
        again = await asyncio.to_thread(ask, path.with_name("killed.sock"), "status")
        assert again == {"readings": 0}
    assert not path.with_name("killed.sock").exists()
    assert (await asyncio.to_thread(ask, path, "status"))["name"] == WORD_OF_THE_OWNER


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at 192.168.1.20:8080.", "at <address>:8080."),
        ("the bridge at fe80::1 says no", "the bridge at <address> says no"),
        ("2001:db8:0:0:0:0:2:1, 10.0.0.1", "<address>, <address>"),
        ("[2001:db8::2]:80 12:34:56 v1.2.3 1.26.4", "[<address>]:80 12:34:56 v1.2.3 1.26.4"),
        ("aa:bb:cc:dd:ee:0f is gone", "<mac> is gone"),
        ("http://anna:secret@camera/x", "http://•••@camera/x"),
        ("0123456789abcdef0123456789abcdef", "<long word>"),
        ("dead beef: ...", "dead beef: ..."),
    ],
)
def test_addresses_are_taken_out_and_versions_and_times_are_not(text: str, shown: str):
    assert Scrubber(parse({}, "x"), []).text(text) == shown
