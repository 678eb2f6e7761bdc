"""What is given to the store comes back out, in the words of the REST records."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.model import AirQuality, AudioTone, Environment, Expression, Reading, VisualPattern
from mirrord.store import Store, queries
from mirrord.store.opening import open_for_reading
from mirrord.store.queries import Chosen
from mirrord.store.words import AIR_WORDS, EXPRESSION_WORDS, PATTERN_WORDS, TONE_WORDS
from tests.store_kit import START, after, fill, reading, response, tracks
from tests.store_strategies import readings, responses


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "mirror.sqlite3"


async def test_a_reading_is_written_without_asking_and_survives_closing(path: Path) -> None:
    async with Store.open(path, flush_s=0.02) as store:
        store.add_reading("s", reading(track=7))
        async with asyncio.timeout(20):
            while not store.status.readings:
                await asyncio.sleep(0.01)
        assert store.status.pending == 0
    assert await tracks(path) == [7]


async def test_closing_writes_what_is_pending(path: Path) -> None:
    async with Store.open(path, flush_s=600) as store:
        store.add_reading("s", reading(track=7))
        assert store.status.pending == 1
    assert await tracks(path) == [7]
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # no log is left over


async def test_a_file_is_its_owners_alone(path: Path) -> None:
    async with Store.open(path):
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes.keys() >= {path.name, f"{path.name}-wal"}
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


@settings(max_examples=30, deadline=None)
@given(readings(), responses, st.timedeltas(timedelta(0), timedelta(seconds=9)))
def test_records_say_what_was_given(
    given_reading: Reading, environment: Environment, delay: timedelta
) -> None:
    now = given_reading.at + delay

    async def keep(path: Path) -> None:
        async with Store.open(path, clock=lambda: now) as store:
            store.add_reading("s", given_reading, environment)
            await store.flush()
            (record,), (answer,) = await store.readings(), await store.responses()
        assert record.session_id == answer.session_id == "s"
        assert timedelta(0) <= given_reading.at - record.timestamp < timedelta(milliseconds=1)
        assert timedelta(0) <= now - answer.created_at < timedelta(milliseconds=1)
        assert (record.track, record.expression) == (given_reading.track, given_reading.expression)
        for name, share in given_reading.expressions.items():
            assert getattr(record, name) == round(share, 4)
        for name in ("valence", "arousal", "joy", "calm", "energy", "melancholy"):
            assert getattr(record, name) == round(getattr(given_reading.affect, name), 4)
        assert record.confidence == round(given_reading.confidence, 4)
        moods = {name: getattr(record, name) for name in ("joy", "calm", "energy", "melancholy")}
        assert record.dominant_emotion == max(moods, key=lambda name: moods[name])
        assert record.emotion_intensity == max(moods.values())
        for name in ("present", "lighting_color", "background_color", "particle_count"):
            assert getattr(answer, name) == getattr(environment, name)
        for name in ("audio_tone", "visual_pattern", "air_quality"):
            assert getattr(answer, name) == getattr(environment, name)
        for name in ("lighting_intensity", "audio_volume", "audio_major", "audio_articulation"):
            assert getattr(answer, name) == round(getattr(environment, name), 4)
        for name, source, step in (
            ("audio_frequency", "audio_frequency_hz", 0.1),
            ("audio_tempo", "audio_tempo_bpm", 0.1),
            ("animation_speed", "animation_speed", 0.001),
            ("temperature", "temperature_c", 0.01),
            ("humidity", "humidity_pct", 0.01),
            ("transition_s", "transition_s", 0.001),
        ):
            assert getattr(answer, name) == pytest.approx(
                getattr(environment, source), abs=step * 0.51
            )
        assert answer.reading == record.id

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(keep(Path(folder) / "mirror.sqlite3"))


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (EXPRESSION_WORDS, Expression),
        (TONE_WORDS, AudioTone),
        (PATTERN_WORDS, VisualPattern),
        (AIR_WORDS, AirQuality),
    ],
)
def test_every_word_of_the_model_can_be_kept(words: tuple[str, ...], known: object) -> None:
    assert set(words) == set(get_args(known))


async def test_a_reading_without_a_response_has_none(path: Path) -> None:
    async with Store.open(path) as store:
        store.add_reading("s", reading())
        store.add_reading("s", reading(track=2), response(air_quality=None))
        await store.flush()
        assert len(await store.readings()) == 2
        (answer,) = await store.responses()
    assert answer.air_quality is None


async def test_ids_are_uuids_that_outlive_everything_else(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 5)
        first = [one.id for one in await store.readings()]
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM readings")
    database.close()
    async with Store.open(path) as store:
        await fill(store, 5)
        second = [one.id for one in await store.readings()]
    assert len({*first, *second}) == 10
    for one in first:
        assert one.version == 8
        assert one.variant == "specified in RFC 4122"


async def test_sessions_keep_their_averages_as_readings_come(path: Path) -> None:
    async with Store.open(path) as store:
        store.start_session("s", START, device_type="mirror")
        await store.flush()
        (empty,) = await store.sessions()
        assert (empty.total_readings, empty.average_joy, empty.is_active) == (0, None, True)
        for number, joy in enumerate((0.2, 0.4, 0.9)):
            store.add_reading("s", reading(after(number), joy=joy))
        await store.flush()
        (session,) = await store.sessions(active=True)
        store.end_session("s", after(10))
        await store.flush()
        assert await store.sessions(active=True) == []
        (ended,) = await store.sessions(active=False)
    assert (session.total_readings, session.average_joy) == (3, pytest.approx(0.5))
    assert (session.start_time, session.last_activity) == (START, after(2))
    assert (ended.last_activity, ended.average_joy) == (after(10), pytest.approx(0.5))


async def test_a_session_begins_with_its_first_reading_and_may_go_on(path: Path) -> None:
    async with Store.open(path) as store:
        store.add_reading("unannounced", reading(after(5)))
        store.end_session("unannounced", after(6))
        store.end_session("unknown", after(6))
        store.start_session("unannounced", after(20))
        await store.flush()
        (session,) = await store.sessions()
    assert (session.start_time, session.is_active) == (after(5), True)
    assert session.last_activity == after(20)


async def test_readings_are_chosen_by_time_and_session_the_newest_first(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 400, "one")
        await fill(store, 400, "two", first=400)
        chosen = await store.readings("two", after(390), after(410))
        assert [one.track for one in chosen] == list(range(409, 399, -1))
        assert [one.track for one in await store.readings(limit=2)] == [799, 798]
        early = await store.readings(since=after(100), until=after(130), limit=1000)
        assert [one.track for one in early] == list(range(129, 99, -1))
        ended = await store.readings("one", limit=1)
        assert [one.track for one in ended] == [399]
        assert await store.readings("three") == []
        assert await store.readings(since=after(9000)) == []
        assert len(await store.responses("two", limit=1000)) == 400


async def test_a_question_costs_what_its_answer_does_however_much_is_kept(path: Path) -> None:
    chosen = Chosen(None, after(60), after(120))
    costs = []
    async with Store.open(path) as store:
        for first in range(0, 6000, 600):
            await fill(store, 600, f"session {first}", first)
            costs.append(cost(path, chosen))
    assert 0 < costs[-1] <= 1.2 * costs[0]


def cost(path: Path, chosen: Chosen) -> int:
    """Return how many hundred steps SQLite takes to answer."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    database = open_for_reading(path, 10.0)
    database.conn.set_progress_handler(count, 100)
    assert len(queries.readings(database, chosen, 1000)) == 60
    database.close()
    return steps


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "dark", [1, {"a": None}], {"camera": False}])
async def test_settings_survive_a_restart(path: Path, value: object) -> None:
    async with Store.open(path, flush_s=600) as store:
        assert await store.get_setting("key") is None
        assert await store.set_setting("key", "before") is None
        assert await store.set_setting("key", value) is None
        assert await store.get_setting("key") == value
    async with Store.open(path) as store:
        assert await store.get_setting("key") == value


