"""What is left after forgetting is as if nothing else had ever been kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.store import Store
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database
from mirrord.store.queries import Chosen
from mirrord.store.retention import expire
from tests.store_dump import as_kept, folded_anew
from tests.store_kit import START, after, all_readings, reading, response, scratch
from tests.test_store_analytics import check_sessions, everything, fill, steps

spans = st.tuples(
    st.integers(-4000, 90_000) | st.none(), st.integers(-4000, 90_000) | st.none()
).map(lambda pair: pair if None in pair else (min(pair), max(pair)))


@settings(max_examples=25, deadline=None)
@given(steps(), spans, st.sampled_from((None, None, "a", "unknown")))
def test_aggregates_are_those_of_what_is_left(
    wanted: list[Any], span: tuple[int | None, int | None], session: str | None
) -> None:
    with scratch() as folder:
        asyncio.run(_forget(Path(folder) / "mirror.sqlite3", wanted, span, session))


async def _forget(
    path: Path, wanted: list[Any], span: tuple[int | None, int | None], session: str | None
) -> None:
    await fill(path, wanted)
    async with Store.open(path) as store:
        kept = await everything(store)
        first = kept[0].timestamp
        since, until = (None if end is None else first + timedelta(seconds=end) for end in span)
        chosen = Chosen(session, since, until)
        said = await store.forgettable(chosen)
        went = await store.forget(chosen)
        left = await everything(store)
        assert went == said
        assert left == [
            one
            for one in kept
            if (since and one.timestamp < since)
            or (until and one.timestamp >= until)
            or session not in (None, one.session_id)
        ]
        assert went.readings == len(kept) - len(left)
        assert (await store.totals()).readings == store.status.readings == len(left)
        await check_sessions(store)
        for one in await store.sessions():
            if session in (None, one.session_id):
                assert not _within(one.start_time, since, until)
                assert not _within(one.last_activity, since, until)
        assert {one.session_id for one in left} <= {
            one.session_id for one in await store.sessions()
        }
    assert as_kept(path) == folded_anew(path)


def _within(at: Any, since: Any, until: Any) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


async def test_what_comes_afterwards_is_counted_anew_under_numbers_never_given(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mirror.sqlite3"
    async with Store.open(path) as store:
        for second in range(10):
            store.add_reading("s", reading(after(second)), response())
        await store.flush()
        (newest, *_) = await all_readings(store)
        await store.forget(Chosen())
        later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        store.add_reading("s", reading(later))
        await store.flush()
        (one,) = await all_readings(store)
        (session,) = await store.sessions()
        totals = await store.totals()
    assert one.id > newest.id
    assert (session.total_readings, session.start_time) == (1, later)
    assert (totals.readings, totals.responses, totals.sessions) == (1, 0, 1)


async def test_counts_are_of_what_is_left_when_age_has_taken_readings(tmp_path: Path) -> None:
    path, day = tmp_path / "mirror.sqlite3", timedelta(days=1)
    async with Store.open(path) as store:
        for hours in range(0, 200, 5):
            store.add_reading(f"{hours // 50}", reading(START + timedelta(hours=hours)))
        await store.flush()
    ageing = sorted((await _ages(path)).items())
    assert ageing
    async with Store.open(path) as store:
        kept = await all_readings(store)
        for session in (None, "0", "1", "2", "3"):
            for since in (None, START + 2 * day, START + 4 * day + timedelta(seconds=1)):
                chosen = Chosen(session, since, since and since + 3 * day)
                found = await store.readings(session, since, chosen.until, limit=1000)
                assert await store.count("readings", chosen) == len(found)
        assert len(kept) == (await store.totals()).readings == 40 - len(ageing)


async def _ages(path: Path) -> dict[int, int]:
    """Let readings older than four days before the last expire; return which went."""
    limits = Limits(4, 100)
    database = open_database(path, limits, check=False)
    before = dict(database.execute("SELECT id, at FROM readings").fetchall())
    expire(database, limits, START + timedelta(hours=200))
    after_it = dict(database.execute("SELECT id, at FROM readings").fetchall())
    database.close()
    return {key: before[key] for key in before.keys() - after_it.keys()}
