"""What mirrors send: each item once in effect, whatever order and however often it comes."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mirrord.collective.schema import (
    BUCKET,
    TALLY,
    accounts,
    contributions,
    hours,
    mirrors,
    quarters,
    sessions,
    tallies,
)
from mirrord.collective.tally import HOUR_MS, QUARTER_MS
from mirrord.model import MOODS
from tests.collective_kit import MINUTE_MS, Api, served, tally

NOW = int(time.time() * 1000) // HOUR_MS * HOUR_MS - 2 * HOUR_MS


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path, limits={"mirror_per_minute": 100_000}) as api:
        yield api


def batch(*items: Any) -> dict[str, Any]:
    return {"version": 1, "sent_at": int(time.time() * 1000), "items": list(items)}


def finished(session: str, started: int, ended: int, readings: int = 10) -> dict[str, Any]:
    ends = {"started": started, "ended": ended, "readings": readings}
    moods = {"first": [100, 200, 300, 400], "last": [400, 300, 200, 100]}
    calm = [started, started + 1000]
    more = {"mood_ms": [1, 2, 3, 4], "transitions": [[3, 6, 2]], "calm": calm}
    return {"kind": "session", "session": session, **ends, **moods, **more}


async def send(api: Api, mirror: str, *items: Any) -> list[str]:
    answer = await api.post("api/sync/", batch(*items), mirror)
    assert answer.status == 200, answer.body
    return [one["code"] or one["outcome"] for one in answer.data["results"]]


async def test_an_item_counts_once_however_often_it_is_sent(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    item = tally("s", NOW)
    assert await send(api, mirror, item, item) == ["stored", "duplicate"]
    assert await send(api, mirror, item) == ["duplicate"]
    assert await send(api, mirror, tally("s", NOW, "calm")) == ["differs"]
    stats = await api.get("api/system/stats/", token)
    assert stats.data["total_readings"] == 10
    found = await api.get("api/readings/distribution/", token)
    assert {one["name"]: one["count"] for one in found.data["moods"]}["joy"] == 10


async def test_two_requests_at_once_store_an_item_once(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    items = [tally("s", NOW + minute * MINUTE_MS) for minute in range(20)]
    answers = await asyncio.gather(*(send(api, mirror, *items) for _ in range(6)))
    assert sum(answer.count("stored") for answer in answers) == 20
    stats = await api.get("api/system/stats/", token)
    assert stats.data["total_readings"] == 200


async def test_every_item_is_judged_for_itself(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    soon = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS + HOUR_MS
    lying = tally("s", NOW, sums=[99_999_999] + [0] * 5)
    uneven = tally("s", NOW + 1, lows=[[0, NOW + 1]] * 6, highs=[[0, NOW + 1]] * 6)
    odd = {"kind": "tally", "session": "s"}
    early = tally("s", 60_000)
    answers = await send(
        api, mirror, lying, uneven, odd, "x", tally("s", soon), early, tally("s", NOW)
    )
    assert answers == ["invalid"] * 4 + ["clock", "clock", "stored"]


@pytest.mark.parametrize(
    "body",
    [
        {"version": 2, "sent_at": 0, "items": [{}]},
        {"version": 1, "sent_at": 0, "items": []},
        {"version": 1, "sent_at": -1, "items": [{}]},
        {"version": 1, "sent_at": 0, "items": [{}] * 501},
        {"version": 1, "sent_at": 0, "items": [{}], "more": 1},
        [],
        "text",
    ],
)
async def test_what_is_no_batch_is_refused_whole(api: Api, body: Any):
    _, token = await api.account("ann")
    answer = await api.post("api/sync/", body, await api.mirror(token))
    assert answer.status == 400
    assert answer.body["message"]


async def test_a_batch_may_be_packed_and_a_bomb_is_not_unpacked(api: Api):
    _, token = await api.account("ann")
    headers = {
        "Authorization": await api.mirror(token),
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    where = f"{api.url}/emotions/api/sync/"
    packed = gzip.compress(json.dumps(batch(tally("s", NOW))).encode())
    async with api.http.post(where, data=packed, headers=headers) as answer:
        assert (await answer.json())["data"]["results"][0]["outcome"] == "stored"
    bomb = gzip.compress(b" " * 20_000_000)
    async with api.http.post(where, data=bomb, headers=headers) as answer:
        assert answer.status == 413
    torn = packed[: len(packed) // 2]
    async with api.http.post(where, data=torn, headers=headers) as answer:
        assert answer.status == 400


async def test_a_finished_session_has_its_insights(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    end = finished("s", NOW, NOW + MINUTE_MS)
    assert await send(api, mirror, tally("s", NOW), end) == ["stored", "stored"]
    assert await send(api, mirror, end) == ["duplicate"]
    session = (await api.get("api/sessions/s/", token)).data
    assert (session["is_active"], session["total_readings"]) == (False, 10)
    insights = (await api.get("api/sessions/s/insights/", token)).data
    assert insights["progression"]["joy"] == pytest.approx(0.03)
    assert insights["longest_calm"]["seconds"] == 1.0


async def test_an_erased_session_stays_erased(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    await send(api, mirror, tally("s", NOW), tally("other", NOW), finished("s", NOW, NOW))
    assert await send(api, mirror, {"kind": "erase", "session": "s"}) == ["stored"]
    assert await send(api, mirror, tally("s", NOW), finished("s", NOW, NOW)) == ["erased"] * 2
    assert (await api.get("api/sessions/s/", token)).status == 404
    assert (await api.get("api/system/stats/", token)).data["total_readings"] == 10


async def test_late_items_never_change_what_is_current(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    minute = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    await send(api, mirror, tally("s", minute - HOUR_MS), tally("s", minute, is_historical=True))
    assert await count(api, contributions) == 0
    await send(api, mirror, tally("t", minute))
    assert await count(api, contributions) == 1


async def test_a_mirror_sees_and_changes_its_own_alone(api: Api):
    _, token = await api.account("ann")
    one, two = await api.mirror(token, "One"), await api.mirror(token, "Two")
    await send(api, one, tally("s", NOW))
    await send(api, two, tally("s", NOW), {"kind": "erase"})
    assert (await api.get("api/mirrors/self/", one)).data["tallies"] == 1
    assert (await api.get("api/mirrors/self/", two)).data["tallies"] == 0
    erased = await api.post("api/mirrors/self/erase/", {"confirm": "erase"}, one)
    assert erased.data == {"tallies": 1, "sessions": 1}
    assert (await api.get("api/mirrors/self/", one)).status == 401
    assert await count(api, tallies) == 0
    assert await count(api, hours) == 0


@pytest.mark.parametrize("seed", range(6))
async def test_rollups_are_what_the_tallies_add_up_to(api: Api, seed: int):
    """In any order of sending, sending again and erasing."""
    rng = random.Random(seed)
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    sent: list[dict[str, Any]] = []
    for _ in range(25):
        name = f"s{rng.randrange(5)}"
        match rng.randrange(6):
            case 0 if sent:
                await send(api, mirror, *rng.sample(sent, min(len(sent), 3)))
            case 1:
                since = NOW + rng.randrange(60) * MINUTE_MS
                until = since + rng.randrange(20) * MINUTE_MS
                span = {"since": since, "until": until}
                one = {"session": name} if rng.random() < 0.5 else {}
                await send(api, mirror, {"kind": "erase", **one, **span})
            case 2 if rng.random() < 0.3:
                await send(api, mirror, {"kind": "erase", "session": name})
            case _:
                starts = [NOW + rng.randrange(120) * MINUTE_MS for _ in range(6)]
                new = [tally(name, at, rng.choice(MOODS), rng.randrange(1, 9)) for at in starts]
                sent += new
                await send(api, mirror, *new)
        await check_sums(api)


async def check_sums(api: Api) -> None:
    """Compare every rollup with what the tallies that are stored add up to, exactly."""
    rows = await everything(api, tallies)
    for table, width in ((quarters, QUARTER_MS), (hours, HOUR_MS)):
        wanted: dict[int, list[int]] = defaultdict(lambda: [0] * len(BUCKET))
        for row in rows:
            start = row["start"] // width * width
            wanted[start] = [
                old + row[name] for old, name in zip(wanted[start], BUCKET, strict=True)
            ]
        kept = {
            row["start"]: [row[name] for name in BUCKET] for row in await everything(api, table)
        }
        assert kept == dict(wanted)
    for session in await everything(api, sessions):
        mine = [row for row in rows if row["session"] == session["session"]]
        for name in TALLY:
            values = [row[name] for row in mine]
            if name.endswith("_low"):
                assert session[name] == min(values, default=None)
            elif name.endswith("_high"):
                assert session[name] == max(values, default=None)
            else:
                assert session[name] == sum(values)


async def test_a_code_is_confirmed_once_refused_and_guessed_seldom(api: Api):
    _, token = await api.account("ann")
    begun = (await api.post("api/mirrors/enrol/", {"name": "Hall"})).data
    code, claim = begun["code"], {"claim": begun["claim"]}
    assert (await api.post("api/mirrors/claim/", claim)).data == {"state": "waiting"}
    typed = code.lower().replace("-", " ")
    assert (await api.post("api/mirrors/ask/", {"code": typed}, token)).data["name"] == "Hall"
    assert (await api.post("api/mirrors/confirm/", {"code": code}, token)).status == 201
    assert (await api.post("api/mirrors/confirm/", {"code": code}, token)).status == 404
    lost = (await api.post("api/mirrors/claim/", claim)).data["credential"]
    kept = (await api.post("api/mirrors/claim/", claim)).data["credential"]
    assert (await api.get("api/mirrors/self/", f"Mirror {lost}")).status == 401
    assert (await api.get("api/mirrors/self/", f"Mirror {kept}")).status == 200
    assert (await api.post("api/mirrors/claim/", claim)).data == {"state": "expired"}
    other = (await api.post("api/mirrors/enrol/", {"name": "Bath"})).data
    refusal = {"code": other["code"], "accept": False}
    assert (await api.post("api/mirrors/confirm/", refusal, token)).status == 200
    refused = await api.post("api/mirrors/claim/", {"claim": other["claim"]})
    assert refused.data == {"state": "refused"}
    guesses = [await api.post("api/mirrors/ask/", {"code": "AAAA-AAAA"}, token) for _ in range(12)]
    assert guesses[-1].status == 429
    assert int(guesses[-1].headers["Retry-After"]) > 0


async def test_a_rotated_credential_takes_over_when_it_is_used(api: Api):
    _, token = await api.account("ann")
    old = await api.mirror(token)
    new = (await api.post("api/mirrors/self/rotate/", {}, old)).data["credential"]
    newer = (await api.post("api/mirrors/self/rotate/", {}, old)).data["credential"]
    assert (await api.get("api/mirrors/self/", old)).status == 200
    assert (await api.get("api/mirrors/self/", f"Mirror {new}")).status == 401
    assert (await api.get("api/mirrors/self/", f"Mirror {newer}")).status == 200
    assert (await api.get("api/mirrors/self/", old)).status == 401
    found = await everything(api, mirrors)
    assert all(newer.encode() not in row["digest"] for row in found)


async def test_a_revoked_mirror_is_out_at_once_and_what_it_sent_stays(api: Api):
    _, token = await api.account("ann")
    mirror = await api.mirror(token)
    await send(api, mirror, tally("s", NOW))
    number = (await api.get("api/mirrors/", token)).data[0]["id"]
    assert (await api.ask("DELETE", f"api/mirrors/{number}/", token)).status == 200
    assert (await api.post("api/sync/", batch(tally("s", NOW)), mirror)).status == 401
    assert (await api.get("api/sessions/s/", token)).data["total_readings"] == 10
    assert (await api.get("api/mirrors/", token)).data == []


async def count(api: Api, table: Any) -> int:
    query = select(func.count()).select_from(table)
    return int(await api.database.read(lambda of: of.scalar(query)) or 0)


async def everything(api: Api, table: Any) -> list[dict[str, Any]]:
    rows = await api.database.read(lambda of: of.execute(select(table)))
    return [dict(row) for row in rows.mappings()]


async def test_accounts_have_no_names_in_common(api: Api):
    await api.account("Ann")
    again = {"username": "ANN", "password": "ten blue kettles sing", "email": ""}
    answer = await api.post("auth/register/", {**again, "password_confirm": again["password"]})
    assert (answer.status, list(answer.body["details"])) == (400, ["username"])
    assert await count(api, accounts) == 1
