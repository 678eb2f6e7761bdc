"""What operators see, whom they believe, and how a process ends."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mirrord.collective.observe.logs import JsonLines, scrubbed, set_up
from mirrord.collective.observe.proxies import client_of, networks, scheme_of
from mirrord.errors import ConfigError
from tests.collective_kit import Api, served
from tests.redis_kit import free_port

MOODS = {"joy": 0.123, "calm": 0.456, "energy": 0.789, "melancholy": 0.012}
TRUSTED = networks(["10.0.0.0/8", "::1", "127.0.0.1"], "proxies")
PATIENCE_S = 90.0


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path, server={"port": 0, "proxies": ["127.0.0.1"]}) as api:
        yield api


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logger = logging.getLogger("mirrord")
    before = logger.level, logger.propagate
    handler = set_up(stream)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(before[0])
    logger.propagate = before[1]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("9.9.9.9", ["1.2.3.4"], "9.9.9.9"),
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("::1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["1.2.3.4, unknown"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("", ["1.2.3.4"], ""),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_is_the_clients(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_of(peer, forwarded, TRUSTED) == client


@given(
    st.lists(st.text(max_size=40), max_size=4),
    st.ip_addresses(v=4).filter(lambda a: a not in TRUSTED[0]),
)
def test_whatever_a_client_writes_it_stays_itself(forged: list[str], client: Any) -> None:
    if client.is_loopback:
        return
    assert client_of(str(client), forged, TRUSTED) == str(client)
    through = [*forged, str(client)]  # what an honest proxy adds
    assert client_of("10.1.2.3", through, TRUSTED) == str(client)
    assert scheme_of(str(client), forged, TRUSTED) is None


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"\[server\] proxies: 'anywhere' is no address"):
        networks(["anywhere"], "[server] proxies")


async def test_limits_count_the_client_not_the_proxy(tmp_path: Path) -> None:
    server = {"port": 0, "proxies": ["127.0.0.1"]}
    async with served(tmp_path, server=server, limits={"address_per_minute": 2}) as api:

        async def ask(client: str) -> int:
            answer = await api.ask("GET", "/health/live", X_Forwarded_For=client)
            return answer.status

        assert [await ask("1.1.1.1") for _ in range(3)] == [200, 200, 429]
        assert await ask("6.6.6.6, 2.2.2.2") == 200
        forged = await api.ask("GET", "/health/live", X_Forwarded_For="9.9.9.9, 1.1.1.1")
        assert forged.status == 429


async def test_metrics_are_read_from_the_right_places_alone(api: Api) -> None:
    _, user = await api.account("anna")
    _, admin = await api.account("root", admin=True)
    assert (await api.ask("GET", "/metrics")).status == 200
    assert (await api.ask("GET", "/metrics", X_Forwarded_For="1.2.3.4")).status == 401
    assert (await api.ask("GET", "/metrics", user, X_Forwarded_For="1.2.3.4")).status == 403
    assert (await api.ask("GET", "/metrics", admin, X_Forwarded_For="1.2.3.4")).status == 200


async def test_a_proxy_that_is_not_named_opens_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        assert (await api.ask("GET", "/metrics")).status == 200
        assert (await api.ask("GET", "/metrics", X_Forwarded_For="127.0.0.1")).status == 401


async def test_metrics_name_routes_and_never_people(api: Api) -> None:
    _, anna = await api.account("anna")
    made = await api.post("api/readings/", {"session_id": "very-private", **MOODS}, anna)
    assert made.status == 201
    await api.get("api/sessions/very-private/", anna)
    await api.get("nothing/here")
    text = (await api.ask("GET", "/metrics")).body
    assert not any(word in text for word in ("very-private", "anna", "0.123", anna.split()[1]))
    found = {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "mirrord_collective_requests_total"
    }
    assert found["POST", "/emotions/api/readings/", "201"] == 1
    assert found["GET", "/emotions/api/sessions/{session_id}/", "200"] == 1
    assert found["GET", "(none)", "404"] == 1
    assert "mirrord_collective_bus_up 1.0" in text
    assert "mirrord_collective_database_up 1.0" in text


async def test_a_request_has_an_id_in_its_answer_and_in_every_line(
    api: Api, log: io.StringIO
) -> None:
    _, anna = await api.account("anna")
    mine = await api.ask("GET", "api/sessions/secret-name/", anna, X_Request_Id="my-own.id_42")
    assert (mine.status, mine.headers["X-Request-Id"]) == (404, "my-own.id_42")
    ids = []
    for odd in ("short", "with space and more", 'a"quote-in-it', "x" * 65):
        answer = await api.ask("GET", "/health/live", X_Request_Id=odd)
        ids.append(answer.headers["X-Request-Id"])
    assert len(set(ids)) == 4
    assert all(len(one) == 32 for one in ids)
    await api.post("api/readings/?token=hidden", {"session_id": "secret-name", **MOODS}, anna)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    first = next(line for line in lines if line["logger"] == "mirrord.access")
    assert first["request"] == "my-own.id_42"
    assert (first["route"], first["status"]) == ("/emotions/api/sessions/{session_id}/", 404)
    said = log.getvalue()
    assert not any(word in said for word in ("secret-name", "hidden", "0.123", anna.split()[1]))


def test_what_looks_like_a_secret_is_not_written() -> None:
    said = (
        "mm1.12.34.abcdefghijklmnopqrstuvwxyz; Token abcdef0123456789; "
        "postgresql://mirrord:p4ssw0rd@db/x; GET /x?invite=abc&b=def"
    )
    text = scrubbed(said)
    hidden = ("abcdefghijkl", "abcdef0123", "p4ssw0rd", "invite=abc", "b=def")
    assert not any(word in text for word in hidden)
    assert "postgresql://mirrord:***@db/x" in text
    try:
        raise RuntimeError(said)
    except RuntimeError:
        record = logging.LogRecord("x", 40, "", 0, "failed", (), sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert "RuntimeError" in line["exception"]
    assert not any(word in line["exception"] for word in hidden)


async def test_a_process_that_is_told_to_stop_finishes_what_it_began(tmp_path: Path) -> None:
    """A request that runs is answered, sockets hear 1001, and it ends by itself in time."""
    port = free_port()
    settings = tmp_path / "collective.toml"
    settings.write_text(
        f"[server]\nport = {port}\ndrain_s = 10.0\n"
        f'[database]\nurl = "sqlite:///{tmp_path}/c.sqlite3"\n'
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mirrord", "collective", "serve", "-c", str(settings)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as http:
            assert str(port).encode() in await process.stdout.readline()
            url = f"http://127.0.0.1:{port}"
            sockets = [await http.ws_connect(f"{url}/ws/emotions/") for _ in range(5)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = (
                "POST /emotions/auth/login/ HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\nContent-Length: 38\r\n\r\n"
            )
            writer.write(head.encode() + b'{"username": "a"')
            await writer.drain()
            await (await http.get(f"{url}/health/ready")).read()
            process.send_signal(signal.SIGTERM)
            codes = await asyncio.gather(*(_end(one) for one in sockets))
            assert codes == [1001] * 5
            writer.write(b', "password": "bbbbb"}')
            assert b"401" in await reader.readline()
            writer.close()
            assert await process.wait() == 0
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(f"{url}/health/live")
    finally:
        if process.returncode is None:
            process.kill()
        _, errors = await process.communicate()
    lines = [json.loads(line) for line in errors.decode().splitlines()]
    assert any(line.get("route") == "/emotions/auth/login/" for line in lines)


async def _end(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
    return ws.close_code
