"""What the mirror writes into its log: levels for the journal, no secret, nothing of a person."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import signal
import sys
from pathlib import Path

import cv2
import pytest
import skimage.data

from mirrord.model import EXPRESSIONS, MOODS
from mirrord.runtime.logs import ForJournal, Plain, leads_to_journal
from mirrord.runtime.secret import write_secret
from mirrord.simulator.bridge import SimulatedBridge

KEY = "the-key-of-the-bridge-in-the-log"
PATIENCE_S = 40.0


def logged(formatter: logging.Formatter, level: int, text: str) -> str:
    return formatter.format(logging.LogRecord("mirrord.x", level, "", 1, text, (), None))


def test_every_line_has_its_level_and_no_secret(tmp_path: Path):
    write_secret(tmp_path / "key", KEY)
    assert logged(ForJournal(), logging.WARNING, f"a\nb {KEY}") == "<4>mirrord.x: a\n<4>b •••"
    assert logged(ForJournal(), logging.DEBUG, "").startswith("<7>")
    assert logged(ForJournal(), logging.CRITICAL, "x") == "<2>mirrord.x: x"
    assert KEY not in logged(Plain("%(message)s"), logging.INFO, f"/api/{KEY}/lights")


def test_a_stream_is_the_journals_only_if_systemd_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with (tmp_path / "log").open("w") as file:
        found = os.fstat(file.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        assert leads_to_journal(file)
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino + 1}")
        assert not leads_to_journal(file)
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not leads_to_journal(file)
    assert not leads_to_journal(io.StringIO())


async def test_a_whole_visit_leaves_no_expression_and_no_secret_in_the_log(tmp_path: Path):
    face = tmp_path / "face"
    face.mkdir()
    cv2.imwrite(str(face / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    write_secret(tmp_path / "hue.key", KEY)
    settings = tmp_path / "mirror.toml"
    async with SimulatedBridge(key=KEY) as bridge:
        settings.write_text(
            f'camera.source = "{face}"\nstore.path = "{tmp_path}/mirror.sqlite3"\n'
            f'store.flush_s = 0.2\nweb.port = 0\n[hub]\nhost = "127.0.0.1"\nport = 1\n'
            f'[drivers.hue]\nbridge = "{bridge.address}"\nkey_file = "{tmp_path}/hue.key"\n'
        )
        log = await visited(settings, tmp_path, bridge)
    assert re.fullmatch(r"(<[2-7]>[^\n]*\n)*", log), log
    assert "<4>mirrord.hub" in log  # there is no broker; there is something to search in
    said = log.lower()
    for word in (*EXPRESSIONS, *MOODS, "unsure"):
        assert not re.search(rf"\b{word}\b", said), f"{word} stands in the log:\n{log}"
    assert KEY not in log


def all_of(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


async def visited(settings: Path, tmp_path: Path, bridge: SimulatedBridge) -> str:
    """Let somebody smile at a mirror until the lamps and the database have answered."""
    reading, writing = os.pipe()
    found = os.fstat(writing)
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mirrord", "run", "-c", str(settings)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=writing,
        env=os.environ
        | {"STATE_DIRECTORY": str(tmp_path), "JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"},
    )
    os.close(writing)
    gathering = asyncio.create_task(asyncio.to_thread(all_of, reading))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not bridge.commands:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            await running.wait()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
        log = await gathering
    return log.decode()
