"""Spaces at the wire: who may come in, what stays promised, and whose mirrors count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from mirrord.collective.app import SHARED
from mirrord.collective.database import sqlite_url
from mirrord.collective.schema import contributions, invites, members
from mirrord.collective.spaces.members import leave_all
from tests.collective_kit import PASSWORD, Answer, Api, served, tally

MINUTE_MS = 60_000
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder: Path = tmp_path_factory.mktemp("spaces")
    limits = {"spaces": 5, "address_per_minute": 100_000}
    kept = {"url": sqlite_url(folder / "spaces.sqlite3"), "connections": 3}
    asked = {"limits": limits, "database": kept, "accounts": {"registration": "invited"}}
    async with served(folder, **asked) as api:
        all_there = asyncio.Barrier(3)  # every connection is opened now: each has a thread
        await asyncio.gather(
            *(database(api).read(lambda _: all_there.wait()) for _ in range(3)),
        )
        yield api


class House:
    """A space, and what its owner does with it."""

    def __init__(self, api: Api, space: str, owner: str) -> None:
        self.api, self.space, self.owner = api, space, owner
        self.path = f"api/spaces/{space}/"

    async def link(self, **form: Any) -> str:
        made = await self.api.post(f"{self.path}invites/", form, self.owner)
        assert made.status == 201, made.body
        return str(made.data["secret"])

    async def guest(self, name: str, role: str = "member") -> tuple[str, str]:
        """Return the id and the token of somebody who has followed a link."""
        account, token = await self.api.account(name)
        assert (await join(self.api, await self.link(role=role), token)).status == 200
        return str(account.account), token

    async def people(self) -> dict[str, str]:
        found = (await self.api.get(f"{self.path}members/", self.owner)).data
        return {one["username"]: one["role"] for one in found}


async def house(api: Api, owner: str, **form: Any) -> House:
    _, token = await api.account(owner)
    made = await api.post("api/spaces/", {"name": f"House of {owner}", **form}, token)
    assert made.status == 201, made.body
    return House(api, made.data["id"], token)


async def join(api: Api, secret: str, token: str) -> Answer:
    return await api.post("api/spaces/join/", {"secret": secret}, token)


async def test_a_private_space_is_to_strangers_as_if_it_were_not_there(api: Api):
    mine = await house(api, "anna")
    _, stranger = await api.account("stranger")
    for token in ("", stranger):
        listed = (await api.get("api/spaces/?page_size=200", token)).body
        assert mine.space not in [one["id"] for one in listed["results"]]
        for path in ("", "members/", "mirrors/", "invites/", "leave/"):
            for method in ("GET", "POST", "PATCH", "DELETE", "PUT"):
                real = await api.ask(method, f"{mine.path}{path}", token, {})
                none = await api.ask(method, f"api/spaces/4711/{path}", token, {})
                same = real.body["message"].replace(mine.space, "4711")
                assert (real.status, same) == (none.status, none.body["message"])
                assert real.status in (401, 403, 404, 405)


async def test_a_public_space_is_open_to_look_at_alone(api: Api):
    mine = await house(api, "petra", public=True, kind="festival")
    for token in ("", (await api.account("passer"))[1]):
        assert (await api.get(mine.path, token)).data["role"] is None
        assert (await api.get(f"{mine.path}members/", token)).status in (401, 403)
        assert (await api.ask("PATCH", mine.path, token, {"name": "x"})).status in (401, 403)
    listed = (await api.get("api/spaces/")).body
    assert {mine.space, "1"} <= {one["id"] for one in listed["results"]}
    assert listed["count"] == len(listed["results"])
    closed = await api.ask("PATCH", mine.path, mine.owner, {"active": False})
    assert closed.data["active"] is False
    assert (await api.get(mine.path)).status == 404
    assert (await api.get(mine.path, mine.owner)).status == 200


async def test_links_are_used_up_expire_and_are_revoked(api: Api):
    mine = await house(api, "ines")
    once = await mine.link(uses=1)
    tokens = [(await api.account(f"racer-{place}"))[1] for place in range(4)]
    said = [one.status for one in await asyncio.gather(*(join(api, once, t) for t in tokens))]
    assert sorted(said) == [200, 404, 404, 404]
    assert list((await mine.people()).values()).count("member") == 1
    looks = await mine.link(role="viewer", uses=2)
    winner, loser = (tokens[said.index(one)] for one in (200, 404))
    assert (await join(api, looks, winner)).data["role"] == "member"  # nobody becomes less
    assert (await join(api, looks, loser)).data["role"] == "viewer"
    held = (await api.get(f"{mine.path}invites/", mine.owner)).data
    assert [one["uses"] for one in held] == [1]
    assert "secret" not in held[0]
    assert (await join(api, await mine.link(), loser)).data["role"] == "member"
    gone = await api.ask("DELETE", f"{mine.path}invites/{held[0]['id']}/", mine.owner)
    assert gone.status == 200
    late = await mine.link(days=1)
    past = update(invites).values(expires=int(time.time() * 1000) - 1)
    await database(api).write(lambda to: to.execute(past))
    _, newcomer = await api.account("latecomer")
    for secret in (looks, late, "a" * 43):
        assert (await join(api, secret, newcomer)).status == 404
    kept = await database(api).read(lambda of: of.execute(select(invites.c.digest)))
    assert late.encode() not in [row.digest for row in kept]


async def test_a_link_lets_somebody_register(api: Api):
    mine = await house(api, "rita")
    form = {"username": "novice", "password": PASSWORD, "password_confirm": PASSWORD}
    assert (await api.post("auth/register/", {**form, "invite": "x" * 43})).status == 403
    secret = await mine.link()
    answer = await api.post("auth/register/", {**form, "invite": secret})
    assert answer.status == 201
    assert (await join(api, secret, f"Token {answer.data['token']}")).status == 200


async def test_the_last_owner_stays(api: Api):
    mine = await house(api, "olga")
    oskar, oskars = await mine.guest("oskar")
    assert (await api.post(f"{mine.path}leave/", {}, mine.owner)).status == 409
    assert (
        await api.ask("PUT", f"{mine.path}members/{oskar}/", mine.owner, {"role": "owner"})
    ).status == 200
    left = await asyncio.gather(
        *(api.post(f"{mine.path}leave/", {}, token) for token in (mine.owner, oskars))
    )
    assert sorted(one.status for one in left) == [200, 409]
    rows = await database(api).read(
        lambda of: of.execute(select(members.c.role).where(members.c.space == int(mine.space)))
    )
    assert [row.role for row in rows] == ["owner"]


async def test_what_people_were_promised_stays(api: Api):
    _, token = await api.account("paul")
    made = await api.post("api/spaces/", {"name": "x", "least": 4}, token)
    assert made.status == 400  # the collective asks for five
    mine = await house(api, "paula", least=7, epsilon=1.0)
    for wrong in (
        {"least": 6},
        {"epsilon": 0},
        {"epsilon": 2},
        {"epsilon": 1e-9},
        {"active": True},
    ):
        assert (await api.ask("PATCH", mine.path, mine.owner, wrong)).status == 400, wrong
    for right in ({"least": 8}, {"epsilon": 0.5}, {"window_s": 600}, {"public": True}):
        answer = await api.ask("PATCH", mine.path, mine.owner, right)
        assert answer.data | right == answer.data, answer.body
    for name in ("", " ", "a\nb", "x" * 61):
        assert (await api.ask("PATCH", mine.path, mine.owner, {"name": name})).status == 400


async def test_an_account_makes_so_many_and_no_more(api: Api):
    mine = await house(api, "max")
    made = [
        (await api.post("api/spaces/", {"name": str(place)}, mine.owner)).status
        for place in range(5)
    ]
    assert made == [201] * 4 + [409]
    assert (await api.ask("DELETE", mine.path, mine.owner)).status == 200
    assert (await api.get(mine.path, mine.owner)).status == 404
    assert (await api.post("api/spaces/", {"name": "again"}, mine.owner)).status == 201


async def test_only_its_owner_lets_a_mirror_in_and_it_counts_until_they_leave(api: Api):
    mine = await house(api, "mona")
    guest, token = await mine.guest("gustav")
    _, viewer = await mine.guest("vera", "viewer")
    mirror = await api.mirror(token)
    (known,) = (await api.get(f"{mine.path}mirrors/", token)).data
    place = f"{mine.path}mirrors/{known['id']}/"
    assert (await api.ask("PUT", place, mine.owner)).status == 404  # it is not theirs
    assert (await api.ask("PUT", place, viewer)).status == 403
    assert await counted(api, mine, mirror) == 0
    assert (await api.ask("PUT", place, token)).status == 200
    assert (await api.get("api/mirrors/self/", mirror)).data["spaces"] == ["House of mona"]
    assert await counted(api, mine, mirror) == 1
    erased = {"version": 1, "sent_at": 0, "items": [{"kind": "erase"}]}
    assert (await api.post("api/sync/", erased, mirror)).data["results"][0]["outcome"] == "stored"
    assert await contributors(api, mine) == 0
    assert await counted(api, mine, mirror) == 1
    role = {"role": "viewer"}
    assert (await api.ask("PUT", f"{mine.path}members/{guest}/", mine.owner, role)).status == 200
    assert await counted(api, mine, mirror) == 0  # what was not published yet has gone with it
    assert (await api.ask("PUT", place, token)).status == 403
    assert (await api.ask("DELETE", f"{mine.path}members/{guest}/", mine.owner)).status == 200
    assert (await api.get(mine.path, token)).status == 404
    assert set(await mine.people()) == {"mona", "vera"}


_names = iter(range(1000))


async def counted(api: Api, of: House, mirror: str) -> int:
    """Return how many contribute to the space after a mirror has sent something."""
    minute = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    sent = {"version": 1, "sent_at": minute, "items": [tally(f"s{next(_names)}", minute)]}
    assert (await api.post("api/sync/", sent, mirror)).status == 200
    return await contributors(api, of)


async def contributors(api: Api, of: House) -> int:
    query = select(contributions.c.account).where(contributions.c.space == int(of.space))
    return len((await database(api).read(lambda to: to.execute(query))).all())


async def test_a_deleted_account_leaves_its_spaces_to_others(api: Api):
    shared, alone = await house(api, "dora"), await house(api, "dirk")
    await shared.guest("erbe")
    accounts = {}
    for one in (shared, alone):
        profile = (await api.get("auth/profile/", one.owner)).data
        accounts[one.space] = int(profile["id"])
    for account in accounts.values():
        await database(api).write(lambda to, account=account: leave_all(to, account))
    rows = await database(api).read(
        lambda of: of.execute(
            select(members.c.space, members.c.role).where(
                members.c.space.in_([int(shared.space), int(alone.space)])
            )
        )
    )
    assert [tuple(row) for row in rows] == [(int(shared.space), "owner")]
    assert (await api.get(alone.path, alone.owner)).status == 404


async def test_the_world_belongs_to_nobody(api: Api):
    _, token = await api.account("king", admin=True)
    assert (await api.get("api/spaces/1/")).data["kind"] == "world"
    for method in ("PATCH", "DELETE"):
        assert (await api.ask(method, "api/spaces/1/", token, {})).status == 403
    assert (await api.post("api/spaces/1/leave/", {}, token)).status == 404


def database(api: Api) -> Any:
    return api.app[SHARED].database
