"""The seed's records over the collective's database: whose they are, and that they stay cheap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from mirrord.analytics.course import NO_EXPRESSION, Moment, face_of
from mirrord.collective.courses import course_of, grown
from tests.collective_kit import PASSWORD, Api, served

MOOD = {"joy": 0.9, "calm": 0.1, "energy": 0.2, "melancholy": 0.0}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path) as api:
        yield api


async def add(api: Api, token: str, session: str = "s", **more: Any) -> dict[str, Any]:
    answer = await api.post("api/readings/", {"session_id": session, **MOOD, **more}, token)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.data
    return found


async def test_a_reading_comes_back_in_every_list_and_sum(api: Api):
    _, token = await api.account("ann")
    made = await add(api, token)
    assert made["user"] == "ann"
    assert made["dominant_emotion"] == "joy"
    assert made["environment_response"]["audio_tone"] == "uplifting"
    assert made["environment_response"]["air_quality"] is None
    one = (await api.get(f"api/readings/{made['id']}/", token)).data
    listed = (await api.get("api/readings/", token)).body["results"][0]
    assert one == listed == {k: v for k, v in made.items() if k != "environment_response"}
    profile = (await api.get("auth/profile/", token)).data
    assert (profile["total_readings"], profile["total_sessions"]) == (1, 1)
    assert [one["count"] for one in (await api.get("api/readings/trends/", token)).data] == [1]
    analytics = (await api.get("api/sessions/s/analytics/", token)).data
    assert analytics["averages"]["joy"] == 0.9
    latest = await api.get("api/environment/latest_for_session/?session_id=s", token)
    assert latest.data == made["environment_response"]


async def test_names_of_sessions_are_everybodys_own(api: Api):
    _, ann = await api.account("ann")
    _, bob = await api.account("bob")
    await add(api, ann, joy=0.2)
    await add(api, bob, joy=0.8)
    for token, joy in ((ann, 0.2), (bob, 0.8)):
        assert (await api.get("api/sessions/s/", token)).data["average_joy"] == joy
    made = await api.post("api/sessions/", {"session_id": "s"}, ann)
    assert made.status == 400
    assert (await api.post("api/sessions/", {"session_id": "t"}, bob)).status == 201
    assert (await api.get("api/sessions/t/", ann)).status == 404


async def test_the_same_key_stores_nothing_twice(api: Api):
    _, ann = await api.account("ann")
    _, bob = await api.account("bob")
    body = {"session_id": "s", **MOOD}
    answers = await asyncio.gather(
        *(api.post("api/readings/", body, ann, Idempotency_Key="one") for _ in range(5))
    )
    assert len({answer.data["id"] for answer in answers}) == 1
    other = await api.post("api/readings/", body, bob, Idempotency_Key="one")
    assert other.data["id"] != answers[0].data["id"]
    assert (await api.get("api/readings/", ann)).body["count"] == 1
    assert (await api.get("api/sessions/s/", ann)).data["total_readings"] == 1


async def test_a_hundred_at_once_are_all_stored(api: Api):
    _, token = await api.account("ann")
    await asyncio.gather(*(add(api, token, f"s{number % 7}") for number in range(100)))
    assert (await api.get("api/readings/", token)).body["count"] == 100
    sessions = (await api.get("api/sessions/", token)).body["results"]
    assert sum(one["total_readings"] for one in sessions) == 100


async def test_pages_hold_all_once_while_the_list_grows(api: Api):
    _, token = await api.account("ann")
    made = [(await add(api, token))["id"] for _ in range(25)]
    seen: list[str] = []
    where = "api/readings/?page_size=7"
    while where:
        page = (await api.get(where, token)).body
        seen += [one["id"] for one in page["results"]]
        where = page["next"] and page["next"].partition("/emotions/")[2]
        await add(api, token, "later")
    assert seen == made[::-1]


async def test_ending_a_session_ends_it_once(api: Api):
    _, token = await api.account("ann")
    await add(api, token)
    ended = await api.post("api/sessions/s/end_session/", {}, token)
    again = await api.post("api/sessions/s/end_session/", {}, token)
    assert (ended.data["is_active"], ended.data) == (False, again.data)
    assert (await api.get("api/sessions/active/", token)).body["results"] == []


async def test_what_a_reading_costs_does_not_grow_with_its_session(api: Api):
    """Counted in statements and in rows that they return, not in time."""
    _, token = await api.account("ann")
    await add(api, token)
    engine = api.database._engine.sync_engine
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        await add(api, token)
        first = list(statements)
        for _ in range(60):
            await add(api, token)
        statements.clear()
        await add(api, token)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert statements == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"joy": 99},
        {"joy": -0.1},
        {"joy": "much"},
        {"joy": None},
        {"session_id": ""},
        {"session_id": "x" * 101},
        {"session_id": "a/b"},
        {"more": 1},
    ],
)
async def test_what_is_no_reading_is_refused_and_named(api: Api, wrong: dict[str, Any]):
    _, token = await api.account("ann")
    answer = await api.post("api/readings/", {"session_id": "s", **MOOD, **wrong}, token)
    assert answer.status == 400
    assert next(iter(wrong)) in answer.body["message"]
    assert (await api.get("api/readings/", token)).body["count"] == 0


async def test_accounts_register_sign_in_change_and_leave(api: Api):
    new = {"username": "ann", "email": "ann@example.org", "first_name": "Ann"}
    words = {"password": PASSWORD, "password_confirm": PASSWORD}
    registered = await api.post("auth/register/", {**new, **words})
    assert registered.status == 201
    token = f"Token {registered.data['token']}"
    changed = await api.ask("PUT", "auth/profile/update/", token, {"last_name": "Archer"})
    assert changed.data["last_name"] == "Archer"
    login = await api.post("auth/login/", {"username": "ANN", "password": PASSWORD})
    other = f"Token {login.data['token']}"
    fresh = {"current": PASSWORD, "password": "nine loud teapots", "password_confirm": ""}
    assert (await api.post("auth/password/", fresh, token)).status == 400
    fresh["password_confirm"] = "nine loud teapots"
    assert (await api.post("auth/password/", fresh, token)).status == 200
    await asyncio.sleep(2.1)  # what another process revokes holds so much longer
    assert (await api.get("auth/profile/", other)).status == 401
    assert (await api.get("auth/profile/", token)).status == 200
    assert (await api.post("auth/logout/", {}, token)).status == 200


async def test_tokens_are_told_once_and_hold_only_what_they_say(api: Api):
    _, login = await api.account("ann")
    made = await api.post("auth/tokens/", {"name": "script", "scopes": ["read"]}, login)
    token = f"Token {made.data['token']}"
    assert (await api.get("api/readings/", token)).status == 200
    assert (await api.post("api/readings/", {"session_id": "s", **MOOD}, token)).status == 403
    assert (await api.post("auth/tokens/", {"name": "x", "scopes": ["read"]}, token)).status == 403
    listed = (await api.get("auth/tokens/", login)).data
    assert [one["name"] for one in listed] == ["script"]
    assert "token" not in listed[0]
    assert (await api.ask("DELETE", f"auth/tokens/{listed[0]['id']}/", login)).status == 200
    unknown = await api.post("auth/tokens/", {"name": "x", "scopes": ["all"]}, login)
    assert (unknown.status, list(unknown.body["details"])) == (400, ["scopes"])


async def test_passwords_are_not_tried_for_ever_and_names_are_not_told(api: Api):
    await api.account("ann")
    wrong = [{"username": name, "password": "x"} for name in ("ann", "nobody") * 6]
    answers = [await api.post("auth/login/", body) for body in wrong]
    assert {answer.body["message"] for answer in answers[:4]} == {
        "The name or the password is wrong."
    }
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_only_named_sites_may_ask_and_never_with_a_cookie(tmp_path: Path):
    site, other = "https://app.example", "https://evil.example"
    async with served(tmp_path, server={"port": 0, "origins": [site]}) as api:
        await api.account("ann")
        asking = {"Access_Control_Request_Method": "POST"}
        before = await api.ask("OPTIONS", "auth/login/", Origin=site, **asking)
        assert before.headers["Access-Control-Allow-Origin"] == site
        assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
        body = {"username": "ann", "password": PASSWORD}
        login = await api.post("auth/login/", body, Origin=site)
        assert login.headers["Access-Control-Allow-Origin"] == site
        assert "Access-Control-Allow-Credentials" not in login.headers
        foreign = await api.ask("OPTIONS", "auth/login/", Origin=other, **asking)
        assert (foreign.status, (await api.post("auth/login/", body, Origin=other)).status) == (
            405,
            403,
        )
        assert "Access-Control-Allow-Origin" not in foreign.headers
        cookie = {"Cookie": f"collective={login.data['token']}", "Origin": site}
        assert (await api.post("auth/tokens/", {}, **cookie)).status in (401, 403)


async def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path):
    async with served(tmp_path, limits={"address_per_minute": 5}) as api:
        answers = [await api.get("openapi.json") for _ in range(8)]
        assert [answer.status for answer in answers] == [200] * 5 + [429] * 3
        assert int(answers[-1].headers["Retry-After"]) > 0


steps = st.lists(
    st.tuples(st.integers(0, 90_000), st.integers(0, 3), st.integers(0, 10_000)), min_size=1
)


@given(steps)
def test_a_course_grown_by_one_reading_is_that_of_all_together(readings: list[tuple[int, ...]]):
    kept, at, moments = None, 0, []
    for number, (passed, mood, value) in enumerate(readings, 1):
        at += passed
        kept = grown(kept, number, at, (value,) * 4, mood)
        moments.append(Moment(number, at, mood, NO_EXPRESSION))
    face, course = face_of(moments), course_of(kept or "")
    assert course.mood_ms == face.mood_ms
    assert course.calm == face.longest
    assert (course.first[0], course.last[0]) == (1, len(readings))
