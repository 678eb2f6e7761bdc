"""Windows become figures: once, whoever is first, and never again; and what they add up to."""

from __future__ import annotations

import asyncio
import random
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event, insert, text

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.collective.app import SHARED
from mirrord.collective.caller import ANYBODY
from mirrord.collective.figures.answers import Figures
from mirrord.collective.figures.table import resources
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.publishing import TOPIC, publisher
from mirrord.collective.publishing import windows as publishing
from mirrord.collective.publishing.figure import figure_of, mean_of
from mirrord.collective.publishing.withdrawing import withdraw_figure
from mirrord.collective.schema import (
    WORLD,
    cohorts,
    contributions,
    published,
    published_hours,
    sessions,
)
from mirrord.runtime.backoff import Backoff
from tests.collective_kit import Api, served, tally
from tests.collective_lab import START, WINDOW_MS, Lab, lab, mood

MINUTE_MS = 60_000


async def test_every_process_publishes_and_one_of_them_wins(tmp_path: Path):
    async with lab(tmp_path) as it:
        await it.space(1)
        for place in range(3):  # nobody was there to publish for a while
            crowd = {who: mood(place / 4) for who in range(8)}
            await it.contribute(1, START + place * WINDOW_MS, crowd)
        it.now = START + 3 * WINDOW_MS + GRACE_MS
        shown = await asyncio.gather(*(it.another().once() for _ in range(4)))
        assert sum(shown) == 3
        rows = await it.answers()
        assert [row["joy"] for row in rows] == [0, 2500, 5000]
        assert [msgspec.json.decode(one)["cursor"] for one in it.heard] == [
            str(row["start"]) for row in rows
        ]
        (hour,) = await it.rows(published_hours)
        assert (hour["windows"], hour["joy_sum"], hour["contributors"]) == (3, 7500, 15)
        assert not await it.rows(contributions)


async def test_a_figure_that_is_taken_back_is_as_if_it_had_never_been_shown(tmp_path: Path):
    """The hour is what it would be without it; its window stays closed, its cohort remembered."""
    crowds = [{who: mood(place / 4) for who in range(8)} for place in range(3)]
    async with lab(tmp_path) as it, lab(tmp_path, 1) as without:
        for one in (it, without):
            await one.space(1)
        for place, crowd in enumerate(crowds):
            await it.window(place, {1: crowd})
            await without.window(place, {1: {} if place == 1 else crowd})
        start = START + WINDOW_MS
        assert await it.database.write(lambda to: withdraw_figure(to, 1, start))
        assert not await it.database.write(lambda to: withdraw_figure(to, 1, start))
        assert await it.rows(published_hours) == await without.rows(published_hours)
        row = next(row for row in await it.answers() if row["start"] == start)
        assert not row["shown"]
        assert {row[name] for name in MEASURES} == {None}
        assert start in {row["start"] for row in await it.rows(cohorts)}
        await it.contribute(1, start, crowds[0])
        assert await it.publisher.once() == 0
        for place in (0, 2):
            last = START + place * WINDOW_MS
            assert await it.database.write(lambda to, at=last: withdraw_figure(to, 1, at))
        assert await it.rows(published_hours) == []


async def test_what_comes_too_late_changes_nothing(tmp_path: Path):
    async with lab(tmp_path) as it:
        await it.space(1)
        await it.window(0, {1: {who: mood(0.5) for who in range(6)}})
        before = await it.answers()
        await it.contribute(1, START, {who: mood(1.0) for who in range(10, 30)})
        assert await it.publisher.once() == 0
        assert await it.answers() == before
        assert not await it.rows(contributions)


async def test_a_window_waits_until_it_is_over(tmp_path: Path):
    async with lab(tmp_path) as it:
        await it.space(1)
        await it.contribute(1, START, {who: mood(0.5) for who in range(6)})
        it.now = START + WINDOW_MS + GRACE_MS - 1
        assert await it.publisher.once() == 0
        assert await it.answers() == []
        it.now += 1
        assert await it.publisher.once() == 1


async def test_too_few_are_no_figure(tmp_path: Path):
    async with lab(tmp_path) as it:
        await it.space(1)
        await it.window(0, {1: {who: mood(0.5) for who in range(4)}})
        (row,) = await it.answers()
        assert {name: row[name] for name in ("shown", "joy", "contributors")} == {
            "shown": False,
            "joy": None,
            "contributors": None,
        }
        assert it.heard == await it.rows(published_hours) == await it.rows(cohorts) == []


async def test_many_are_averaged_by_the_database_as_few_are_by_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rng = random.Random(3)
    moods = {who: tuple(rng.uniform(-1.2, 1.2) for _ in range(6)) for who in range(300)}
    monkeypatch.setattr(publishing, "LARGE", 300)
    async with lab(tmp_path) as it:
        await it.space(1)
        await it.window(0, {1: moods})
        (row,) = await it.answers()
        assert not await it.rows(cohorts)
    kept = [mean_of([round(one * UNIT) * 7 for one in some], 7) for some in moods.values()]
    assert tuple(row[name] for name in MEASURES) == figure_of(kept, 0.0, rng)
    assert (row["contributors"], row["readings"]) == (200, 2000)


