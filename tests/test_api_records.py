"""The resources over the device's records, as a client of the first version asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.api_kit import MOODS, READER, Served, seen, served


@pytest_asyncio.fixture
async def mirror(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as mirror:
        yield mirror


async def fill(mirror: Served, count: int, session_id: str = "in-front") -> None:
    """Let the camera take readings, one a second up to now, alternately happy and sad."""
    now = datetime.now(UTC)
    for number in range(count):
        at = now - timedelta(seconds=count - number)
        mirror.store.add_reading(session_id, seen("sad" if number % 2 else "happy", at))
    await mirror.store.flush()


async def test_a_reading_by_hand_is_stored_with_the_response_to_it(mirror: Served) -> None:
    status, made = await mirror.post("api/readings/", {"session_id": "by hand", **MOODS})
    assert (status, made["status_code"], made["success"]) == (201, 201, True)
    reading = made["data"]
    response = reading.pop("environment_response")
    assert {name: reading[name] for name in MOODS} == MOODS
    assert (reading["dominant_emotion"], reading["emotion_intensity"]) == ("joy", 0.7)
    assert (reading["user"], reading["expression"]) == ("anna", None)
    assert (await mirror.get(f"api/readings/{reading['id']}/"))[1]["data"] == reading
    latest = await mirror.get("api/environment/latest_for_session/?session_id=by%20hand")
    assert latest[1]["data"] == response
    assert response["reading"] == reading["id"]
    assert response["audio_tone"] == "uplifting"
    assert response["air_quality"] is None  # no sensor
    session = (await mirror.get("api/sessions/by%20hand/"))[1]["data"]
    assert session["total_readings"] == 1
    assert session["is_active"] is True
    assert session["average_joy"] == 0.7
    assert session["user"] == "anna"


async def test_what_the_camera_saw_carries_its_expression(mirror: Served) -> None:
    await fill(mirror, 1)
    reading = (await mirror.get("api/readings/"))[1]["results"][0]
    assert reading["expression"] == "happy"
    assert reading["confidence"] == 0.9
    assert -1 <= reading["valence"] <= 1


async def test_a_session_is_made_once(mirror: Served) -> None:
    asked = {"session_id": "s1", "browser": "Firefox", "location_country": "DE"}
    status, made = await mirror.post("api/sessions/", asked)
    assert status == 201
    session = made["data"]
    assert {name: session[name] for name in asked} == asked
    assert session["average_joy"] is None
    status, refused = await mirror.post("api/sessions/", {"session_id": "s1"})
    assert status == 400
    assert "there is a session s1 already" in refused["message"]
    assert (await mirror.get("api/sessions/"))[1]["count"] == 1


async def test_of_many_who_make_the_same_session_one_does(mirror: Served) -> None:
    asked = (mirror.post("api/sessions/", {"session_id": "race"}) for _ in range(20))
    statuses = sorted(status for status, _ in await asyncio.gather(*asked))
    assert statuses == [201] + [400] * 19


async def test_a_hundred_who_write_at_once_are_all_stored_once(mirror: Served) -> None:
    body = {"session_id": "crowd", **MOODS}
    answers = await asyncio.gather(*(mirror.post("api/readings/", body) for _ in range(100)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["data"]["id"] for _, answer in answers}) == 100
    assert (await mirror.get("api/readings/by_session/?session_id=crowd"))[1]["count"] == 100


async def test_a_session_ends_once_and_the_mirror_is_told_before(mirror: Served) -> None:
    await mirror.post("api/sessions/", {"session_id": "s1"})
    first = (await mirror.post("api/sessions/s1/end_session/"))[1]["data"]
    assert first["is_active"] is False
    assert mirror.ended == ["s1"]
    assert (await mirror.post("api/sessions/s1/end_session/"))[1]["data"] == first
    assert mirror.ended == ["s1"]
    assert (await mirror.get("api/sessions/active/"))[1]["count"] == 0
    assert (await mirror.post("api/sessions/s2/end_session/"))[0] == 404


async def test_trends_are_one_entry_an_hour_the_oldest_first(mirror: Served) -> None:
    now = datetime.now(UTC)
    for hours in (5, 3, 3, 0):
        mirror.store.add_reading("s", seen(at=now - timedelta(hours=hours)))
    await mirror.store.flush()
    entries = (await mirror.get("api/readings/trends/?hours=24"))[1]["data"]
    assert [entry["count"] for entry in entries] == [1, 2, 1]
    assert entries == sorted(entries, key=lambda entry: entry["start"])
    assert {"joy", "calm", "energy", "melancholy"} <= entries[0].keys()
    assert len((await mirror.get("api/readings/trends/?hours=1.5"))[1]["data"]) == 1
    days = (await mirror.get("api/readings/trends/?resolution=day&timezone=Asia/Kolkata"))[1][
        "data"
    ]
    assert sum(day["count"] for day in days) == 4


async def test_a_span_begins_with_the_whole_minute_or_hour_that_it_lies_in(mirror: Served) -> None:
    """A session of a few seconds has a trend from its own start on."""
    await fill(mirror, 3)
    started = (await mirror.get("api/sessions/in-front/"))[1]["data"]["start_time"]
    for query in ("resolution=minute", "resolution=hour", "resolution=day"):
        path = f"api/readings/trends/?{query}&since={started}&session_id=in-front"
        entries = (await mirror.get(path))[1]["data"]
        assert sum(entry["count"] for entry in entries) == 3
    shares = (await mirror.get(f"api/readings/distribution/?since={started}"))[1]["data"]
    assert shares["total"] == 3


async def test_the_distribution_counts_every_mood(mirror: Served) -> None:
    await fill(mirror, 10)
    found = (await mirror.get("api/readings/distribution/"))[1]["data"]
    assert found["total"] == 10
    shares = {share["name"]: share for share in found["moods"]}
    assert list(shares) == ["joy", "calm", "energy", "melancholy"]
    assert shares["joy"] == {"name": "joy", "count": 5, "percentage": 50.0}
    nothing = (await mirror.get("api/readings/distribution/?session_id=unknown"))[1]["data"]
    assert nothing["total"] == 0


async def test_a_sessions_figures_and_insights(mirror: Served) -> None:
    await fill(mirror, 11)
    figures = (await mirror.get("api/sessions/in-front/analytics/"))[1]["data"]
    assert figures["readings"] == 11
    assert len(figures["recent_readings"]) == 10
    told = (await mirror.get("api/sessions/in-front/insights/"))[1]["data"]
    assert told["progression"]["joy"] == pytest.approx(0)
    assert told["volatility"]["joy"] > 0.1
    assert told["peaks"]["joy"]["value"] > told["lows"]["joy"]["value"]
    names = told["transitions"]["names"]
    row = told["transitions"]["counts"][names.index("happy")]
    assert row[names.index("sad")] == 5


async def test_heatmap_trajectory_and_weeks(mirror: Served) -> None:
    await fill(mirror, 6)
    cells = (await mirror.get("api/readings/heatmap/"))[1]["data"]
    assert sum(cell["count"] for cell in cells) == 6
    points = (await mirror.get("api/readings/trajectory/?points=2"))[1]["data"]
    assert sum(point["readings"] for point in points) == 6
    weeks = (await mirror.get("api/readings/weeks/?timezone=Europe/Berlin"))[1]["data"]
    assert weeks["this"]["count"] + weeks["whole_before"]["count"] == 6


async def test_health_and_stats(mirror: Served) -> None:
    health = (await mirror.get("api/system/health/"))[1]["data"]
    assert (health["status"], health["response_rate"]) == ("healthy", None)
    await fill(mirror, 30)
    await mirror.post("api/readings/", {"session_id": "by hand", **MOODS})
    health = (await mirror.get("api/system/health/"))[1]["data"]
    assert health["readings_last_hour"] == 31
    assert health["readings_per_minute"] == pytest.approx(31 / 60)
    assert health["response_rate"] == pytest.approx(1 / 31)
    stats = (await mirror.get("api/system/stats/"))[1]["data"]
    assert (stats["total_readings"], stats["total_sessions"]) == (31, 2)
    assert stats["first_reading"] is not None


async def test_nothing_that_is_read_is_written(mirror: Served, tmp_path: Path) -> None:
    await fill(mirror, 5)
    before = (tmp_path / "mirror.db-wal").stat().st_mtime_ns
    for path in ("api/readings/", "api/sessions/", "api/sessions/in-front/insights/"):
        assert (await mirror.get(path))[0] == 200
    assert (await mirror.get("api/sessions/never-seen/"))[0] == 404
    assert (await mirror.get("api/environment/for_session/?session_id=never"))[1]["count"] == 0
    assert (await mirror.get("api/sessions/"))[1]["count"] == 1
    assert (tmp_path / "mirror.db-wal").stat().st_mtime_ns == before


async def test_what_failed_is_not_stored(mirror: Served, tmp_path: Path) -> None:
    """A retry of a write that was answered with an error must not double it."""
    await fill(mirror, 1)
    (tmp_path / "mirror.db").rename(tmp_path / "away.db")
    (tmp_path / "mirror.db").mkdir()  # nothing can be written now
    body = {"session_id": "failed", **MOODS}
    status, refused = await mirror.post("api/readings/", body)
    assert (status, refused["success"]) == (503, False)
    (tmp_path / "mirror.db").rmdir()
    (tmp_path / "away.db").rename(tmp_path / "mirror.db")
    assert (await mirror.post("api/readings/", body))[0] == 201
    assert (await mirror.get("api/readings/by_session/?session_id=failed"))[1]["count"] == 1


async def test_who_may_do_what(mirror: Served) -> None:
    body = {"session_id": "s", **MOODS}
    nobody, reader = {"Authorization": ""}, {"Authorization": "Token reader"}
    async with mirror.http.get("/emotions/api/readings/", headers=nobody) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Token"
        assert (await response.json())["message"] == "Sign in first."
    assert (await mirror.post("api/readings/", body, headers=nobody))[0] == 401
    assert (await mirror.get("api/readings/", headers=reader))[0] == 200
    status, refused = await mirror.post("api/readings/", body, headers=reader)
    assert status == 403
    assert READER.user is not None
    assert READER.user in refused["message"]
    assert (await mirror.get("api/readings/"))[1]["count"] == 0


async def test_an_unknown_reading_is_404(mirror: Served) -> None:
    await fill(mirror, 1)
    known = (await mirror.get("api/readings/"))[1]["results"][0]["id"]
    for unknown in (str(uuid4()), known[:-1] + ("0" if known[-1] != "0" else "1")):
        status, refused = await mirror.get(f"api/readings/{unknown}/")
        assert status == 404
        assert unknown in refused["message"]
