"""The first password, signing in and out, and what keeps strangers from it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from mirrord.accounts import NewUser, Unacceptable
from mirrord.accounts.code import MOST_WRONG
from mirrord.web.access.attempts import FREE
from tests.access_kit import ANN, AUTH, BEN, Door, ask, named, opened_door

FIRST = {"username": "ann", "password": ANN[1], "password_confirm": ANN[1]}


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened_door(tmp_path) as door:
        yield door


async def test_before_the_first_password_only_the_way_in_answers(door: Door):
    anybody = await door.client()
    for path in ("/state", "/live", f"{AUTH}profile/", f"{AUTH}users/"):
        status, answer = await ask(anybody, "GET", path)
        assert (status, answer["message"]) == (
            401,
            "The mirror has no password yet: open /welcome to set one.",
        )
    async with anybody.get("/", headers={"Accept": "text/html"}, allow_redirects=False) as page:
        assert (page.status, page.headers["Location"]) == (303, "/welcome")
    assert (await ask(anybody, "GET", "/welcome"))[0] == 200
    assert (await ask(anybody, "GET", f"{AUTH}me/"))[1]["data"] == {
        "user": None,
        "role": "anonymous",
        "scopes": [],
        "how": "nobody",
        "has_owner": False,
        "console": "mirrord {command} -c FILE",
    }


@pytest.mark.parametrize("way", ["welcome/", "register/"])
async def test_the_code_makes_the_first_owner_and_no_second(door: Door, way: str):
    code = await door.accounts.begin_code()
    anybody = await door.client()
    status, answer = await ask(anybody, "POST", AUTH + way, {**FIRST, "code": code.lower()})
    assert status == 201, answer
    user = answer["data"]["user"] if way == "register/" else answer["data"]
    assert (user["username"], user["role"]) == ("ann", "owner")
    if way == "register/":
        anybody = await door.bearer(answer["data"]["token"])
    assert (await ask(anybody, "GET", "/state"))[0] == 200
    stranger = await door.client()
    status, answer = await ask(stranger, "POST", AUTH + "welcome/", {**FIRST, "code": code})
    assert (status, answer["details"]) == (
        400,
        {"code": "the mirror has an owner already; sign in instead"},
    )
    assert await door.accounts.begin_code() == ""


async def test_a_code_is_void_after_wrong_ones_and_the_next_one_holds(door: Door):
    code = await door.accounts.begin_code()
    for _ in range(MOST_WRONG):
        with pytest.raises(Unacceptable, match="is not the one"):
            await door.accounts.add_owner("2222-2222", NewUser(*ANN))
    with pytest.raises(Unacceptable, match=f"wrongly {MOST_WRONG} times; run `mirrord code`"):
        await door.accounts.add_owner(code, NewUser(*ANN))
    newer = await door.accounts.begin_code()
    assert newer != code
    assert (await door.accounts.add_owner(newer, NewUser(*ANN))).role == "owner"


@pytest.mark.parametrize("later_s", [3601.0, -60.0])  # an hour; the machine was started again
async def test_a_code_expires(door: Door, tmp_path: Path, later_s: float):
    code = await door.accounts.begin_code()
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite3")) as database, database:
        database.execute("UPDATE code SET expires = expires - ?", [later_s])
    with pytest.raises(Unacceptable, match="has expired; run `mirrord code`"):
        await door.accounts.add_owner(code, NewUser(*ANN))


async def test_a_code_used_by_many_at_once_makes_one_owner(door: Door):
    code = await door.accounts.begin_code()
    clients = [await door.client() for _ in range(4)]
    asked = [
        ask(client, "POST", f"{AUTH}welcome/", {**FIRST, "username": f"ann{n}", "code": code})
        for n, client in enumerate(clients)
    ]
    statuses = sorted(status for status, _ in await asyncio.gather(*asked))
    assert statuses[0] == 201
    assert 201 not in statuses[1:]
    assert len(await door.accounts.users()) == 1


async def test_no_code_is_guessed_from_one_address(door: Door):
    await door.accounts.begin_code()
    anybody = await door.client()
    body = {**FIRST, "code": "2222-2222"}
    statuses = [(await ask(anybody, "POST", f"{AUTH}welcome/", body))[0] for _ in range(FREE + 2)]
    assert statuses == [400] * FREE + [429, 429]


async def test_a_bad_first_password_does_not_use_the_code_up(door: Door):
    code = await door.accounts.begin_code()
    anybody = await door.client()
    for password, sentence in (
        ("short", "password: expected 10 to 200 characters"),
        ("password123", "password: is easily guessed; take a few words that nobody expects"),
    ):
        body = {"username": "ann", "password": password, "password_confirm": password}
        status, answer = await ask(anybody, "POST", f"{AUTH}welcome/", {**body, "code": code})
        assert (status, answer["message"]) == (400, sentence)
    status, answer = await ask(
        anybody, "POST", f"{AUTH}welcome/", {**FIRST, "password_confirm": "another", "code": code}
    )
    assert (status, set(answer["details"])) == (400, {"password_confirm"})
    assert (await ask(anybody, "POST", f"{AUTH}welcome/", {**FIRST, "code": code}))[0] == 201


async def test_the_cookie_is_strict(door: Door):
    await door.owner()
    client = await door.client()
    async with client.post(f"{AUTH}session/", json=named(ANN)) as response:
        cookie = response.headers["Set-Cookie"]
        body = await response.text()
    for flag in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"):
        assert flag in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    secret = cookie.split(";")[0].partition("=")[2]
    assert len(secret) >= 43
    assert secret not in body
    async with client.post(
        f"{AUTH}session/", json=named(ANN), headers={"X-Forwarded-Proto": "https"}
    ) as response:
        assert "Secure" in response.headers["Set-Cookie"]


async def test_signing_in_begins_a_new_session_whatever_was_sent(door: Door):
    await door.owner()
    planted = "planted-by-somebody-else-before-she-signed-in"
    client = await door.client()
    client.cookie_jar.update_cookies({door.accounts.cookie: planted}, response_url=_url(door))
    assert (await ask(client, "GET", "/state"))[0] == 401
    assert (await ask(client, "POST", f"{AUTH}session/", named(ANN)))[0] == 200
    first = _cookie(client)
    assert first != planted
    assert (await ask(client, "POST", f"{AUTH}session/", named(ANN)))[0] == 200
    second = _cookie(client)
    assert second != first
    old = await door.client(Cookie=f"{door.accounts.cookie}={first}")
    assert (await ask(old, "GET", "/state"))[0] == 401


async def test_a_cookie_is_no_token_and_a_token_no_cookie(door: Door):
    ann = await door.owner()
    as_token = await door.bearer(_cookie(ann))
    assert (await ask(as_token, "GET", "/state"))[0] == 401
    as_cookie = await door.client(Cookie=f"{door.accounts.cookie}={await door.token('read')}")
    assert (await ask(as_cookie, "GET", "/state"))[0] == 401


async def test_signing_out_ends_the_session_for_good(door: Door):
    ann = await door.owner()
    cookie = _cookie(ann)
    assert (await ask(ann, "DELETE", f"{AUTH}session/"))[0] == 200
    assert _cookie(ann) == ""
    again = await door.client(Cookie=f"{door.accounts.cookie}={cookie}")
    assert (await ask(again, "GET", "/state"))[0] == 401


async def test_the_login_of_a_program_answers_a_token_and_logout_ends_it(door: Door):
    await door.owner()
    anybody = await door.client()
    status, answer = await ask(anybody, "POST", f"{AUTH}login/", named(ANN))
    assert status == 200
    assert set(answer) == {"success", "message", "data", "status_code"}
    assert answer["data"]["user"]["username"] == "ann"
    assert _cookie(anybody) == ""
    for scheme in ("Token", "Bearer", "token"):
        program = await door.bearer(answer["data"]["token"], scheme)
        assert (await ask(program, "GET", f"{AUTH}profile/"))[1]["data"]["username"] == "ann"
    assert (await ask(program, "POST", f"{AUTH}logout/"))[0] == 200
    assert (await ask(program, "GET", f"{AUTH}profile/"))[0] == 401


async def test_a_profile_is_changed_by_its_user(door: Door):
    await door.owner()
    ben = await door.guest()
    change = {"email": "ben@example.org", "first_name": "Ben"}
    status, answer = await ask(ben, "PUT", f"{AUTH}profile/update/", change)
    assert status == 200
    shown = (await ask(ben, "GET", f"{AUTH}profile"))[1]["data"]
    assert answer["data"] == shown
    assert (shown["email"], shown["first_name"], shown["last_name"]) == (*change.values(), "")
    for wrong in ({"email": "no"}, {"role": "owner"}, {"first_name": "a\nb"}, {"username": "ann"}):
        status, answer = await ask(ben, "PUT", f"{AUTH}profile/update/", wrong)
        assert (status, set(answer["details"])) == (400, set(wrong))


async def test_only_an_owner_adds_users(door: Door):
    ann = await door.owner()
    ben = await door.guest()
    body = {"username": "cleo", "email": "", "password": BEN[1], "password_confirm": BEN[1]}
    assert (await ask(await door.client(), "POST", f"{AUTH}register/", body))[0] == 401
    assert (await ask(ben, "POST", f"{AUTH}register/", body))[0] == 403
    program = await door.bearer(await door.token("read", "control"))
    assert (await ask(program, "POST", f"{AUTH}register/", body))[0] == 403
    status, answer = await ask(ann, "POST", f"{AUTH}register/", body)
    assert status == 201
    assert answer["data"]["user"]["role"] == "guest"
    cleo = await door.bearer(answer["data"]["token"])
    assert (await ask(cleo, "GET", "/state"))[0] == 200
    status, answer = await ask(ann, "POST", f"{AUTH}register/", {**body, "username": "CLEO"})
    assert (status, answer["details"]["username"]) == (400, "there is a user of that name already")


async def test_wrong_passwords_are_slowed_down_and_the_pause_is_named(
    door: Door, caplog: pytest.LogCaptureFixture
):
    await door.owner()
    stranger = await door.client()
    wrong = {"username": "ann", "password": "not hers at all"}
    for _ in range(FREE):
        status, answer = await ask(stranger, "POST", f"{AUTH}session/", wrong)
        assert (status, answer["message"]) == (401, "The name or the password is wrong.")
    refused = await asyncio.gather(
        *(stranger.post(AUTH + path, json=named(ANN)) for path in ("session/", "login/"))
    )
    for response in refused:
        assert response.status == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 2
        assert "try again in" in (await response.json())["message"]
    warnings = [one.message for one in caplog.records if one.levelno >= logging.WARNING]
    assert warnings == ["too many attempts to sign in from 127.0.0.1: it waits 2 s"]


@pytest.mark.usefixtures("stretched_in_earnest")
async def test_many_attempts_at_once_all_count(door: Door):
    await door.owner()
    strangers = [await door.client() for _ in range(20)]
    wrong = {"username": "ann", "password": "not hers at all"}
    asked = [ask(stranger, "POST", f"{AUTH}login/", wrong) for stranger in strangers]
    statuses = [status for status, _ in await asyncio.gather(*asked)]
    assert FREE <= statuses.count(401) <= FREE + 1  # one more if the machine took two seconds
    assert statuses.count(401) + statuses.count(429) == 20


@pytest.mark.usefixtures("stretched_in_earnest")
async def test_an_unknown_name_is_refused_like_a_wrong_password(door: Door):
    await door.owner()
    answers, effort = {}, {}
    for name in ("ann", "nobody"):
        efforts = []
        for _ in range(3):
            began = time.process_time()  # not the clock on the wall: the machine may be busy
            assert await door.accounts.sign_in(name, "not hers at all") is None
            efforts.append(time.process_time() - began)
        effort[name] = min(efforts)
        body = {"username": name, "password": "not hers at all"}
        answers[name] = await ask(await door.client(), "POST", f"{AUTH}login/", body)
    assert answers["ann"] == answers["nobody"]
    assert effort["nobody"] > effort["ann"] / 3  # both stretch a password: nothing is cut short


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 9000,
        b'{"username": 1, "password": null}',
        b'{"username": "ann\\u0000", "password": "\\ud800"}',
        b'{"username": "' + b"a" * 400 + b'", "password": "x"}',
        b'{"name": "x", "scopes": [[]], "days": 1e400}',
        b'{"name": "x", "scopes": "read", "days": NaN}',
        b" " * 20_000,
    ],
)
async def test_whatever_is_sent_is_refused_in_one_sentence(door: Door, body: bytes):
    ann = await door.owner()
    headers = {"Content-Type": "application/json"}
    for method, path in (
        ("POST", "session/"),
        ("POST", "login/"),
        ("POST", "register/"),
        ("POST", "welcome/"),
        ("POST", "tokens/"),
        ("POST", "password/"),
        ("PUT", "profile/update/"),
    ):
        async with ann.request(method, AUTH + path, data=body, headers=headers) as response:
            answer = await response.json()
        assert response.status in (400, 401, 413), path
        assert (answer["success"], answer["error"]) == (False, True)
        assert answer["message"]
        assert "\n" not in answer["message"]


async def test_another_page_signs_nobody_in_or_out(door: Door):
    ann = await door.owner()
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await ask(ann, "POST", f"{AUTH}session/", named(BEN), **headers))[0] == 403
        assert (await ask(ann, "DELETE", f"{AUTH}session/", **headers))[0] == 403
        assert (await ask(ann, "POST", "/control", {"mute": True}, **headers))[0] == 403
    assert (await ask(ann, "GET", "/state", Host="evil.test"))[0] == 403
    assert (await ask(ann, "GET", "/state"))[0] == 200
    form = aiohttp.FormData(named(ANN))
    async with ann.post(f"{AUTH}session/", data=form) as response:
        assert response.status == 415


async def test_a_program_with_a_token_needs_no_origin_but_one_with_a_cookie_does(door: Door):
    ann = await door.owner()
    foreign = {"Origin": "http://panel.example"}
    token = await door.token("control")
    program = await door.bearer(token)
    assert (await ask(program, "POST", "/control", {"mute": True}, **foreign))[0] == 200
    both = {**foreign, "Authorization": f"Token {token}"}
    assert (await ask(ann, "POST", "/control", {"mute": True}, **both))[0] == 403
    liar = await door.bearer("nothing")
    assert (await ask(liar, "POST", "/control", {"mute": True}, **foreign))[0] == 401


async def test_no_secret_is_logged_or_answered(door: Door, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    code = await door.accounts.begin_code()
    client = await door.client()
    said = [await ask(client, "POST", f"{AUTH}welcome/", {**FIRST, "code": code})]
    said.append(await ask(client, "POST", f"{AUTH}session/", named(ANN)))
    said.append(await ask(client, "POST", f"{AUTH}session/", {**named(ANN), "pin": 1}))
    said.append(await ask(client, "POST", f"{AUTH}session/", [ANN[1]]))
    for path in ("me/", "profile/", "sessions/", "tokens/", "users/"):
        said.append(await ask(client, "GET", AUTH + path))
    text = caplog.text + repr(said)
    for secret in (ANN[1], code, _cookie(client), "$argon2"):
        assert secret not in text


def _cookie(client: aiohttp.ClientSession) -> str:
    found = [cookie for cookie in client.cookie_jar if cookie.key.startswith("mirror_")]
    return found[0].value if found else ""


def _url(door: Door) -> aiohttp.typedefs.URL:
    return aiohttp.typedefs.URL(door.address)
