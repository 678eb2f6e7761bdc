"""Sessions, tokens and users: listed, ended, expired; and what that does to open sockets."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from mirrord.accounts import AccountBook
from tests.access_kit import ANN, AUTH, BEN, DAY_S, Door, ask, named, opened_door

NEW = "four slow green trains"


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened_door(tmp_path) as door:
        yield door


async def test_sessions_are_listed_and_ended_one_by_one(door: Door):
    ann, elsewhere = await door.owner(), await door.signed_in(ANN)
    status, answer = await ask(ann, "GET", f"{AUTH}sessions/")
    assert status == 200
    mine, other = sorted(answer["data"], key=lambda one: not one["current"])
    assert (mine["current"], other["current"]) == (True, False)
    assert mine["address"] == "127.0.0.1"
    assert (await ask(ann, "DELETE", f"{AUTH}sessions/{other['id']}/"))[0] == 200
    assert (await ask(elsewhere, "GET", "/state"))[0] == 401
    assert (await ask(ann, "GET", "/state"))[0] == 200
    assert (await ask(ann, "DELETE", f"{AUTH}sessions/{other['id']}/"))[0] == 404


async def test_nobody_ends_or_sees_the_session_of_another(door: Door):
    ann, ben = await door.owner(), await door.guest()
    ids = [one["id"] for one in (await ask(ann, "GET", f"{AUTH}sessions/"))[1]["data"]]
    shown = [one["id"] for one in (await ask(ben, "GET", f"{AUTH}sessions/"))[1]["data"]]
    assert not set(ids) & set(shown)
    assert (await ask(ben, "DELETE", f"{AUTH}sessions/{ids[0]}/"))[0] == 404
    assert (await ask(ann, "GET", "/state"))[0] == 200


async def test_signing_out_everywhere(door: Door):
    ann, elsewhere = await door.owner(), await door.signed_in(ANN)
    ben = await door.guest()
    status, answer = await ask(ann, "DELETE", f"{AUTH}sessions/")
    assert (status, answer["data"]) == (200, {"ended": 2})
    for client, expected in ((ann, 401), (elsewhere, 401), (ben, 200)):
        assert (await ask(client, "GET", "/state"))[0] == expected


async def test_a_session_slides_for_a_month_and_ends_after_a_year(door: Door):
    ann = await door.owner()
    for _ in range(13):
        door.clock.now += 27 * DAY_S
        await asyncio.sleep(0)
        door.accounts.changes += 1  # what was found before is not believed
        assert (await ask(ann, "GET", "/state"))[0] == 200
    door.clock.now += 27 * DAY_S
    door.accounts.changes += 1
    assert (await ask(ann, "GET", "/state"))[0] == 401


async def test_a_session_that_nobody_uses_ends_after_a_month(door: Door):
    ann = await door.owner()
    door.clock.now += 31 * DAY_S
    door.accounts.changes += 1
    assert (await ask(ann, "GET", "/state"))[0] == 401


async def test_a_clock_set_back_signs_nobody_out(door: Door):
    ann = await door.owner()
    door.clock.now -= 400 * DAY_S
    door.accounts.changes += 1
    assert (await ask(ann, "GET", "/state"))[0] == 200


async def test_a_token_is_shown_once_and_holds_until_it_is_revoked(door: Door):
    ann = await door.owner()
    body = {"name": "evening script", "scopes": ["read"], "days": 30}
    status, answer = await ask(ann, "POST", f"{AUTH}tokens/", body)
    assert status == 201
    made = answer["data"]
    assert made["scopes"] == ["look", "read"]
    assert len(made["token"]) == 43
    listed = (await ask(ann, "GET", f"{AUTH}tokens/"))[1]["data"]
    assert listed == [{key: value for key, value in made.items() if key != "token"}]
    program = await door.bearer(made["token"])
    assert (await ask(program, "GET", "/state"))[0] == 200
    assert (await ask(program, "POST", "/control", {"mute": True}))[0] == 403
    assert (await ask(ann, "DELETE", f"{AUTH}tokens/{made['id']}/"))[0] == 200
    status, answer = await ask(program, "GET", "/state")
    assert (status, answer["message"]) == (
        401,
        "This token is unknown, has expired or was revoked.",
    )


async def test_a_token_expires(door: Door):
    await door.owner()
    program = await door.bearer(await door.token("read", days=2.0))
    assert (await ask(program, "GET", "/state"))[0] == 200
    door.clock.now += 2 * DAY_S
    door.accounts.changes += 1
    assert (await ask(program, "GET", "/state"))[0] == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 4000}, "days"),
        ({"colour": "blue"}, "colour"),
    ],
)
async def test_a_token_that_cannot_be_is_named(door: Door, change: dict[str, object], field: str):
    ann = await door.owner()
    body = {"name": "x", "scopes": ["read"], "days": 1.0, **change}
    status, answer = await ask(ann, "POST", f"{AUTH}tokens/", body)
    assert (status, set(answer["details"])) == (400, {field})


async def test_a_token_makes_neither_tokens_nor_users_nor_passwords(door: Door):
    await door.owner()
    program = await door.bearer(await door.token("look", "read", "control"))
    password = {"current": ANN[1], "password": NEW, "password_confirm": NEW}
    for method, path, body in (
        ("POST", "tokens/", {"name": "x", "scopes": ["read"]}),
        ("GET", "tokens/", None),
        ("GET", "users/", None),
        ("DELETE", "users/ann/", None),
        ("POST", "password/", password),
        ("GET", "sessions/", None),
        ("PUT", "profile/update/", {"email": ""}),
    ):
        status, answer = await ask(program, method, AUTH + path, body)
        assert (status, "password" in answer["message"]) == (403, True), path


async def test_a_new_password_ends_every_other_session(door: Door):
    ann, elsewhere = await door.owner(), await door.signed_in(ANN)
    body = {"current": ANN[1], "password": NEW, "password_confirm": NEW}
    status, answer = await ask(ann, "POST", f"{AUTH}password/", {**body, "current": "not it"})
    assert (status, set(answer["details"])) == (400, {"current"})
    status, answer = await ask(ann, "POST", f"{AUTH}password/", {**body, "password_confirm": "x"})
    assert (status, set(answer["details"])) == (400, {"password_confirm"})
    assert (await ask(ann, "POST", f"{AUTH}password/", body))[0] == 200
    assert (await ask(ann, "GET", "/state"))[0] == 200
    assert (await ask(elsewhere, "GET", "/state"))[0] == 401
    assert (await ask(elsewhere, "POST", f"{AUTH}session/", named(ANN)))[0] == 401
    assert (await ask(elsewhere, "POST", f"{AUTH}session/", named((ANN[0], NEW))))[0] == 200


async def test_an_owner_removes_anybody_but_the_last_owner(door: Door):
    ann, ben = await door.owner(), await door.guest()
    names = [one["username"] for one in (await ask(ann, "GET", f"{AUTH}users/"))[1]["data"]]
    assert names == ["ann", "ben"]
    assert (await ask(ann, "DELETE", f"{AUTH}users/ben/"))[0] == 200
    assert (await ask(ben, "GET", "/state"))[0] == 401
    assert (await ask(ann, "DELETE", f"{AUTH}users/ben/"))[0] == 404
    status, answer = await ask(ann, "DELETE", f"{AUTH}users/ann/")
    assert (status, answer["details"]) == (
        400,
        {"username": "ann is the last owner and has to stay"},
    )


async def _ended(socket: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(10):
        while not (await socket.receive()).type.name.startswith("CLOS"):
            pass


async def test_an_open_socket_closes_with_the_session_that_opened_it(door: Door):
    ann, elsewhere = await door.owner(), await door.signed_in(ANN)
    ben = await door.guest()
    async with elsewhere.ws_connect("/live") as gone, ben.ws_connect("/live") as stays:
        assert (await gone.receive_json())["viewer"] == {
            "user": "ann",
            "role": "owner",
            "scopes": ["look", "read", "control"],
        }
        assert (await ask(ann, "DELETE", f"{AUTH}sessions/"))[0] == 200
        await _ended(gone)
        first = await stays.receive_json()
        await door.mirror.control({"mute": True})
        assert (await stays.receive_json())["rev"] > first["rev"]


async def test_what_a_command_revokes_is_refused_soon_and_its_socket_closed(
    door: Door, tmp_path: Path
):
    await door.owner()
    secret = await door.token("look")
    program = await door.bearer(secret)
    async with program.ws_connect("/live") as socket:
        await socket.receive_json()
        with AccountBook(tmp_path / "accounts.sqlite3", door.clock) as book:  # as a command does
            [key] = book.keys(None, ("api",))
            assert book.revoke(key.id, None, ("api",))
        await _ended(socket)
    assert (await ask(program, "GET", "/state"))[0] == 401


async def test_a_page_that_may_not_look_is_told_why_its_socket_closes(door: Door):
    await door.owner()
    stranger = await door.client()
    origin = {"Origin": door.address.rstrip("/")}
    async with stranger.ws_connect("/live", headers=origin) as socket:
        await socket.receive()
        assert socket.close_code == 4401
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stranger.ws_connect("/live")
    assert refused.value.status == 401


async def test_at_this_computer_nothing_is_asked_until_there_is_an_owner(tmp_path: Path):
    async with opened_door(tmp_path, optional=True) as door:
        here = await door.client()
        me = (await ask(here, "GET", f"{AUTH}me/"))[1]["data"]
        assert (me["how"], me["user"], me["role"]) == ("local", None, "owner")
        assert (await ask(here, "POST", "/control", {"mute": True}))[0] == 200
        for proxied in ("X-Forwarded-For", "Forwarded", "Via"):
            assert (await ask(here, "GET", "/state", **{proxied: "192.0.2.7"}))[0] == 401
        assert (await ask(here, "GET", "/state", Authorization="Token nothing"))[0] == 401
        assert (await ask(here, "GET", f"{AUTH}users/"))[0] == 403
        async with here.ws_connect("/live") as socket:
            await socket.receive_json()
            code = await door.accounts.begin_code()
            other = await door.client()
            first = {"username": "ann", "password": ANN[1], "password_confirm": ANN[1]}
            assert (await ask(other, "POST", f"{AUTH}welcome/", {**first, "code": code}))[0] == 201
            await _ended(socket)
        assert (await ask(here, "GET", "/state"))[0] == 401
        assert (await ask(other, "GET", "/state"))[0] == 200


async def test_the_camera_goes_on_again_by_who_may_control(door: Door):
    ann, ben = await door.owner(), await door.guest()
    for client, status in ((ben, 403), (await door.client(), 401), (ann, 200)):
        assert (await ask(client, "POST", "/control", {"camera": True}))[0] == status
    assert door.mirror.asked == [{"camera": True}]


async def test_a_guests_own_account_and_nothing_of_others(door: Door):
    await door.owner()
    ben = await door.guest()
    body = {"current": BEN[1], "password": NEW, "password_confirm": NEW}
    assert (await ask(ben, "POST", f"{AUTH}password/", body))[0] == 200
    assert (await ask(ben, "GET", f"{AUTH}users/"))[0] == 403
    assert (await ask(ben, "DELETE", f"{AUTH}users/ann/"))[0] == 403
    assert (await ask(ben, "GET", f"{AUTH}tokens/"))[0] == 403
    assert (await ask(ben, "POST", f"{AUTH}logout/"))[0] == 200


async def test_accounts_that_do_not_answer_keep_nobody_from_the_cameras_switch(
    door: Door, tmp_path: Path
):
    ann = await door.owner()
    assert (await ask(ann, "GET", "/state"))[0] == 200
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite3")) as database:
        database.execute("DROP TABLE keys")
    door.accounts.changes += 1
    status, answer = await ask(ann, "GET", "/state")
    assert status == 503
    assert "cannot be used now" in answer["message"]
    assert (await ask(ann, "POST", "/control", {"camera": True}))[0] == 401
    assert (await ask(ann, "POST", "/control", {"camera": False}))[0] == 200
    assert (await ask(ann, "GET", "/login"))[0] == 200
    assert door.mirror.asked == [{"camera": False}]
