"""The resources and the socket of a whole mirror, with a face before its camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import cv2
import pytest
import skimage.data

from mirrord.config import parse
from mirrord.daemon import started

PATIENCE_S = 60.0


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with one picture of a happy face (NASA, public domain)."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    folder = tmp_path / "face"
    folder.mkdir()
    cv2.imwrite(str(folder / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    return str(folder)


async def test_what_the_mirror_sees_is_told_and_recorded(face: str, tmp_path: Path) -> None:
    config = parse(
        {
            "camera": {"source": face},
            "store": {"path": str(tmp_path / "mirror.sqlite3"), "flush_s": 0.2, "every_s": 0.2},
            "web": {"port": 0, "password": "optional"},
        },
        "test.toml",
    )
    async with started(config) as (_daemon, url), aiohttp.ClientSession(url) as http:
        async with http.ws_connect("/ws/emotions/") as ws:
            told = (await ws.receive_json(timeout=PATIENCE_S))["data"]
            assert told["expression"] == "happy"
            session = told["session_id"]
            while session == told["session_id"]:  # ended by a program: the mirror begins another
                status, ended = await post(http, f"sessions/{session}/end_session/")
                assert (status, ended["data"]["is_active"]) == (200, False)
                told = (await ws.receive_json(timeout=PATIENCE_S))["data"]
        assert (await get(http, f"sessions/{session}/"))["data"]["is_active"] is False
        latest = f"environment/latest_for_session/?session_id={session}"
        assert (await get(http, latest))["data"]["lighting_color"].startswith("#")
        body = {"session_id": "by hand", "joy": 0, "calm": 1, "energy": 0, "melancholy": 0}
        status, made = await post(http, "readings/", body)
        assert (status, made["data"]["environment_response"]["audio_tone"]) == (201, "peaceful")
        # What is asked to be written at once takes along what was waiting.
        active = (await get(http, "sessions/active/"))["results"]
        assert [one["session_id"] for one in active] == ["by hand", told["session_id"]]


async def get(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(f"/emotions/api/{path}") as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def post(
    http: aiohttp.ClientSession, path: str, body: object = None
) -> tuple[int, dict[str, Any]]:
    async with http.post(f"/emotions/api/{path}", json=body) as response:
        return response.status, await response.json()
