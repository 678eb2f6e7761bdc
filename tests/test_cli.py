"""The command line, run as a person runs it: another process, its words and its exit status."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import stat
import subprocess
import sys
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

import mirrord
from mirrord.cli import main
from mirrord.config import load
from mirrord.daemon import started
from mirrord.model import EXPRESSIONS
from mirrord.simulator.bridge import SimulatedBridge

ROOT = Path(__file__).parent.parent


def command(tmp_path: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "mirrord", *words],
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"STATE_DIRECTORY": str(tmp_path / "state"), "COLUMNS": "200"},
    )


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return the status and the words of a command that ends at once, run in this process."""
    with pytest.raises(SystemExit) as end:
        main(words)
    out, error = capsys.readouterr()
    return int(end.value.code or 0), out, error


@pytest.fixture
def face(tmp_path: Path) -> Path:
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), skimage.data.astronaut()[:, :, ::-1])
    return path


def test_the_version(tmp_path: Path):
    said = command(tmp_path, "--version")
    assert said.returncode == 0
    assert mirrord.__version__ in said.stdout.decode()


@pytest.mark.parametrize("word", ["run", "demo", "check", "devices", "pair", "look", "listen"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], word: str):
    assert word in told(capsys, "--help")[1]
    status, out, _ = told(capsys, word, "--help")
    assert status == 0
    assert len(out.splitlines()) > 4


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["rum"], "run"),
        (["dem"], "demo"),
        (["demo", "--sorce", "1"], "--source"),
        (["look", "--modell", "fer", "x"], "--model"),
        (["pair", "hu"], "did you mean hue"),
        (["listen", "--mood", "joi", "-o", "x.wav"], "joy"),
    ],
)
def test_a_wrong_word_gets_a_suggestion(
    capsys: pytest.CaptureFixture[str], words: list[str], hint: str
):
    status, _, error = told(capsys, *words)
    assert status in (1, 2)
    assert hint in error


def test_a_failure_is_one_sentence_in_a_process_of_its_own_too(tmp_path: Path):
    said = command(tmp_path, "pair", "hu")
    assert said.returncode == 1
    assert "did you mean hue" in said.stderr.decode()
    assert "Traceback" not in said.stderr.decode()


def test_look_says_what_it_sees_and_names_what_is_no_picture(tmp_path: Path, face: Path):
    (tmp_path / "notes.txt").write_text("no picture")
    said = command(tmp_path, "look", "--json", str(face), str(tmp_path / "notes.txt"))
    assert said.returncode == 1
    assert "notes.txt" in said.stderr.decode()
    (line,) = said.stdout.decode().splitlines()
    seen = json.loads(line)
    assert seen["expression"] == "happy"
    assert set(seen["expressions"]) == set(EXPRESSIONS)
    assert sum(seen["expressions"].values()) == pytest.approx(1, abs=1e-6)
    assert {"file", "frame", "box", "confidence", "valence", "arousal", "joy", "calm", "energy",
            "melancholy"} <= set(seen)  # fmt: skip
    assert seen["joy"] > 0.5


def test_look_takes_standard_input_and_folders(tmp_path: Path, face: Path):
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "one.png").write_bytes(face.read_bytes())
    cv2.imwrite(str(folder / "empty.jpg"), np.full((200, 200, 3), 90, np.uint8))
    said = command(tmp_path, "look", "-", str(folder), given=face.read_bytes())
    assert said.returncode == 0
    lines = said.stdout.decode().splitlines()
    assert len(lines) == 2
    assert all("happy" in line for line in lines)


def test_look_finds_nobody_and_says_so(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((200, 200, 3), 90, np.uint8))
    said = command(tmp_path, "look", str(tmp_path / "empty.png"))
    assert said.returncode == 0
    assert "No face" in said.stdout.decode()


def test_a_wrong_setting_is_one_sentence(tmp_path: Path):
    path = tmp_path / "my.toml"
    path.write_text("[camera]\nsorce = 0\n")
    for word in ("run", "check"):
        said = command(tmp_path, word, "-c", str(path))
        assert said.returncode == 1
        text = said.stderr.decode()
        assert "my.toml: camera.sorce" in text
        assert "did you mean source" in text
        assert "Traceback" not in text


