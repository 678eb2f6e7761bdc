"""Who may do what in the collective: every route of the table, asked for by everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from mirrord.api.mount import PREFIX
from mirrord.api.resources.table import RESOURCES
from mirrord.collective.doors import DOORS, Rule
from mirrord.collective.people.keys import KeyRing
from tests.collective_kit import PASSWORD, Answer, Api, served

ANYBODY = {"public", "look"}
SIGNED_IN = ANYBODY | {"read", "control", "account"}
MAY: dict[str, set[str]] = {
    "nobody": ANYBODY,
    "other": SIGNED_IN,
    "owner": SIGNED_IN,
    "reader": ANYBODY | {"read"},
    "looker": ANYBODY,
    "member": SIGNED_IN,
    "viewer": SIGNED_IN,
    "mirror": {"public", "mirror"},
    "admin": SIGNED_IN | {"admin"},
}
RANK = {"none": 0, "viewer": 1, "member": 2, "owner": 3}
ROLES = {"owner": "owner", "reader": "owner", "looker": "owner"}  # in the space
ROLES |= {"member": "member", "viewer": "viewer"}
ENDING = ("logout", "password", "erase", "self", "session", "leave")  # they end what others need


@dataclass
class House:
    """One API with everybody in it; the records and mirrors are the owner's."""

    api: Api
    tokens: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def filled(self, path: str) -> str:
        for name, value in self.places.items():
            path = path.replace("{" + name + "}", value)
        return path

    async def ask(self, who: str, method: str, path: str) -> Answer:
        body = {} if method in ("POST", "PUT", "PATCH") else None
        return await self.api.ask(method, self.filled(path), self.tokens[who], body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    limits = dict.fromkeys(("address_per_minute", "account_per_minute"), 1000000)
    folder: Path = tmp_path_factory.mktemp("house")
    async with served(folder, limits={**limits, "mirror_per_minute": 1_000_000}) as api:
        house = House(api, {"nobody": ""})
        for name in ("owner", "other", "member", "viewer", "admin"):
            _, house.tokens[name] = await api.account(name, admin=name == "admin")
        keys = KeyRing(api.database)
        owner = int((await api.get("auth/profile/", house.tokens["owner"])).data["id"])
        for name, scopes in (("reader", ("look", "read")), ("looker", ("look",))):
            _, secret = await keys.begin(owner, "api", 1.0, name, scopes)
            house.tokens[name] = f"Token {secret}"
        house.tokens["mirror"] = await api.mirror(house.tokens["owner"])
        house.places = await _places(api, house.tokens["owner"])
        for role in ("member", "viewer"):
            await _let_in(house, role)
        yield house


async def _let_in(house: House, role: str) -> None:
    where = f"api/spaces/{house.places['space']}/invites/"
    owner, guest = house.tokens["owner"], house.tokens[role]
    made = await house.api.post(where, {"role": role, "days": 1, "uses": 1}, owner)
    joined = await house.api.post("api/spaces/join/", {"secret": made.data["secret"]}, guest)
    assert joined.status in (200, 201), (made.body, joined.body)


async def _places(api: Api, owner: str) -> dict[str, str]:
    """Return what the paths may name, all of it the owner's."""
    moods = {"joy": 0.5, "calm": 0.5, "energy": 0.5, "melancholy": 0.5}
    made = await api.post("api/readings/", {"session_id": "mine", **moods}, owner)
    mirrors = await api.get("api/mirrors/", owner)
    space = await api.post("api/spaces/", {"name": "Ours", "kind": "home", "public": False}, owner)
    return {
        "id": made.data["id"],
        "session_id": "mine",
        "mirror": mirrors.data[0]["id"],
        "space": (space.body.get("data") or {}).get("id", "0"),
        "account": "1",
        "number": "1",
        "session": "1",
        "start": "0",
        "list": "users",
        "page": "world",
        "name": "nothing",
    }


def _may(who: str, rule: Rule, method: str) -> bool:
    if rule not in ("viewer", "member", "owner"):
        return rule in MAY[who]
    scope = "control" if method != "GET" else "look" if rule == "viewer" else "read"
    return scope in MAY[who] and RANK[ROLES.get(who, "none")] >= RANK[rule]


def _denied(answer: Answer, rule: Rule) -> bool:
    hidden = answer.status == 404 and "space" in answer.body.get("details", {})
    to_login = answer.status in (302, 303)
    return answer.status in (401, 403) or hidden or to_login


def _late(one: tuple[tuple[str, str], Rule]) -> tuple[bool, int, str, str]:
    """What deletes comes last, a space itself after what is in it: it ends what others need."""
    (method, path), _ = one
    deletes = method == "DELETE"
    return deletes, -path.count("/") if deletes else 0, method, path


@pytest.mark.asyncio(loop_scope="module")
async def test_every_route_lets_in_whom_its_rule_names_and_nobody_else(house: House):
    wrong = []
    doors = house.api.app[DOORS].items()
    for (method, path), rule in sorted(doors, key=_late):
        again = method == "DELETE" and not path.endswith("/")  # it was deleted with the slash
        if path.startswith("/ws/") or method == "HEAD" or again:
            continue
        for who in MAY:
            allowed = _may(who, rule, method)
            if any(word in path for word in ENDING) and allowed:
                continue  # these have tests of their own
            answer = await house.ask(who, method, path)
            if answer.status >= 500 or _denied(answer, rule) is allowed:
                wrong.append((method, path, rule, who, answer.status))
    assert not wrong


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_somebody_elses_is_not_there(house: House):
    found = []
    for (method, path), rule in sorted(house.api.app[DOORS].items()):
        named = any("{" + name + "}" in path for name in ("id", "session_id", "mirror"))
        if not named or rule not in ("read", "control", "account") or path.startswith("/ws/"):
            continue
        answer = await house.ask("other", method, path)
        if answer.status not in (400, 404):
            found.append((method, path, answer.status))
    assert not found
    theirs = await house.api.get("api/readings/", house.tokens["other"])
    assert theirs.body["count"] == 0


@pytest.mark.asyncio(loop_scope="module")
async def test_every_route_stands_in_the_documents(house: House):
    docs = Path(__file__).parent.parent / "docs"
    text = "\n".join(page.read_text() for page in docs.glob("collective*.md"))
    shared = {(PREFIX + one.path).rstrip("/") for one in RESOURCES}  # docs/api.md, by its own test
    paths = {path.rstrip("/") for _, path in house.api.app[DOORS]}
    missing = {
        path for path in paths - shared if path not in text and path != PREFIX + "docs/handbook.css"
    }
    assert not missing


@pytest.mark.asyncio(loop_scope="module")
async def test_a_foreign_page_cannot_use_a_browsers_cookie(house: House):
    account, _ = await house.api.account("browser")
    _, secret = await KeyRing(house.api.database).begin(account.account, "cookie", 1.0)
    moods = {"joy": 0.5, "calm": 0.5, "energy": 0.5, "melancholy": 0.5}
    reading = {"session_id": "s", **moods}
    cookie = {"Cookie": f"collective={secret}"}
    own = await house.api.post("api/readings/", reading, **cookie, Origin=house.api.url)
    foreign = await house.api.post("api/readings/", reading, **cookie, Origin="http://evil.example")
    fetched = await house.api.post("api/readings/", reading, **cookie, Sec_Fetch_Site="cross-site")
    assert (own.status, foreign.status, fetched.status) == (201, 403, 403)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_deactivated_account_holds_nothing(house: House):
    account, token = await house.api.account("gone")
    mirror = await house.api.mirror(token)
    from mirrord.collective.people.book import AccountBook

    await AccountBook(house.api.database).set_active(account.account, active=False)
    assert (await house.api.get("api/mirrors/self/", mirror)).status == 401
    again = await house.api.post("auth/login/", {"username": "gone", "password": PASSWORD})
    assert again.status == 401