async def test_a_setting_is_on_the_disk_soon_without_waiting_for_it(path: Path) -> None:
    async with Store.open(path, flush_s=600) as store:
        store.set_setting("camera", False)
        async with asyncio.timeout(20):
            while store.status.pending:
                await asyncio.sleep(0.01)
        with sqlite3.connect(path) as other:
            assert other.execute("SELECT value FROM settings").fetchall() == [("false",)]
        other.close()


async def test_a_setting_that_stays_the_same_writes_nothing(path: Path) -> None:
    async with Store.open(path, flush_s=600) as store:
        assert await store.set_setting("key", [1]) is None
        before = store.status.bytes
        assert await store.set_setting("key", [1]) is None
        await store.flush()
        assert store.status.bytes == before


async def test_a_setting_that_json_cannot_hold_is_refused(path: Path) -> None:
    async with Store.open(path) as store:
        with pytest.raises(TypeError):
            store.set_setting("key", object())
        assert store.status.pending == 0


async def test_the_camera_log_says_when(path: Path) -> None:
    async with Store.open(path, clock=lambda: after(9)) as store:
        store.log_camera("open", START)
        store.log_camera("off")
        await store.flush()
        log = await store.camera_log()
    assert [(one.state, one.at) for one in log] == [("off", after(9)), ("open", START)]


