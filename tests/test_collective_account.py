"""A browser's session, everything of an account taken along, and the account erased."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from mirrord.collective.people import erasing
from mirrord.collective.schema import cohorts, metadata
from tests.collective_kit import MINUTE_MS, PASSWORD, Api, served, tally

MOODS = {"joy": 0.5, "calm": 0.2, "energy": 0.2, "melancholy": 0.1}
OWNED = [table for table in metadata.sorted_tables if "account" in table.c]


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path) as api:
        yield api


async def lived(api: Api, name: str) -> tuple[int, str, str]:
    """Return an account that has used everything, its token, and the id of its space."""
    account, token = await api.account(name)
    mirror = await api.mirror(token)
    start = (int(time.time() * 1000) - MINUTE_MS) // MINUTE_MS * MINUTE_MS
    items = [
        tally("visit", start),
        tally("old", start - MINUTE_MS),
        {"kind": "erase", "session": "old"},
    ]
    sent = await api.post("api/sync/", {"version": 1, "sent_at": start, "items": items}, mirror)
    assert [one["outcome"] for one in sent.data["results"]] == ["stored"] * 3
    made = await api.post("api/readings/", {"session_id": "mine", **MOODS}, token)
    assert made.status == 201
    space = await api.post("api/spaces/", {"name": "Ours"}, token)
    mirrors = await api.get("api/mirrors/", token)
    where = f"api/spaces/{space.data['id']}/mirrors/{mirrors.data[0]['id']}/"
    assert (await api.ask("PUT", where, token)).status == 200
    token_made = {"name": "script", "scopes": ["read"]}
    assert (await api.post("auth/tokens/", token_made, token)).status == 201
    row = {"space": 1, "start": start, "account": account.account}
    await api.database.write(lambda to: to.execute(cohorts.insert(), row))
    return account.account, token, space.data["id"]


async def rows_of(api: Api, account: int) -> dict[str, int]:
    """Return how many rows of each table are an account's."""

    async def job(of: Any) -> dict[str, int]:
        found = {}
        for table in OWNED:
            query = select(func.count()).select_from(table).where(table.c.account == account)
            found[table.name] = int(await of.scalar(query) or 0)
        return found

    return await api.database.read(job)


async def test_a_browser_is_signed_in_by_a_cookie_that_scripts_cannot_read(api: Api) -> None:
    form = {"username": "ann", "password": PASSWORD, "password_confirm": PASSWORD}
    made = await api.post("auth/session/register/", form)
    assert made.status == 201
    cookie = made.headers["Set-Cookie"]
    assert cookie.startswith("collective=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    login = {"username": "ann", "password": PASSWORD}
    proxied = await api.post("auth/session/", login, X_Forwarded_Proto="https")
    assert "Secure" in proxied.headers["Set-Cookie"]
    sent = {"Cookie": cookie.partition(";")[0]}
    api.http.cookie_jar.clear()
    assert (await api.ask("GET", "auth/me/", **sent)).data["user"] == "ann"
    foreign = await api.ask("DELETE", "auth/session/", **sent, Origin="http://evil.example")
    assert foreign.status == 403
    await api.ask("DELETE", "auth/session/", **sent)
    assert (await api.ask("GET", "auth/profile/", **sent)).status == 401
    wrong = await api.post("auth/session/", {"username": "ann", "password": "no"})
    nobody = await api.post("auth/session/", {"username": "nobody", "password": "no"})
    assert (wrong.status, wrong.body) == (nobody.status, nobody.body)
    assert wrong.status == 401


async def test_everything_is_taken_along_but_no_secret(api: Api) -> None:
    account, token, _ = await lived(api, "ann")
    await lived(api, "ben")
    answer = await api.get("auth/export/", token)
    lines = [json.loads(line) for line in answer.body.splitlines()]
    *records, end = lines
    assert end["kind"] == "end"
    kinds = [one["kind"] for one in records]
    assert end["counts"] == {kind: kinds.count(kind) for kind in set(kinds)}
    assert set(kinds) >= {"account", "key", "mirror", "membership", "mirror_in_space", "session"}
    assert set(kinds) >= {"reading", "tally", "contribution", "erased_session", "counted"}
    assert all(one.get("account") in (None, str(account)) for one in records)
    reading = next(one for one in records if one["kind"] == "reading")
    assert reading["joy"] == 5000
    assert reading["response"]["lighting_color"].startswith("#")
    assert "argon2" not in answer.body
    assert "ben" not in answer.body
    assert not [one for one in records if {"digest", "password"} & one.keys()]


async def test_an_erased_account_is_in_no_table(api: Api) -> None:
    account, token, space = await lived(api, "ann")
    other, theirs, _ = await lived(api, "ben")
    invite = await api.post(f"api/spaces/{space}/invites/", {}, token)
    await api.post("api/spaces/join/", {"secret": invite.data["secret"]}, theirs)
    before, kept = await rows_of(api, account), await rows_of(api, other)
    assert [name for name, count in before.items() if not count] == []
    wrong = await api.post("auth/erase/", {"password": "no"}, token)
    assert wrong.status == 400
    assert await rows_of(api, account) == before
    done = await api.post("auth/erase/", {"password": PASSWORD}, token)
    assert done.status == 200
    gone = done.data["deleted"]
    assert {name: gone[name] for name in gone if name in before} == {
        name: count for name, count in before.items() if name in gone
    }
    assert set(before) - set(gone) == {"cohorts"}
    assert set((await rows_of(api, account)).values()) == {0}
    assert await rows_of(api, other) == kept
    assert (await api.get("auth/profile/", token)).status == 401
    heir = await api.get(f"api/spaces/{space}/", theirs)
    assert heir.data["role"] == "owner"


async def test_nothing_comes_in_behind_an_erasure(api: Api) -> None:
    account, token, space = await lived(api, "ann")
    _, theirs, others = await lived(api, "ben")
    invite = await api.post(f"api/spaces/{others}/invites/", {"uses": 9}, theirs)
    secret = {"secret": invite.data["secret"]}
    asked = [
        ask
        for number in range(6)
        for ask in (
            api.post("api/readings/", {"session_id": f"s{number}", **MOODS}, token),
            api.post("api/sessions/", {"session_id": f"t{number}"}, token),
            api.post("auth/tokens/", {"name": "late", "scopes": ["read"]}, token),
            api.post("api/spaces/", {"name": "Late"}, token),
            api.post("api/spaces/join/", secret, token),
        )
    ]
    erased = asyncio.create_task(api.post("auth/erase/", {"password": PASSWORD}, token))
    answers = await asyncio.gather(*asked)
    assert (await erased).status == 200
    assert {one.status for one in answers} <= {200, 201, 400, 401, 404, 409}
    assert set((await rows_of(api, account)).values()) == {0}
    assert (await api.get(f"api/spaces/{space}/", theirs)).status == 404


async def test_an_erasure_that_was_cut_short_is_finished(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, token, _ = await lived(api, "ann")

    async def dies(*_: object) -> dict[str, int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_take_piece", dies)
        with pytest.raises(KeyboardInterrupt):
            await erasing.erase(api.database, account)
    again = await api.post("auth/login/", {"username": "ann", "password": PASSWORD})
    assert again.status == 401
    assert (await rows_of(api, account))["readings"] == 1
    assert await erasing.finish(api.database) == 1
    assert set((await rows_of(api, account)).values()) == {0}
    late = await api.post("api/readings/", {"session_id": "mine", **MOODS}, token)
    assert late.status == 401
