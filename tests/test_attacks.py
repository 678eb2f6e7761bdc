"""Attacks on a whole running mirror: promises of docs/security.md that no other test breaks."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import stat
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from mirrord.api import guests
from mirrord.config import parse
from mirrord.daemon import Daemon, started
from tests.access_kit import ANN, AUTH, ask

pytestmark = pytest.mark.asyncio(loop_scope="module")
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
EVIL = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
INJECTED = ("' OR '1'='1", "x'; DROP TABLE readings; --", '") OR 1=1 --', "%' UNION SELECT 1 --")


@dataclass
class Prey:
    """A running mirror, its files, and a stranger before it."""

    daemon: Daemon
    folder: Path
    stranger: aiohttp.ClientSession


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prey]:
    folder = tmp_path_factory.mktemp("prey")
    (folder / "empty").mkdir()
    config = parse(
        {
            "camera": {"source": str(folder / "empty")},
            "store": {"path": str(folder / "state" / "mirror.sqlite3")},
            "web": {"port": 0},
        },
        "test.toml",
    )
    old = os.umask(0)  # whatever whoever starts it allows
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STATE_DIRECTORY", str(folder / "state"))
            async with started(config) as (daemon, url):
                await daemon.control({"camera": False})
                while daemon.sight.pid is not None or "lag watch" not in _threads():
                    await asyncio.sleep(0.02)
                jar = aiohttp.CookieJar(unsafe=True)
                async with aiohttp.ClientSession(url, cookie_jar=jar) as stranger:
                    yield Prey(daemon, folder / "state", stranger)
    finally:
        os.umask(old)


def _threads() -> set[str]:
    return {one.name for one in threading.enumerate()}


def addresses(prey: Prey) -> list[str]:
    """Return an address for each route that can be read."""
    paths = [path for method, path in prey.daemon.routes if method == "GET"]
    return [re.sub(r"\{\w+(:[^}]*)?\}", "nothing-of-this-name", path) for path in paths]


async def test_the_code_stands_on_no_page_and_on_no_screen(prey: Prey) -> None:
    code = prey.daemon.code
    assert code
    for path in addresses(prey):
        for headers in ({}, BROWSER):
            async with prey.stranger.get(path, headers=headers) as answer:
                body = await answer.read()
                said = body + str(answer.headers).encode() + str(answer.url).encode()
            for shape in (code, code.replace("-", "")):
                assert shape.encode() not in said, path


async def test_nothing_may_be_read_across_origins_or_kept_or_framed(prey: Prey) -> None:
    for path in addresses(prey):
        for method in ("GET", "OPTIONS"):
            async with prey.stranger.request(
                method, path, headers=EVIL, allow_redirects=False
            ) as answer:
                allowed = [one for one in answer.headers if one.lower().startswith("access-contr")]
                assert allowed == [], path
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", path
                assert answer.headers["X-Frame-Options"] == "DENY", path
                policy = answer.headers["Content-Security-Policy"]
                assert "require-trusted-types-for 'script'" in policy or "docs" in path, path
                if not path.startswith(("/static/", "/fonts/", "/charts/")):
                    assert answer.headers["Cache-Control"] == "no-store", path


async def test_no_file_of_a_running_mirror_is_anothers_to_read(prey: Prey) -> None:
    await prey.daemon.flush()
    names = set()
    for path in prey.folder.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_dir():
            names.add(path.name)
            assert mode & 0o077 == 0, f"{path.name}: {mode:o}"
    assert {"mirror.sqlite3", "accounts.sqlite3", "mirror.consent.json"} <= names
    assert any((prey.folder / name).is_socket() for name in names)  # of `mirrord status`


async def test_what_looks_like_sql_is_text(prey: Prey) -> None:
    http = prey.stranger
    first = {"username": ANN[0], "password": ANN[1], "password_confirm": ANN[1]}
    code = {"code": prey.daemon.code}
    assert (await ask(http, "POST", f"{AUTH}welcome/", first | code))[0] == 201
    mood = {"joy": 1.0, "calm": 0.0, "energy": 0.0, "melancholy": 0.0}
    for text in INJECTED:
        session = {"session_id": text}
        assert (await ask(http, "POST", "/emotions/api/readings/", session | mood))[0] == 201
    for text in INJECTED:
        query = f"/emotions/api/readings/by_session/?session_id={quote(text)}"
        status, found = await ask(http, "GET", query)
        assert (status, found["count"]) == (200, 1)
        status, _ = await ask(http, "GET", f"/emotions/api/why/?reading={quote(text)}")
        assert status == 400
        status, _ = await ask(http, "DELETE", f"{AUTH}users/{quote(text, safe='')}/")
        assert status == 404
    assert (await ask(http, "GET", "/emotions/api/readings/"))[1]["count"] == len(INJECTED)
    assert [one["username"] for one in (await ask(http, "GET", f"{AUTH}users/"))[1]["data"]] == [
        "ann"
    ]


async def test_connections_leave_files_for_the_mirror_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for allowed, most in ((1024, 768), (300, 64), (1 << 20, 4096)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, allowed=allowed: (allowed, allowed))
        guest = guests.Guests()
        taken = sum(guest.enter(f"10.{at >> 8 & 255}.{at & 255}.1") for at in range(5000))
        assert taken == most