async def test_one_space_in_trouble_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    usual = publishing.choose

    def fails_once(present: Any, shown: Any, least: int, rng: Any) -> list[int]:
        if least == 6:
            raise ZeroDivisionError
        return usual(present, shown, least, rng)

    monkeypatch.setattr(publishing, "choose", fails_once)
    async with lab(tmp_path) as it:
        await it.space(1, least=6)
        await it.space(2)
        crowd = {who: mood(0.5) for who in range(8)}
        assert await it.window(0, {1: crowd, 2: crowd}) == 1
        monkeypatch.undo()
        assert await it.publisher.once() == 1


async def test_running_publishers_take_turns_and_get_over_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(publisher, "LOOK_S", 0.01)
    monkeypatch.setattr(publisher, "Backoff", lambda **_: Backoff(0.001, 0.01))
    async with lab(tmp_path) as it:
        await it.database.write(lambda to: to.execute(text("ALTER TABLE spaces RENAME TO away")))
        running = [asyncio.create_task(it.another().run()) for _ in range(2)]
        told = asyncio.Event()
        it.bus.listen(TOPIC, lambda _: told.set())
        async with asyncio.timeout(20):
            while not it.database.problem:
                await asyncio.sleep(0)
        await it.database.write(lambda to: to.execute(text("ALTER TABLE away RENAME TO spaces")))
        await it.space(1)
        it.now = START + WINDOW_MS + GRACE_MS
        await it.contribute(1, START, {who: mood(0.5) for who in range(6)})
        async with asyncio.timeout(20):
            await told.wait()
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        assert len(it.heard) == 1


async def test_sessions_that_nothing_came_of_for_a_day_end(tmp_path: Path):
    async with lab(tmp_path) as it:
        names = ("device_type", "session_id")
        for number, age_h in ((1, 23), (2, 25)):
            row = {
                "account": 5,
                "session": number,
                "mirror": 0,
                "started": 0,
                "last_activity": it.now - age_h * 3_600_000,
                "is_active": True,
                "ended": False,
                **dict.fromkeys(names, str(number)),
            }
            await it.database.write(lambda to, row=row: to.execute(insert(sessions), row))
        await it.contribute(77, START, {1: mood(0.5)})  # to a space that is gone
        await it.publisher.once()
        assert not await it.rows(contributions)
        active = {row["session"]: row["is_active"] for row in await it.rows(sessions)}
        assert active == {1: True, 2: False}


async def test_mirrors_of_a_space_become_its_figure(tmp_path: Path):
    """At the wire, from six mirrors' sync to every answer, a late tally among them."""
    async with served(tmp_path) as api:
        database = api.app[SHARED].database
        space, mirrors, owner = await _peopled(api)
        minute = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
        for place, mirror in enumerate(mirrors):
            late = tally("late", minute - 60 * MINUTE_MS, "melancholy", is_historical=True)
            items = [tally("now", minute, "joy" if place < 4 else "calm"), late]
            sent = await api.post(
                "api/sync/", {"version": 1, "sent_at": minute, "items": items}, mirror
            )
            assert [one["outcome"] for one in sent.data["results"]] == ["stored", "stored"]
        it = Lab(database)
        it.now = minute + 2 * WINDOW_MS
        assert await it.publisher.once() == 2  # the world and the space
        about = f"?space={space}"
        current = (await api.get(f"api/collective/current/{about}", owner)).data
        assert current["collective_joy"] == 0.67
        assert current["collective_calm"] == 0.33
        assert current["collective_melancholy"] == 0
        assert (current["active_sessions"], current["total_readings_processed"]) == (5, 50)
        assert current["dominant_collective_emotion"] == "joy"
        listed = (await api.get(f"api/collective/{about}", owner)).body
        assert listed["count"] == 1
        assert listed["results"] == [current]
        history = (await api.get(f"api/collective/history/{about}&hours=2", owner)).body
        assert history["results"] == [current]
        insights = (await api.get(f"api/collective/insights/{about}", owner)).data
        assert insights["windows"] == 1
        assert insights["peaks"] == dict.fromkeys(insights["peaks"], current)
        assert insights["active_sessions"] == {"smallest": 5, "largest": 5, "mean": 5.0}
        assert {msgspec.json.decode(one)["space"] for one in it.heard} == {"1", space}
        world = (await api.get("api/collective/current/")).data
        assert world["space"] == "1"
        assert world["collective_joy"] == 0.67
        for hidden in ("", await _stranger(api)):
            answer = await api.get(f"api/collective/current/{about}", hidden)
            missing = await api.get("api/collective/current/?space=123456789", hidden)
            assert (answer.status, missing.status) == (404, 404)
            assert answer.body["message"].replace(space, "123456789") == missing.body["message"]


