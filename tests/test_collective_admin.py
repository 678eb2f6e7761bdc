"""Administration: what its lists show and do not, what it does, and that all of it is logged."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert

from mirrord.analytics.aggregate import MEASURES
from mirrord.collective import commands
from mirrord.collective.admin.lists import LISTS
from mirrord.collective.schema import WORLD, published
from tests.collective_kit import MINUTE_MS, PASSWORD, Api, served, tally

MOODS = {"joy": 0.7, "calm": 0.1, "energy": 0.1, "melancholy": 0.1}
TELLING = ("joy", "calm", "energy", "melancholy", "valence", "arousal", "expression", "color")


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path) as api:
        yield api


async def log_of(api: Api, root: str) -> list[tuple[str, str, str]]:
    found = await api.get("api/admin/audit/", root)
    return [(one["actor"], one["act"], one["kind"]) for one in found.body["results"]]


async def read(api: Api, token: str, often: int = 1) -> list[dict[str, Any]]:
    made = []
    for _ in range(often):
        answer = await api.post("api/readings/", {"session_id": "mine", **MOODS}, token)
        made.append(answer.data)
    return made


async def test_lists_are_searched_filtered_and_paged_and_tell_no_mood(api: Api) -> None:
    _, root = await api.account("root", admin=True)
    for name in ("ann", "anna_b", "ben"):
        _, token = await api.account(name)
        await api.mirror(token, f"{name}'s hall")
    await read(api, token, 3)
    for name in LISTS:
        answer = await api.get(f"api/admin/{name}/", root)
        assert answer.status == 200, name
        told = {key for row in answer.body["results"] for key in row}
        assert not [key for key in told if any(word in key for word in TELLING)], name

    async def names(query: str) -> list[str]:
        found = await api.get(f"api/admin/users/?{query}", root)
        return sorted(one["username"] for one in found.body["results"])

    assert await names("search=ANN") == ["ann", "anna_b"]
    assert await names("search=_") == ["anna_b"]  # no wildcard
    assert await names("admin=true") == ["root"]
    first = await api.get("api/admin/users/?page_size=3", root)
    assert first.body["count"] == 4
    rest = await api.get(first.body["next"].partition("/emotions/")[2], root)
    assert len(first.body["results"]) + len(rest.body["results"]) == 4
    of_ben = await api.get("api/admin/readings/?user=ben", root)
    of_ann = await api.get("api/admin/readings/?user=ann", root)
    assert (of_ben.body["count"], of_ann.body["count"]) == (3, 0)
    assert (await api.get("api/admin/mirrors/?search=anna", root)).body["count"] == 1
    assert (await api.get("api/admin/readings/?admin=true", root)).status == 400
    assert (await api.get("api/admin/secrets/", root)).status == 404


async def test_what_is_deactivated_holds_nothing_from_that_moment(api: Api) -> None:
    chief, root = await api.account("root", admin=True)
    ann, token = await api.account("ann")
    mirror = await api.mirror(token)
    number = (await api.get("api/mirrors/", token)).data[0]["id"]
    path = f"api/admin/mirrors/{ann.account}/{number}/"
    assert (await api.ask("PUT", path, root, {"active": False})).status == 200
    assert (await api.get("api/mirrors/self/", mirror)).status == 401
    assert (await api.get("auth/profile/", token)).status == 200
    assert (
        await api.ask("PUT", f"api/admin/users/{ann.account}/", root, {"active": False})
    ).status == 200
    assert (await api.get("auth/profile/", token)).status == 401
    oneself = f"api/admin/users/{chief.account}/"
    assert (await api.ask("PUT", oneself, root, {"is_admin": False})).status == 409
    assert (await api.ask("DELETE", oneself, root)).status == 409
    assert (await api.ask("PUT", "api/admin/spaces/1/", root, {"active": False})).status == 409
    assert (await api.ask("DELETE", "api/admin/users/7/", root)).status == 404
    assert await log_of(api, root) == [
        ("root", "active=false", "user"),
        ("root", "deactivate", "mirror"),
    ]


async def test_what_is_deleted_is_gone_from_all_that_it_added_up_to(api: Api) -> None:
    _, root = await api.account("root", admin=True)
    ann, token = await api.account("ann")
    mirror = await api.mirror(token)
    first, second = await read(api, token, 2)
    path = f"api/admin/readings/{ann.account}/{first['id']}/"
    assert (await api.ask("DELETE", path, root)).status == 200
    assert (await api.ask("DELETE", path, root)).status == 404
    left = await api.get("api/readings/", token)
    assert [one["id"] for one in left.body["results"]] == [second["id"]]
    assert left.body["count"] == 1
    session = (await api.get("api/sessions/mine/", token)).data
    assert (session["total_readings"], session["average_joy"]) == (1, 0.7)
    trend = (await api.get("api/readings/trends/?hours=1&resolution=minute", token)).data
    assert sum(one["count"] for one in trend) == 1

    start = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    batch = {"version": 1, "sent_at": start, "items": [tally("visit", start)]}
    assert (await api.post("api/sync/", batch, mirror)).status == 200
    number = (await api.get("api/mirrors/", token)).data[0]["id"]
    gone = await api.ask("DELETE", f"api/admin/mirrors/{ann.account}/{number}/", root)
    assert gone.data["deleted"] == {"sessions": 1, "tallies": 1, "mirror_spaces": 0, "mirrors": 1}
    assert (await api.post("api/sync/", batch, mirror)).status == 401

    rows = (await api.get("api/admin/sessions/", root)).body["results"]
    where = f"api/admin/sessions/{ann.account}/{rows[0]['id']}/"
    assert (await api.ask("PUT", where, root, {"active": False})).status == 200
    assert (await api.get("api/sessions/mine/", token)).data["is_active"] is False
    assert (await api.ask("DELETE", where, root)).status == 200
    stats = (await api.get("api/system/stats/", token)).data
    assert (stats["total_readings"], stats["total_sessions"]) == (0, 0)

    space = (await api.post("api/spaces/", {"name": "Ours"}, token)).data["id"]
    assert (await api.ask("DELETE", f"api/admin/spaces/{space}/", root)).status == 200
    assert (await api.get(f"api/spaces/{space}/", token)).status == 404
    assert (await api.ask("DELETE", f"api/admin/users/{ann.account}/", root)).status == 200
    assert (await api.get("auth/profile/", token)).status == 401
    log = (await api.get("api/admin/audit/", root)).body["results"]
    assert [one["kind"] for one in log] == [
        "user",
        "space",
        "session",
        "session",
        "mirror",
        "reading",
    ]
    assert not [one for one in log if "ann" in (one["subject"] + one["detail"])]


async def test_what_is_done_by_command_is_logged_too(api: Api) -> None:
    await commands.add_account(api.database, "Root", PASSWORD, is_admin=True)
    await commands.set_password(api.database, "root", PASSWORD + "!")
    await commands.set_active(api.database, "root", active=False)
    _, root = await api.account("boss", admin=True)
    log = (await api.get("api/admin/audit/?user=command", root)).body["results"]
    assert [one["act"] for one in log] == ["active=false", "password", "add admin"]
    assert {one["detail"] for one in log} == {"Root"}
    assert PASSWORD not in str(log)


async def test_an_act_that_fails_is_not_logged_and_one_that_cannot_be_logged_is_not_done(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, root = await api.account("root", admin=True)
    ann, token = await api.account("ann")
    assert (
        await api.ask("PUT", f"api/admin/mirrors/{ann.account}/5/", root, {"active": False})
    ).status == 404
    assert await log_of(api, root) == []

    async def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("mirrord.collective.admin.acts.note", full)
    answer = await api.ask("PUT", f"api/admin/users/{ann.account}/", root, {"active": False})
    assert answer.status == 503
    assert (await api.get("auth/profile/", token)).status == 200


async def test_a_published_figure_is_taken_back(api: Api) -> None:
    _, root = await api.account("root", admin=True)
    at = int(time.time() * 1000) // 300_000 * 300_000 - 300_000
    moods = dict.fromkeys(MEASURES, 5000)
    row = {"space": WORLD, "start": at, "shown": True, "contributors": 5, "readings": 50, "at": at}
    await api.database.write(lambda to: to.execute(insert(published), {**row, **moods}))
    assert (await api.get("api/collective/current/")).data is not None
    (found,) = (await api.get("api/admin/collective/", root)).body["results"]
    path = f"api/admin/collective/{found['space']}/{found['id']}/"
    assert (await api.ask("DELETE", path, root)).status == 200
    assert (await api.ask("DELETE", path, root)).status == 404
    assert (await api.get("api/collective/current/")).data is None
    assert await log_of(api, root) == [("root", "delete", "figure")]