async def test_check_tries_everything(tmp_path: Path, face: Path):
    key = tmp_path / "hue.key"
    key.write_text("check-key")
    key.chmod(0o600)
    path = tmp_path / "my.toml"
    async with SimulatedBridge(key="check-key") as bridge:
        path.write_text(
            f'camera.source = "{face.parent}"\nweb.port = 0\n'
            f'store.path = "{tmp_path / "m.sqlite3"}"\n'
            f'[drivers.hue]\nbridge = "{bridge.address}"\nkey_file = "{key}"\n'
            '[drivers.audio]\ndevice = "null"\n'
        )
        good = await asyncio.to_thread(command, tmp_path, "check", "-c", str(path))
        assert good.returncode == 0, good.stdout.decode() + good.stderr.decode()
        assert "Sofa" in good.stdout.decode()
        assert not bridge.commands
        key.write_text("another-key")
        bad = await asyncio.to_thread(command, tmp_path, "check", "-c", str(path))
        assert bad.returncode == 1
        assert "mirrord pair hue" in bad.stdout.decode()
        assert "another-key" not in bad.stdout.decode() + bad.stderr.decode()
    assert not (tmp_path / "m.sqlite3").exists()


async def test_pairing_waits_for_the_button_and_keeps_the_key_to_its_owner(tmp_path: Path):
    path = tmp_path / "my.toml"
    async with SimulatedBridge() as bridge:
        path.write_text(f'[drivers.hue]\nbridge = "{bridge.address}"\n')
        pairing = asyncio.create_task(
            asyncio.to_thread(command, tmp_path, "pair", "hue", "-c", str(path))
        )
        await asyncio.sleep(2.0)
        assert not pairing.done()
        bridge.press_link_button()
        said = await pairing
        assert said.returncode == 0, said.stderr.decode()
    key = tmp_path / "state" / "hue.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().splitlines()[0] not in said.stdout.decode()


def test_listen_writes_a_sound(tmp_path: Path):
    path = tmp_path / "joy.wav"
    said = command(tmp_path, "listen", "--mood", "joy", "--seconds", "2", "-o", str(path))
    assert said.returncode == 0, said.stderr.decode()
    with wave.open(str(path)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(2, abs=0.1)


def test_devices_lists_headings_and_drivers(tmp_path: Path):
    said = command(tmp_path, "devices")
    assert said.returncode == 0
    for words in ("Cameras", "Installed drivers", "hue: ", "thermostat: "):
        assert words in said.stdout.decode()


async def test_check_knows_its_own_running_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (tmp_path / "pictures").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "my.toml"
    path.write_text(
        f'camera.source = "{tmp_path / "pictures"}"\nweb.port = {port}\n'
        f'store.path = "{tmp_path / "m.sqlite3"}"\n'
    )
    async with started(load(path)):
        mine = await asyncio.to_thread(command, tmp_path, "check", "-c", str(path))
        other = path.with_name("other.toml")
        other.write_text(path.read_text().replace("m.sqlite3", "elsewhere/m.sqlite3"))
        theirs = await asyncio.to_thread(command, tmp_path, "check", "-c", str(other))
    assert f"your own mirror serves it there (process {os.getpid()})" in mine.stdout.decode()
    assert "in use (by a running mirror?)" in theirs.stdout.decode()


def test_the_demo_runs_and_ends(tmp_path: Path):
    said = command(tmp_path, "demo", "--port", "0", "--seconds", "6")
    text = said.stdout.decode() + said.stderr.decode()
    assert said.returncode == 0, text
    assert "http://127.0.0.1:" in text
    assert re.search(r"/welcome with the code [2-9A-Z]{4}-[2-9A-Z]{4}", text)
    assert "Traceback" not in text
    settings = str(tmp_path / "state" / "demo" / "demo.toml")  # for the commands
    users = command(tmp_path, "user", "list", "-c", settings)
    assert (users.returncode, users.stdout.decode().strip()) == (0, "nobody yet: `mirrord code`")
    records = command(tmp_path, "export", "-c", settings, "--format", "csv")
    assert records.returncode == 0, records.stderr
    assert records.stdout.startswith(b"id,")
    if "no loudspeaker found" in text:
        kept = next(word for word in text.split() if word.endswith("room.wav"))
        with wave.open(kept, "rb") as sound:
            assert sound.getnframes() / sound.getframerate() > 1


def test_a_32_bit_system_is_told_in_a_sentence() -> None:
    small = "import sys; sys.maxsize = 2**31 - 1; from mirrord.cli import main; main(['demo'])"
    done = subprocess.run([sys.executable, "-c", small], capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("mirrord: this needs a 64-bit system")
    assert done.stderr.count(b"\n") == 1