async def test_what_cannot_be_meant_is_refused(path: Path) -> None:
    async with Store.open(path) as store:
        with pytest.raises(ValueError, match="no time zone"):
            store.add_reading("s", reading(datetime(2026, 1, 1)))
        with pytest.raises(ValueError, match="no number"):
            store.add_reading("s", reading(joy=float("nan")))
        with pytest.raises(ValueError, match="1 to 100 characters"):
            store.start_session("s" * 101, START)
        assert store.status.pending == 0


async def test_times_of_any_zone_become_utc(path: Path) -> None:
    tokyo = START.astimezone(timezone(timedelta(hours=9)))
    async with Store.open(path) as store:
        store.add_reading("s", reading(tokyo))
        await store.flush()
        (record,) = await store.readings()
    assert record.timestamp == START
    assert record.timestamp.tzinfo == UTC


async def test_a_clock_that_jumps_spoils_nothing(path: Path) -> None:
    odd = [START, datetime(1970, 1, 1, tzinfo=UTC), datetime(2399, 1, 1, tzinfo=UTC), after(-60)]
    async with Store.open(path) as store:
        store.start_session("s", START)
        for number, at in enumerate([*odd, after(1)]):
            store.add_reading("s", reading(at, track=number))
        await store.flush()
        store.end_session("s", after(-3600))
        await store.flush()
        (session,) = await store.sessions()
        by_minute = await store.minutes(datetime(1970, 1, 1, tzinfo=UTC), after(1e9))
        (old,) = await store.readings(until=datetime(1971, 1, 1, tzinfo=UTC))
        near = await store.readings(since=after(-90), until=after(90))
    assert await tracks(path) == [0, 1, 2, 3, 4]
    assert session.start_time == START
    assert session.last_activity >= session.start_time
    assert session.total_readings == 5
    assert sum(one.readings for one in by_minute) == 4  # the year 2399 is held at 2109
    assert (old.track, [one.track for one in near]) == (1, [4, 3, 0])  # -60 s: the minute before


async def test_an_entry_no_database_takes_does_not_hold_up_the_others(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Store.open(path) as store:
        with caplog.at_level(logging.CRITICAL):
            await fill(store, 3)
            store.add_reading("s", reading(track=2**70))
            await fill(store, 3, first=3)
        assert store.status.dropped == 1
    assert await tracks(path) == [0, 1, 2, 3, 4, 5]


async def test_a_long_read_holds_up_no_write(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 500)
        reader = sqlite3.connect(path)
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*) FROM readings").fetchone()
        await fill(store, 500, first=500)
        assert store.status.state == "ok"
        assert seen == reader.execute("SELECT count(*) FROM readings").fetchone() == (500,)
        reader.close()
        assert len(await store.readings(limit=2000)) == 1000


async def test_the_status_counts(path: Path) -> None:
    async with Store.open(path) as store:
        assert (store.status.state, store.status.readings, store.status.oldest) == ("ok", 0, None)
        await fill(store, 700)
        status = store.status
        on_disk = sum(path.with_name(path.name + end).stat().st_size for end in ("", "-wal"))
    assert (status.readings, status.oldest, status.bytes) == (700, START, on_disk)
    async with Store.open(path) as store:
        assert store.status.readings == 700
