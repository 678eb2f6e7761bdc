"""Everybody before every route of the whole mirror: a route without a rule of its own is closed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from mirrord.accounts import Accounts, NewUser
from mirrord.config import accounts_path, parse
from mirrord.daemon import started
from mirrord.web.access.rules import rule
from tests.access_kit import ANN, AUTH, BEN, ask, named

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = ("/static/", "/fonts/", "/words/")
# All that anybody may do: the ways in, and nothing that tells of the mirror or the people in it.
# Whoever adds to this list opens an address to strangers.
PUBLIC = {
    ("GET", "/login"),
    ("GET", "/welcome"),
    ("GET", "/notice"),  # what visitors are to be told, and the way to switching it off
    ("GET", "/notice/facts"),
    ("GET", "/address.svg"),
    ("GET", f"{AUTH}me/"),
    ("POST", f"{AUTH}welcome/"),
    ("POST", f"{AUTH}register/"),
    ("POST", f"{AUTH}login/"),
    ("POST", f"{AUTH}session/"),
    ("DELETE", f"{AUTH}session/"),
}
# What only who may change it is shown.
OWNERS = ("/settings/",)
# All that a guest may: look, and their own account.
LOOK = {
    *(("GET", page) for page in ("/", "/mirror", "/account", "/state", "/live")),
    *(("GET", page) for page in ("/history", "/room", "/settings", "/privacy")),  # without data
    *(("GET", AUTH + path) for path in ("profile/", "sessions/")),
    *(("POST", AUTH + path) for path in ("logout/", "password/")),
    ("PUT", f"{AUTH}profile/update/"),
    ("DELETE", f"{AUTH}sessions/"),
    ("DELETE", f"{AUTH}sessions/{{id}}/"),
}


@dataclass
class House:
    """A whole running mirror, and who stands before it."""

    routes: list[tuple[str, str]]
    people: dict[str, aiohttp.ClientSession]

    async def statuses(self, who: str) -> dict[tuple[str, str], int]:
        """Return how each route answers somebody. What is let in finds nothing to change."""
        found = {}
        for method, path in self.routes:
            address = re.sub(r"\{\w+(:[^}]*)?\}", "nothing-of-this-name", path)
            found[method, path] = (await ask(self.people[who], method, address))[0]
            if who == "guest" and method != "GET" and found[method, path] == 200:
                signed = await ask(self.people[who], "POST", f"{AUTH}session/", named(BEN))
                assert signed[0] == 200  # that was a way out
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "empty").mkdir()
    config = parse(
        {
            "camera": {"source": str(folder / "empty")},
            "store": {"path": str(folder / "mirror.sqlite3")},
            "web": {"port": 0},
        },
        "test.toml",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(folder))
        async with (
            started(config) as (daemon, address),
            Accounts.open(accounts_path(config)) as accounts,
            AsyncExitStack() as stack,
        ):
            await daemon.control({"camera": False})  # no test of this house begins a process
            while daemon.sight.pid is not None:
                await asyncio.sleep(0.02)
            await _begun(address, daemon.code)
            yield House(daemon.routes, await _people(accounts, address, stack))


async def _begun(address: str, code: str) -> None:
    """Make ann the owner, as she does it herself."""
    first = {"username": ANN[0], "password": ANN[1], "password_confirm": ANN[1], "code": code}
    async with aiohttp.ClientSession(address) as client:
        assert (await ask(client, "POST", f"{AUTH}register/", first))[0] == 201


async def _people(
    accounts: Accounts, address: str, stack: AsyncExitStack
) -> dict[str, aiohttp.ClientSession]:
    ann = await accounts.user("ann")
    assert ann is not None
    await accounts.add_user(NewUser(*BEN), "guest")

    async def client(token: str = "", who: tuple[str, str] | None = None) -> aiohttp.ClientSession:
        headers = {"Authorization": f"Token {token}"} if token else {}
        jar = aiohttp.CookieJar(unsafe=True)
        made = await stack.enter_async_context(
            aiohttp.ClientSession(address, headers=headers, cookie_jar=jar)
        )
        if who:
            assert (await ask(made, "POST", f"{AUTH}session/", named(who)))[0] == 200
        return made

    async def token(*scopes: str, days: float = 1.0) -> str:
        return (await accounts.add_token(ann, "test", scopes, days))[1]

    revoked = await token("read", "control")
    for key in await accounts.keys(ann.id, ("api",)):
        await accounts.revoke(key.id, ann.id, ("api",))
    return {
        "nobody": await client(),
        "guest": await client(who=BEN),
        "owner": await client(who=ANN),
        "reader": await client(await token("read")),
        "controller": await client(await token("control")),
        "looker": await client(await token("look")),
        "revoked": await client(revoked),
        "expired": await client(await token("read", "control", days=1e-9)),
        "unknown": await client("x" * 43),
    }


def is_public(method: str, path: str) -> bool:
    asked = {(_read(method), path), (_read(method), path.rstrip("/") + "/")}
    return path.startswith(FILES) or bool(asked & PUBLIC)


def is_look(method: str, path: str) -> bool:
    asked = {(_read(method), path), (_read(method), path.rstrip("/") + "/")}
    return bool(asked & LOOK)


def _read(method: str) -> str:
    return "GET" if method == "HEAD" else method


async def test_the_mirror_has_all_its_routes(house: House):
    paths = {path for _, path in house.routes}
    assert {"/", "/control", "/state", "/live", "/login", "/account", f"{AUTH}login/"} <= paths
    assert len(house.routes) > 40


@pytest.mark.parametrize("who", ["nobody", "revoked", "expired", "unknown"])
async def test_strangers_find_every_door_closed_but_the_ways_in(house: House, who: str):
    statuses = await house.statuses(who)
    wrong = {
        route: status
        for route, status in statuses.items()
        if (status == 401) is is_public(*route)
        and route not in {("POST", f"{AUTH}register/"), ("POST", f"{AUTH}register")}
    }
    assert not wrong


@pytest.mark.parametrize("who", ["guest", "looker"])
async def test_who_may_look_may_nothing_else(house: House, who: str):
    statuses = await house.statuses(who)
    left = {
        route: status
        for route, status in statuses.items()
        if not is_public(*route) and not is_look(*route) and status != 403
    }
    assert not left
    let_in = {
        route: status
        for route, status in statuses.items()
        if _read(route[0]) == "GET" and is_look(*route) and "sessions" not in route[1]
    }
    assert let_in
    assert not {route for route, status in let_in.items() if status in (401, 403)}


async def test_who_may_read_changes_nothing(house: House):
    statuses = await house.statuses("reader")
    changes = {
        route: status
        for route, status in statuses.items()
        if _read(route[0]) != "GET" and not is_public(*route) and not is_look(*route)
    }
    assert set(changes.values()) == {403}
    reads = {
        route: status
        for route, status in statuses.items()
        if _read(route[0]) == "GET" and not route[1].startswith((AUTH, *OWNERS))
    }
    assert not {route for route, status in reads.items() if status in (401, 403)}


async def test_who_may_control_reads_nothing(house: House):
    records = [
        (method, path)
        for method, path in house.routes
        if method == "GET" and not is_public(method, path) and not is_look(method, path)
    ]
    assert records
    for method, path in records:
        address = re.sub(r"\{\w+(:[^}]*)?\}", "nothing-of-this-name", path)
        status, _ = await ask(house.people["controller"], method, address)
        assert status == 403 or path.startswith(OWNERS), path
    status, _ = await ask(house.people["controller"], "POST", "/control", {"mute": True})
    assert status == 200


async def test_the_owner_reads_everything(house: House):
    for method, path in house.routes:
        if method == "GET":
            address = re.sub(r"\{\w+(:[^}]*)?\}", "nothing-of-this-name", path)
            status, _ = await ask(house.people["owner"], method, address)
            assert status not in (401, 403), path
            assert status < 500, path


@pytest.mark.parametrize("who", ["nobody", "guest", "looker", "reader", "revoked", "expired"])
async def test_anybody_switches_the_camera_off_and_nothing_else(house: House, who: str):
    person = house.people[who]
    refused = 403 if who in ("guest", "looker", "reader") else 401
    for change in (
        {"camera": True},
        {"camera": False, "mute": True},
        {"camera": 0},
        {"mute": True},
        [],
    ):
        assert (await ask(person, "POST", "/control", change))[0] == refused, change
    status, answer = await ask(person, "POST", "/control", {"camera": False})
    assert status == 200
    state = (await ask(house.people["owner"], "GET", "/state"))[1]
    assert state["controls"]["camera"] is False
    if refused == 401:
        assert answer["data"] == {"camera": False}
    foreign = {"Origin": "http://evil.test"}
    assert (await ask(house.people["nobody"], "POST", "/control", {"camera": False}, **foreign))[
        0
    ] == 403


async def test_a_profile_counts_what_its_user_began(house: House):
    ann = house.people["owner"]
    reading = {"session_id": "by ann", "joy": 1.0, "calm": 0.0, "energy": 0.0, "melancholy": 0.0}
    for _ in range(2):
        assert (await ask(ann, "POST", "/emotions/api/readings/", reading))[0] == 201
    profile = (await ask(ann, "GET", f"{AUTH}profile/"))[1]["data"]
    assert (profile["total_sessions"], profile["total_readings"]) == (1, 2)
    profile = (await ask(house.people["guest"], "GET", f"{AUTH}profile/"))[1]["data"]
    assert (profile["total_sessions"], profile["total_readings"]) == (0, 0)


async def test_what_has_no_rule_takes_the_most():
    assert rule("GET", "/something/new") == "read"
    assert rule("HEAD", "/something/new") == "read"
    assert rule("POST", "/state") == "control"
    assert rule("*", "/login") == "control"
    assert rule("PATCH", f"{AUTH}me/") == "control"
    assert rule("GET", "/staticky") == "read"


async def test_a_page_shows_a_person_the_way_in(house: House):
    browser = {"Accept": "text/html,*/*;q=0.8"}
    nobody = house.people["nobody"]
    for path, to in (("/", "%2F"), ("/account?days=7", "%2Faccount%3Fdays%3D7")):
        async with nobody.get(path, headers=browser, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == f"/login?next={to}"
    async with nobody.get("/welcome", headers=browser, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/login?next=%2Fwelcome"
    async with nobody.get(f"{AUTH}profile/", headers=browser) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Token"
