"""Every file that a Mood Mirror has ever written is read by this one, with all that it held.

`data/store_vN.sql`, `accounts_vN.sql`, `settings_vN.json` and `mirror_vN.toml` were written by the
mirrors of their time, and are never edited.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from mirrord.accounts import AccountBook
from mirrord.accounts.opening import APPLICATION_ID as ACCOUNTS_ID
from mirrord.config import load, parse
from mirrord.credentials.secrets import matches
from mirrord.driver_host import configured
from mirrord.settings.overlay_file import OverlayFile, read_layers
from mirrord.store import Store
from mirrord.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of
from tests.store_dump import as_kept, folded_anew
from tests.store_kit import EVER, START, after, all_readings, fill

DATA = Path(__file__).parent / "data"
STORES = sorted(int(path.stem.rpartition("v")[2]) for path in DATA.glob("store_v*.sql"))


def restored(path: Path, name: str, owner: int, version: int) -> None:
    database = sqlite3.connect(path)
    database.executescript((DATA / f"{name}_v{version}.sql").read_text(encoding="utf-8"))
    database.execute(f"PRAGMA application_id = {owner}")
    database.execute(f"PRAGMA user_version = {version}")
    database.close()


def test_the_newest_schema_has_a_file_here():
    assert STORES[-1] == len(MIGRATIONS), "dump a file of the new schema into tests/data"


@pytest.mark.parametrize("version", [version for version in STORES if version > 1])
async def test_a_file_of_each_schema_keeps_everything_and_goes_on(tmp_path: Path, version: int):
    path = tmp_path / "mirror.sqlite3"
    restored(path, "store", APPLICATION_ID, version)
    async with Store.open(path) as store:
        assert store.status.state == "ok"
        readings = await all_readings(store)
        two, one = await store.sessions()
        by_minute = await store.minutes(**EVER)
        assert await store.get_setting("controls") == {"camera": False}
        assert [entry.state for entry in await store.camera_log()] == ["off"]
        assert len(await store.responses(limit=100)) == 20
        await fill(store, 300, "new", first=1000)
    assert sorted(record.track or 0 for record in readings) == list(range(41))
    assert sum(aggregate.readings for aggregate in by_minute) == 41
    assert (one.total_readings, one.start_time, one.last_activity) == (40, START, after(40))
    assert (two.total_readings, two.is_active) == (1, False)
    assert as_kept(path) == folded_anew(path)
    assert not list(tmp_path.glob("*.damaged-*"))


@pytest.mark.parametrize("version", STORES)
def test_an_old_file_becomes_what_a_new_one_is(tmp_path: Path, version: int):
    path = tmp_path / "mirror.sqlite3"
    restored(path, "store", APPLICATION_ID, version)
    old, new = Database(path), Database(memory=True)
    migrate(old)
    migrate(new)
    assert version_of(old) == len(MIGRATIONS)
    assert schema(old) == schema(new)
    assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    old.close()
    new.close()


def schema(database: Database) -> dict[str, object]:
    """Return the columns of every table, and the text of everything else."""
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return {
        name: sorted(map(str, database.table(name).columns_dict.items()))
        if kind == "table"
        else re.sub(r"\s+", " ", sql)
        for name, kind, sql in database.execute(query).fetchall()
    }


def test_accounts_of_the_first_schema_still_open_the_door(tmp_path: Path):
    path = tmp_path / "accounts.sqlite3"
    restored(path, "accounts", ACCOUNTS_ID, 1)
    with AccountBook(path, lambda: 1.8e9) as book:
        assert {user.username: user.role for user in book.users()} == {
            "anna": "owner",
            "ben": "guest",
        }
        assert matches(book.password("anna"), "a word that nobody expects 7")
        assert [key.name for key in book.keys(None, ("api",))] == ["grafana"]


def test_settings_of_the_first_version_mean_what_they_meant(tmp_path: Path):
    file = tmp_path / "mirror.toml"
    text = (DATA / "mirror_v1.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("STATE", str(tmp_path)))
    base = load(file)
    assert configured(base.drivers, base.file)
    assert (base.camera.fps, base.room.hold_s, base.hub.area) == (8.0, 3600.0, "Hallway")
    shutil.copy(DATA / "settings_v1.json", OverlayFile(base).path)
    layers = read_layers(base, lambda config: configured(config.drivers, "settings"))
    assert layers.notices == ()
    assert (layers.config.camera.fps, layers.config.room.brightness_cap) == (5.0, 0.6)
    assert layers.config.drivers["hue"]["lights"] == ["Sofa"]
    assert layers.overlay.history[0].at - START > timedelta(0)
    assert parse({}, "nothing").store.keep_days == 365.0
