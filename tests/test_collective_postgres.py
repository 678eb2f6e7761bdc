"""The same on PostgreSQL: records, accounts, mirrors, groups and the socket, over a real server.

Marked `alone` so that one process runs them all, and one server is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from mirrord.collective.backup import read_backup, write_backup
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.migrations import upgrade
from mirrord.collective.schema import counters, readings
from tests import collective_kit
from tests.collective_kit import Api, served
from tests.postgres_kit import Postgres, postgres
from tests.test_collective_account import (
    test_an_erased_account_is_in_no_table,
    test_an_erasure_that_was_cut_short_is_finished,
    test_everything_is_taken_along_but_no_secret,
    test_nothing_comes_in_behind_an_erasure,
)
from tests.test_collective_admin import (
    test_lists_are_searched_filtered_and_paged_and_tell_no_mood,
    test_what_is_deactivated_holds_nothing_from_that_moment,
    test_what_is_deleted_is_gone_from_all_that_it_added_up_to,
)
from tests.test_collective_commands import dump, filled
from tests.test_collective_live import (
    test_everybody_hears_the_figures_the_current_one_at_once,
    test_what_was_missed_comes_and_nothing_twice,
)
from tests.test_collective_publishing import (
    test_every_process_publishes_and_one_of_them_wins,
    test_many_are_averaged_by_the_database_as_few_are_by_us,
    test_mirrors_of_a_space_become_its_figure,
    test_sessions_that_nothing_came_of_for_a_day_end,
    test_what_comes_too_late_changes_nothing,
    test_years_of_figures,
)
from tests.test_collective_records import (
    test_a_hundred_at_once_are_all_stored,
    test_a_reading_comes_back_in_every_list_and_sum,
    test_accounts_register_sign_in_change_and_leave,
    test_the_same_key_stores_nothing_twice,
)
from tests.test_collective_spaces import (
    test_a_deleted_account_leaves_its_spaces_to_others,
    test_links_are_used_up_expire_and_are_revoked,
    test_only_its_owner_lets_a_mirror_in_and_it_counts_until_they_leave,
    test_the_last_owner_stays,
)
from tests.test_collective_sync import (
    test_a_code_is_confirmed_once_refused_and_guessed_seldom,
    test_an_erased_session_stays_erased,
    test_an_item_counts_once_however_often_it_is_sent,
    test_every_item_is_judged_for_itself,
    test_two_requests_at_once_store_an_item_once,
)

pytestmark = pytest.mark.alone
WIDE = {"address_per_minute": 10**6, "account_per_minute": 10**6, "mirror_per_minute": 10**6}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest_asyncio.fixture(autouse=True)
async def database_url(server: Postgres) -> AsyncIterator[str]:
    """A new database, which whatever the tests open is."""
    url = await server.database()
    collective_kit.instead[:] = [url]
    try:
        yield url
    finally:
        collective_kit.instead.clear()
        await server.drop(url)


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path, limits=WIDE) as api:
        assert api.database.dialect == "postgresql"
        yield api


async def test_numbers_grow_in_the_order_of_storing(tmp_path: Path, api: Api) -> None:
    """A reader that has read up to a number has missed none below it, whoever stored it."""
    _, anna = await api.account("anna")
    mood = {"joy": 0.5, "calm": 0.5, "energy": 0.5, "melancholy": 0.5}
    seen: list[int] = []
    newer = select(readings.c.number).order_by(readings.c.number)

    async def numbers_after(number: int) -> list[int]:
        query = newer.where(readings.c.number > number)
        return list((await api.database.read(lambda of: of.execute(query))).scalars())

    async def read() -> None:
        while len(seen) < 60:
            seen.extend(await numbers_after(seen[-1] if seen else 0))

    async with served(tmp_path, limits=WIDE) as other:
        asked = [
            one.post("api/readings/", {"session_id": f"s{number}", **mood}, anna)
            for number in range(30)
            for one in (api, other)
        ]
        async with asyncio.timeout(60):
            await asyncio.gather(read(), *asked)
    assert seen == await numbers_after(0)
    counted = select(func.sum(counters.c.value)).where(counters.c.name == "readings")
    assert await api.database.read(lambda of: of.scalar(counted)) == 60


async def test_a_backup_of_sqlite_is_restored_to_the_last_row(
    tmp_path: Path, database_url: str
) -> None:
    target, old_url = tmp_path / "backup.gz", sqlite_url(tmp_path / "collective.sqlite3")
    collective_kit.instead.clear()
    await filled(tmp_path)
    async with Database.open(old_url) as old, Database.open(database_url) as new:
        await upgrade(old)
        rows = await write_backup(old, target)
        assert await read_backup(new, target, force=True) == rows
        assert await dump(new) == await dump(old)


async def test_connections_that_broke_fail_no_request(server: Postgres, api: Api) -> None:
    _, anna = await api.account("anna")
    mood = {"joy": 0.5, "calm": 0.5, "energy": 0.5, "melancholy": 0.5}
    asked = [api.get("api/readings/", anna) for _ in range(8)]
    assert {one.status for one in await asyncio.gather(*asked)} == {200}
    await server.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND application_name = 'mirrord-collective'"
    )
    made = [api.post("api/readings/", {"session_id": "s", **mood}, anna) for _ in range(8)]
    assert {one.status for one in await asyncio.gather(*made)} == {201}
