"""The whole mirror: silent, then told on its page whom to ask, then silent again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from mirrord.cli import cli
from mirrord.config import load
from mirrord.daemon import Daemon, started
from tests.fakes.releases import FakeReleases, releases

SETTINGS = """
[camera]
source = "{folder}/empty"
[store]
path = "{folder}/mirror.sqlite3"
flush_s = 0.1
[web]
port = 0
password = "optional"
"""


async def ask(page: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with page.request(method, f"/{path}", json=body) as answer:
        found = await answer.json()
        assert answer.status == 200, found
        return found.get("data", found)


async def until(daemon: Daemon, state: str, said: str = "") -> dict[str, Any]:
    """Wait until the mirror says so of newer versions."""
    async with asyncio.timeout(30):
        while True:
            shown = daemon.state()
            if shown["updates"]["state"] == state and said in shown["updates"]["said"]:
                return shown
            await daemon.wait_change(shown["rev"])


async def status(file: Path, *more: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, cli, ["status", "-c", str(file), *more])
    return done.output


async def test_from_silence_to_a_newer_version_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    (tmp_path / "empty").mkdir()
    file = tmp_path / "mirror.toml"
    file.write_text(SETTINGS.format(folder=tmp_path))
    async with releases() as server, started(load(file)) as (daemon, url):
        await daemon.control({"camera": False})
        async with aiohttp.ClientSession(url) as page:
            await follow(daemon, page, server, file)


async def follow(
    daemon: Daemon, page: aiohttp.ClientSession, server: FakeReleases, file: Path
) -> None:
    assert daemon.state()["updates"]["state"] == "off"
    assert "Version" not in await status(file)
    assert server.line.connections == 0
    await ask(page, "PATCH", "settings/values", {"set": {"updates.url": server.url}})
    await until(daemon, "newer")
    shown = (await ask(page, "GET", "state"))["updates"]
    assert (shown["latest"], shown["notes"]) == ("9.1.0", "Sees in the dark.")
    rows = await ask(page, "GET", "emotions/api/collective/ledger/")
    assert [(row["kind"], row["bytes"]) for row in rows] == [("update", len(server.line.sent))]
    totals = await ask(page, "GET", "emotions/api/collective/")
    assert (totals["bytes"], totals["sent"]) == (len(server.line.sent), 0)
    told = await status(file)
    assert "Version 9.1.0 is there (2026-12-01). Sees in the dark." in told
    assert "pipx: pipx install --force 'http://127.0.0.1" in told
    assert json.loads(await status(file, "--json"))["updates"]["latest"] == "9.1.0"

    nowhere = server.url.replace("latest", "nowhere")
    await server.line.stop()
    await ask(page, "PATCH", "settings/values", {"set": {"updates.url": nowhere}})
    health = (await until(daemon, "unknown", "cannot be reached"))["health"]
    assert health["state"] == "green"
    assert "cannot be reached" in await status(file)

    await ask(page, "PATCH", "settings/values", {"reset": ["updates.url"]})
    assert (await until(daemon, "off"))["updates"]["place"] == ""
