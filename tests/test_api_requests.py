"""Whatever is sent: one sentence that names what was wrong, in one shape, and never a 5xx."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from yarl import URL

from tests.api_kit import MOODS, Served, served

JSON = {"Content-Type": "application/json"}
GOOD = {"session_id": "s", **MOODS}


@pytest_asyncio.fixture
async def mirror(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as mirror:
        yield mirror


def assert_refused(answer: Any, status: int) -> str:
    """Check the one shape of an error; return its sentence."""
    assert answer.keys() == {"success", "error", "message", "details", "status_code"}
    assert (answer["success"], answer["error"], answer["status_code"]) == (False, True, status)
    assert answer["message"]
    assert "Traceback" not in answer["message"]
    assert isinstance(answer["details"], dict)
    return str(answer["message"])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("recent/?hours=abc", "hours"),
        ("recent/?hours=1e9", "hours"),
        ("recent/?hours=-1", "hours"),
        ("recent/?hours=0", "hours"),
        ("recent/?hours=nan", "hours"),
        ("recent/?hours=inf", "hours"),
        ("recent/?hours=1e999", "hours"),
        ("recent/?hours=", "hours"),
        ("recent/?hours=null", "hours"),
        ("recent/?hours=1&hours=2", "hours"),
        ("recent/?hour=1", "hour"),
        ("trends/?resolution=second", "resolution"),
        ("trends/?resolution=minute&hours=8000", "resolution"),
        ("trends/?since=yesterday", "since"),
        ("trends/?since=2026-01-01T00:00:00", "since"),
        ("trends/?until=0.5", "until"),
        ("trends/?until=null", "until"),
        ("trends/?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("trends/?timezone=Europe/Berlni", "timezone"),
        ("heatmap/?timezone=Europe", "timezone"),
        ("weeks/?timezone=../../etc/passwd", "timezone"),
        ("trajectory/?points=1", "points"),
        ("?page=0", "page"),
        ("?page=-1", "page"),
        ("?page=1.5", "page"),
        ("?page=99999999999999999999999", "page"),
        ("?page_size=201", "page_size"),
        ("?cursor=before", "cursor"),
        ("?cursor=before-9999999999999999999", "cursor"),
        ("?cursor=before-1%0A", "cursor"),
        ("by_session/", "session_id"),
        ("by_session/?session_id=", "session_id"),
        ("by_session/?session_id=" + "x" * 101, "session_id"),
        ("by_session/?session_id=a%00b", "session_id"),
        ("by_session/?session_id=a%0Ab", "session_id"),
        ("not-a-uuid/", "id"),
    ],
)
async def test_a_bad_parameter_is_named(mirror: Served, query: str, parameter: str) -> None:
    url = URL(f"{mirror.url}/emotions/api/readings/{query}", encoded=True)
    async with mirror.http.get(url) as response:
        assert response.status == 400
        answer = await response.json()
    assert assert_refused(answer, 400).startswith(f"{parameter}: ")


async def test_the_nearest_name_is_told(mirror: Served) -> None:
    answer = (await mirror.get("api/readings/recent/?hour=1"))[1]
    assert answer["message"] == "hour: no such parameter; did you mean hours?"
    assert answer["details"] == {"hour": answer["message"]}
    answer = (await mirror.post("api/readings/", {**GOOD, "melancholly": 1}))[1]
    assert answer["message"].endswith("did you mean melancholy?")
    answer = (await mirror.get("api/readings/heatmap/?timezone=Europe/Berlni"))[1]
    assert answer["message"].endswith("did you mean Europe/Berlin?")


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"joy": 1.01}, "joy"),
        ({"joy": -0.01}, "joy"),
        ({"joy": "0.5"}, "joy"),
        ({"joy": True}, "joy"),
        ({"joy": None}, "joy"),
        ({"joy": [0.5]}, "joy"),
        ({"session_id": ""}, "session_id"),
        ({"session_id": "x" * 101}, "session_id"),
        ({"session_id": 5}, "session_id"),
        ({"session_id": "a\x00b"}, "session_id"),
        ({"session_id": "a/b"}, "session_id"),
        ({"session_id": "a\n"}, "session_id"),
        ({"user": "mallory"}, "user"),
        ({"id": "00000000-0001-8328-911a-97684c1e4e45"}, "id"),
    ],
)
async def test_a_bad_reading_is_refused_and_not_stored(
    mirror: Served, change: dict[str, Any], parameter: str
) -> None:
    status, answer = await mirror.post("api/readings/", {**GOOD, **change})
    assert status == 400
    assert assert_refused(answer, 400).startswith(f"{parameter}: ")
    assert (await mirror.get("api/readings/"))[1]["count"] == 0


@pytest.mark.parametrize("name", list(GOOD))
async def test_what_is_missing_is_named(mirror: Served, name: str) -> None:
    body = {key: value for key, value in GOOD.items() if key != name}
    answer = (await mirror.post("api/readings/", body))[1]
    assert assert_refused(answer, 400).startswith(f"{name}: is missing")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"\xff\xfe",
        b'{"session_id": "\xff"}',
        b'{"session_id": "\\ud800"}',
        json.dumps(GOOD).replace("0.7", "NaN").encode(),
        json.dumps(GOOD).replace("0.7", "Infinity").encode(),
        json.dumps(GOOD).replace("0.7", "1e999").encode(),
        json.dumps(GOOD).encode("utf-16"),
        b"[" * 10_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    ],
)
async def test_what_is_no_json_object_is_refused(mirror: Served, body: bytes) -> None:
    status, answer = await mirror.post("api/readings/", data=body, headers=JSON)
    assert status == 400
    assert_refused(answer, 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"]
)
async def test_another_content_type_is_415(mirror: Served, kind: str) -> None:
    headers = {"Content-Type": kind}
    status, answer = await mirror.post("api/readings/", data=json.dumps(GOOD), headers=headers)
    assert status == 415
    assert "application/json" in assert_refused(answer, 415)


async def test_a_body_of_ten_megabytes_is_413(mirror: Served) -> None:
    body = io.BytesIO(b'{"session_id": "' + b"x" * 10_000_000 + b'"}')
    async with mirror.http.post(
        "/emotions/api/readings/", data=body, headers={**JSON, "Expect": "100-continue"}
    ) as response:
        assert response.status == 413
        assert "larger than" in assert_refused(await response.json(), 413)


async def test_a_small_body_that_unpacks_to_a_large_one_is_413(mirror: Served) -> None:
    body = gzip.compress(b" " * 5_000_000)
    headers = {**JSON, "Content-Encoding": "gzip"}
    status, answer = await mirror.post("api/readings/", data=body, headers=headers)
    assert status == 413
    assert_refused(answer, 413)


async def test_a_body_that_is_not_packed_as_it_says_is_400(mirror: Served) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    status, answer = await mirror.post("api/readings/", data=b"not gzip at all", headers=headers)
    assert status == 400
    assert_refused(answer, 400)


@pytest.mark.parametrize(
    "path", ["api/", "api/reading/", "api/readings/x/y/", "", "api/sessions//"]
)
async def test_what_is_nowhere_is_404_in_json_even_for_browsers(mirror: Served, path: str) -> None:
    status, answer = await mirror.get(path, headers={"Accept": "text/html"})
    assert status == 404
    assert_refused(answer, 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_405_and_says_which_there_are(mirror: Served, method: str) -> None:
    async with mirror.http.request(method, "/emotions/api/readings/") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET,HEAD,POST"
        assert_refused(await response.json(), 405)


async def test_the_last_slash_may_be_left_out(mirror: Served) -> None:
    status, made = await mirror.post("api/readings", GOOD, allow_redirects=False)
    assert status == 201
    for path in ("api/readings", f"api/readings/{made['data']['id']}", "api/sessions/s/insights"):
        assert (await mirror.get(path, allow_redirects=False))[0] == 200


async def test_a_change_takes_no_query(mirror: Served) -> None:
    status, answer = await mirror.post("api/readings/?hours=1", GOOD)
    assert status == 400
    assert assert_refused(answer, 400).startswith("hours: ")


@pytest.mark.parametrize(
    "line",
    [
        b"GET /emotions/api/readings/\xff\xfe/ HTTP/1.1",
        b"GET /emotions/api/sessions/%ff%fe/ HTTP/1.1",
        b"GET /emotions/api/sessions/%00/ HTTP/1.1",
        b"GET /emotions/api/sessions/\xc3\xa9/ HTTP/1.1",
        b"GET /emotions/api/sessions/%ed%a0%80/ HTTP/1.1",
        b"GET /emotions/api/readings/by_session/?session_id=%ff HTTP/1.1",
        b"GET /emotions/api/readings/by_session/?session_id=\xff HTTP/1.1",
        b"GET /emotions/api/readings/?" + b"&".join(b"a%d=1" % n for n in range(60)) + b" HTTP/1.1",
        b"GET /emotions/api/sessions/..%2f..%2fetc%2fpasswd/ HTTP/1.1",
        b"GET //emotions/api/readings/ HTTP/1.1",
    ],
)
async def test_bytes_that_no_client_library_sends(mirror: Served, line: bytes) -> None:
    """Raw requests: whatever comes is answered as the client's mistake."""
    url = URL(mirror.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        head = b"\r\nHost: localhost\r\nAuthorization: Token owner\r\nConnection: close\r\n\r\n"
        writer.write(line + head)
        async with asyncio.timeout(10):
            answer = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    status = int(answer.split(b" ", 2)[1])
    assert status in (400, 404), answer[:300]
    body = answer.partition(b"\r\n\r\n")[2]
    assert_refused(json.loads(body), status)


async def test_a_body_that_never_ends_is_let_go(mirror: Served, monkeypatch: Any) -> None:
    monkeypatch.setattr("mirrord.api.validation.BODY_S", 0.2)
    url = URL(mirror.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        b"POST /emotions/api/readings/ HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Token owner\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000\r\n\r\n{"
    )
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert b" 408 " in head.splitlines()[0]
