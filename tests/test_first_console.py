"""What the console shows at the start, and what an update of the program changes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest

from mirrord import cli
from mirrord.first_start import program_folders
from mirrord.runtime.program import Program
from mirrord.web import make_app, serve
from mirrord.web.address import Facts, address_part
from tests.fakes.mirror import FakeMirror

LAN = "http://192.168.1.20:8080/"
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def announced(monkeypatch: pytest.MonkeyPatch, capsys: Any, code: str, *urls: str) -> str:
    """Return what stands on the console once a mirror runs."""
    reach = SimpleNamespace(urls=list(urls))
    daemon = SimpleNamespace(code=code, reach=reach, state=lambda: {"name": "Hall"})
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    cli._announce(daemon, "http://127.0.0.1:8080/")
    said: str = capsys.readouterr().out
    return said


def read(text: str) -> str:
    """Return what a phone's camera reads of a code drawn with half blocks."""
    lines = [line for line in text.splitlines() if set(line) & set("▀▄█")]
    if not lines:
        return ""
    rows = []
    for line in lines:
        pairs = [BLOCKS[one] for one in line if one in BLOCKS]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    width = max(map(len, rows))
    pixels = np.array([row + [0] * (width - len(row)) for row in rows], np.uint8)
    for drawn in (pixels, 1 - pixels):
        image = np.kron(np.pad(drawn, 4, constant_values=1), np.full((8, 8), 255, np.uint8))
        if found := cv2.QRCodeDetector().detectAndDecode(image)[0]:
            return str(found)
    return ""


def test_the_console_leads_a_phone_to_the_first_start_with_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = announced(monkeypatch, capsys, "ABCD-2345", LAN)
    assert read(said) == f"{LAN}welcome#code=ABCD-2345"


def test_later_it_leads_to_the_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(announced(monkeypatch, capsys, "", LAN)) == LAN


def test_a_page_of_this_computer_alone_is_no_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = announced(monkeypatch, capsys, "ABCD-2345")
    assert read(said) == ""
    assert 'host = "0.0.0.0"' in said


async def test_the_code_and_the_notice_tell_a_stranger_what_visitors_are_told() -> None:
    facts = Facts("Hall", LAN, (), 30.0, True, False)
    async with (
        serve(make_app(FakeMirror(), address_part(lambda: facts)), "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url) as http,
    ):
        async with http.get("/address.svg") as answer:
            assert answer.content_type == "image/svg+xml"
            assert (await answer.text()).startswith("<svg")
        async with http.get("/notice/facts") as answer:
            told = (await answer.json())["data"]
        assert set(told) == {
            "name",
            "address",
            "others",
            "keep_days",
            "smart_home",
            "collective",
        }
        async with http.get("/address.svg?code=1") as answer:
            assert answer.status == 400
        facts = Facts("Hall", "", (), 30.0, False, False)
        async with http.get("/address.svg") as answer:
            assert answer.status == 404


async def test_other_files_of_the_program_are_noticed_and_put_back_forgotten(
    tmp_path: Path,
) -> None:
    file = tmp_path / "part" / "module.py"
    file.parent.mkdir()
    file.write_text("old = 1\n")
    stamp = file.stat()
    heard = asyncio.Event()
    program = Program([tmp_path], heard.set, every_s=0.02)
    watching = asyncio.create_task(program.watch())
    try:
        await asyncio.sleep(0.1)
        assert not program.updated
        for content, updated in (("new = 22\n", True), ("old = 1\n", False)):
            heard.clear()
            file.write_text(content)
            if not updated:
                os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            async with asyncio.timeout(5):
                await heard.wait()
            assert program.updated is updated
    finally:
        watching.cancel()
        await asyncio.wait({watching})


def test_the_program_is_the_mirror_with_its_drivers() -> None:
    names = {folder.name for folder in program_folders()}
    assert {"mirrord", "mirrord_hue", "mirrord_audio"} <= names
