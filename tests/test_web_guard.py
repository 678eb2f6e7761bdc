"""Who may use the page: not other sites, not foreign names."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import MirrorError
from mirrord.web import make_app, serve
from mirrord.web.guard import is_own_host, own_names
from tests.fakes.mirror import FakeMirror

ROUTES = ("/", "/mirror", "/state", "/live", "/control", "/static/page.js", "/fonts/x", "/nowhere")


@pytest.mark.parametrize("route", ROUTES)
async def test_a_foreign_name_gets_nothing(session: aiohttp.ClientSession, route: str) -> None:
    async with session.get(route, headers={"Host": "mirror.example.org"}) as response:
        assert response.status == 403
        assert "does not answer to that name" in (await response.json())["message"]


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080", "192.168.1.7", "page.localhost"],
)
async def test_its_own_names_are_answered(session: aiohttp.ClientSession, host: str) -> None:
    async with session.get("/state", headers={"Host": host}) as response:
        assert response.status == 200


async def test_this_machine_and_the_configured_name_are_answered(mirror: FakeMirror) -> None:
    async with (
        serve(make_app(mirror), "localhost", 0) as address,
        aiohttp.ClientSession(address) as session,
    ):
        own = socket.gethostname().split(".")[0]
        for host in (own, f"{own}.local", f"{own}.lan:8080", "LOCALHOST."):
            async with session.get("/state", headers={"Host": host}) as response:
                assert response.status == 200, host
        async with session.get("/state", headers={"Host": f"{own}.example.org"}) as response:
            assert response.status == 403


@given(st.text(max_size=30))
def test_no_host_header_breaks_the_check(header: str) -> None:
    assert is_own_host(header, own_names()) in (True, False)


@pytest.mark.parametrize("header", ["", None, "evil.test", "127.0.0.1.evil.test", "[::1", ":80"])
def test_foreign_hosts(header: str | None) -> None:
    assert not is_own_host(header, own_names())


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_page_changes_and_hears_nothing(
    mirror: FakeMirror, session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with session.post("/control", json={"camera": False}, headers=headers) as response:
        assert response.status == 403
    assert mirror.asked == []
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect("/live", headers=headers)
    assert refused.value.status == 403


async def test_the_page_itself_may(mirror: FakeMirror, session: aiohttp.ClientSession) -> None:
    origin = str(session._base_url).rstrip("/")
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    async with session.post("/control", json={"camera": False}, headers=headers) as response:
        assert response.status == 200
    async with session.ws_connect("/live", headers=headers) as live:
        assert (await live.receive_json(timeout=5))["controls"]["camera"] is False


@pytest.mark.parametrize("route", ROUTES)
async def test_every_answer_keeps_the_browser_strict(
    session: aiohttp.ClientSession, route: str
) -> None:
    async with session.get(route) as response:
        headers = response.headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Server"] == "mirrord"


async def test_a_port_in_use_is_one_sentence(mirror: FakeMirror) -> None:
    async with serve(make_app(mirror), "127.0.0.1", 0) as address:
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(MirrorError, match=rf"port {port} \(Address already in use\): choose"):
            async with serve(make_app(mirror), "127.0.0.1", port):
                pass


async def test_an_address_of_another_machine_is_one_sentence(mirror: FakeMirror) -> None:
    with pytest.raises(MirrorError, match=r"cannot be served at 192\.0\.2\.1"):
        async with serve(make_app(mirror), "192.0.2.1", 0):
            pass


async def test_serving_leaves_nothing_behind(mirror: FakeMirror) -> None:
    before = asyncio.all_tasks()
    async with (
        serve(make_app(mirror), "127.0.0.1", 0) as address,
        aiohttp.ClientSession(address) as session,
        session.ws_connect("/live") as live,
    ):
        await live.receive_json(timeout=5)
    assert asyncio.all_tasks() == before