async def _peopled(api: Api) -> tuple[str, list[str], str]:
    """Return a private space, six mirrors of six people in it, and the owner's token."""
    _, owner = await api.account("owner")
    space = (await api.post("api/spaces/", {"name": "Ours"}, owner)).data["id"]
    link = await api.post(f"api/spaces/{space}/invites/", {"uses": 5}, owner)
    mirrors = []
    for place in range(6):
        token = owner
        if place:
            _, token = await api.account(f"guest-{place}")
            joined = await api.post("api/spaces/join/", {"secret": link.data["secret"]}, token)
            assert joined.status == 200, joined.body
        mirrors.append(await api.mirror(token))
        mine = (await api.get(f"api/spaces/{space}/mirrors/", token)).data
        assert [one["joined"] for one in mine] == [False]
        path = f"api/spaces/{space}/mirrors/{mine[0]['id']}/"
        assert (await api.ask("PUT", path, token)).status == 200
    return space, mirrors, owner


async def _stranger(api: Api) -> str:
    _, token = await api.account("stranger")
    return token


async def test_answers_ask_published_figures_alone_and_little(tmp_path: Path):
    """So they tell nothing that is not published, and cost the same however many mirrors send."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    async with lab(tmp_path) as it:
        await it.space(1)
        await it.window(0, {1: {who: mood(0.5) for who in range(8)}})
        event.listen(Engine, "before_cursor_execute", note)
        try:
            for row in resources(Figures(it.database)):
                asked.clear()
                needed = {"with": "1"} if row.path.endswith("compare/") else {}
                question = msgspec.convert({"space": "1", **needed}, row.asked)
                await row.answerer(None, ANYBODY, question)
                tables = {name for one in asked for name in re.findall(r"(?:FROM|JOIN) (\w+)", one)}
                assert tables <= {"spaces", "members", "published", "published_hours"}, row.path
                assert 1 < len(asked) <= 4, row.path
        finally:
            event.remove(Engine, "before_cursor_execute", note)


HOUR_MS = 3_600_000


async def test_years_of_figures(tmp_path: Path):
    """Two days, hour by hour, of two spaces: every answer agrees with the figures."""
    async with served(tmp_path) as api:
        it = Lab(api.app[SHARED].database)
        await it.space(2)
        now = int(time.time() * 1000) // HOUR_MS * HOUR_MS
        starts = [now - hours * HOUR_MS for hours in range(48, 0, -1)]
        for place, start in enumerate(starts):
            crowd = {who: mood((place % 24) / 24, 0.5) for who in range(8)}
            await it.contribute(WORLD, start, crowd)
            if place % 2:
                await it.contribute(2, start, crowd)
        it.now = now
        await it.publisher.once()
        assert len(await it.rows(published)) == 72
        trends = (await api.get("api/collective/trends/?hours=8760")).data
        assert [one["count"] for one in trends] == [1] * 48
        joys = [round((place % 24) / 24, 2) for place in range(48)]
        assert [one["joy"] for one in trends] == joys
        days = (await api.get("api/collective/trends/?hours=100&resolution=day")).data
        assert sum(one["count"] for one in days) == 48
        shares = (await api.get("api/collective/distribution/?hours=100")).data
        assert shares["total"] == 48
        assert [one["count"] for one in shares["moods"]] == [24, 24, 0, 0]  # of equals the first
        cells = (await api.get("api/collective/heatmap/?timezone=Asia/Kolkata")).data
        assert sum(one["count"] for one in cells) == 48
        points = (await api.get("api/collective/trajectory/?hours=100&points=10")).data
        assert sum(one["readings"] for one in points) == 48
        weeks = (await api.get("api/collective/weeks/?timezone=Europe/Berlin")).data
        assert weeks["this"]["count"] + weeks["whole_before"]["count"] == 48
        insights = (await api.get("api/collective/insights/?hours=60")).data
        peak = insights["peaks"]["joy"]
        assert peak["collective_joy"] == 0.96
        assert datetime.fromisoformat(peak["timestamp"]) == datetime.fromtimestamp(
            starts[23] / 1000, UTC
        )
        both = (await api.get("api/collective/compare/?with=2&hours=100")).data
        assert (both["space"]["windows"], both["with"]["windows"]) == (48, 24)
        assert both["hours_together"] == 24
        assert set(both["apart"].values()) == {0.0}
        assert both["difference"]["joy"] == pytest.approx(-1 / 48, abs=0.006)
        pages, path = [], "api/collective/?page_size=30"
        while path:
            body = (await api.get(path)).body
            assert body["count"] == 48
            pages += [one["timestamp"] for one in body["results"]]
            path = (body["next"] or "").partition("/emotions/")[2]
        assert len(pages) == len(set(pages)) == 48
        assert pages == sorted(pages, reverse=True)
        for wrong in ("trends/?hours=0", "insights/?hours=abc", "current/?space=x", "compare/"):
            assert (await api.get(f"api/collective/{wrong}")).status == 400
        assert (await api.get("api/collective/trends/?since=1970-01-01T00:00:00Z")).status == 400
        assert len(await it.rows(published)) == 72
