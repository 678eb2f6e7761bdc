"""A copy of everything while it is written; and putting it back, record by record."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mirrord.accounts import AccountBook
from mirrord.backup.make import make_backup
from mirrord.backup.restore import restore
from mirrord.cli import cli
from mirrord.config import Config, accounts_path, consent_path, load
from mirrord.consent import Consent
from mirrord.errors import MirrorError
from mirrord.runtime.secret import write_secret
from mirrord.settings.overlay import Change, Overlay, Step
from mirrord.settings.overlay_file import OverlayFile
from mirrord.status import serve_status, socket_path
from mirrord.store import Store
from mirrord.sync.link import Link, LinkFile, link_path
from tests.store_kit import START, all_readings, fill, tracks

PASSWORD = "word-within-an-address"
KEY = "the-key-of-the-bridge"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setenv("STATE_DIRECTORY", str(state))
    file = tmp_path / "mirror.toml"
    file.write_text(
        f'camera.source = 0\nstore.path = "{state}/mirror.sqlite3"\n'
        f'[drivers.hue]\nbridge = "127.0.0.1:1"\nkey_file = "{tmp_path}/secret.key"\n'
    )
    write_secret(tmp_path / "secret.key", KEY)
    write_secret(state / "other.key", "another-key")
    return load(file)


def path_of(config: Config) -> Path:
    return Path(config.store.path)


async def furnish(config: Config, readings: int = 500) -> None:
    """Give a mirror a past: records, an account, and changes on the page."""
    async with Store.open(path_of(config)) as store:
        await fill(store, readings)
    with AccountBook(accounts_path(config)) as book:
        assert book.fact("cookie")
    values = {"camera.source": f"rtsp://me:{PASSWORD}@camera/1", "camera.fps": 7.0}
    changes = tuple(Change(key, after=value) for key, value in values.items())
    OverlayFile(config).write(Overlay(values=values, history=(Step(START, changes),), done=1))


def rows(path: Path) -> list[Any]:
    database = sqlite3.connect(path)
    try:
        return database.execute("SELECT * FROM readings ORDER BY id").fetchall()
    finally:
        database.close()


def run(config: Config, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "-c", config.file])


async def test_what_is_backed_up_comes_back_with_accounts_and_settings(
    config: Config, tmp_path: Path
):
    await furnish(config)
    before, target = rows(path_of(config)), tmp_path / "mirror.backup"
    cookie = AccountBook(accounts_path(config)).fact("cookie")
    made = await asyncio.to_thread(run, config, "backup", "-o", str(target))
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (PASSWORD, KEY, "another-key"):
        assert secret.encode() not in inside
    again = await asyncio.to_thread(run, config, "backup", "-o", str(target))
    assert "--force" in str(again.exception)

    async with Store.open(path_of(config)) as store:
        await fill(store, 50, first=500)
    refused = await asyncio.to_thread(run, config, "restore", str(target))
    assert "there already; --force" in str(refused.exception)
    assert len(rows(path_of(config))) == 550
    done = await asyncio.to_thread(run, config, "restore", str(target), "--force")
    assert done.exit_code == 0, done.output
    assert rows(path_of(config)) == before
    (aside,) = path_of(config).parent.glob("mirror.sqlite3.before-restore-*Z")
    assert len(rows(aside)) == 550
    with AccountBook(accounts_path(config)) as book:
        assert book.fact("cookie") == cookie
    overlay, trouble = OverlayFile(config).read()
    assert (overlay.values, overlay.history, trouble) == ({"camera.fps": 7.0}, (), "")
    async with Store.open(path_of(config)) as store:
        assert store.status.state == "ok"
        assert len(await all_readings(store)) == 500


async def test_secrets_come_back_only_if_asked_and_only_where_the_settings_say(
    config: Config, tmp_path: Path
):
    await furnish(config, 5)
    target = tmp_path / "with.backup"
    link = Link("https://collective.example", "linked", "Hall", credential="a-credential")
    LinkFile(link_path(config)).write(link)
    manifest = make_backup(config, target, secrets=True, force=False)
    assert {name for name in manifest.files if name.startswith("secrets/")} == {
        "secrets/drivers.hue.key_file",
        "secrets/state.other.key",
        "secrets/sync.link",
    }
    shutil.rmtree(path_of(config).parent)
    (tmp_path / "secret.key").unlink()
    result = restore(config, target, force=False)
    assert result.homeless == ()
    assert (tmp_path / "secret.key").read_text().strip() == KEY
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert (path_of(config).parent / "other.key").exists()
    assert LinkFile(link_path(config)).read() == link
    assert OverlayFile(config).read()[0].values["camera.source"].endswith(f"{PASSWORD}@camera/1")


async def test_records_in_a_place_chosen_on_the_page_are_found_and_put_where_the_file_says(
    config: Config, tmp_path: Path
):
    elsewhere, target = tmp_path / "elsewhere.sqlite3", tmp_path / "mirror.backup"
    async with Store.open(elsewhere) as store:
        await fill(store, 7)
    OverlayFile(config).write(Overlay(values={"store.path": str(elsewhere), "camera.fps": 7.0}))
    assert make_backup(config, target, secrets=False, force=False).readings == 7
    restore(config, target, force=True)
    assert len(rows(path_of(config))) == 7
    assert OverlayFile(config).read()[0].values == {"camera.fps": 7.0}


@pytest.mark.parametrize("harm", ["cut", "changed", "newer", "foreign", "name", "zip", "list"])
async def test_a_backup_that_is_not_whole_changes_nothing(
    config: Config, tmp_path: Path, harm: str
):
    await furnish(config, 5)
    target = tmp_path / "mirror.backup"
    make_backup(config, target, secrets=False, force=False)
    spoil(target, harm)
    before = sorted(path_of(config).parent.iterdir())
    kept = path_of(config).read_bytes()
    with pytest.raises(MirrorError, match=str(target)):
        restore(config, target, force=True)
    assert sorted(path_of(config).parent.iterdir()) == before
    assert path_of(config).read_bytes() == kept


def spoil(target: Path, harm: str) -> None:
    if harm == "zip":
        target.write_bytes(b"no archive")
        return
    if harm == "cut":
        target.write_bytes(target.read_bytes()[:-200])
        return
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if harm == "changed":
        records = bytearray(parts["records.sqlite3"])
        records[5000] ^= 1
        parts["records.sqlite3"] = bytes(records)
    elif harm in ("newer", "foreign"):
        at, value = (60, 99) if harm == "newer" else (68, 1)  # the header's user_version, its owner
        records = bytearray(parts["records.sqlite3"])
        records[at : at + 4] = value.to_bytes(4, "big")
        parts["records.sqlite3"] = bytes(records)
        seal(parts, "records.sqlite3")
    elif harm == "name":
        parts["../outside"] = b"x"
        seal(parts, "../outside")
    else:
        parts["manifest.json"] = b"{}"
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def seal(parts: dict[str, bytes], name: str) -> None:
    """Make the list say that a changed file is as it should be."""
    import hashlib

    manifest = json.loads(parts["manifest.json"])
    digest = hashlib.sha256(parts[name]).hexdigest()
    manifest["files"][name] = {"bytes": len(parts[name]), "sha256": digest}
    parts["manifest.json"] = json.dumps(manifest).encode()


async def test_a_consent_comes_along_and_a_withdrawal_is_not_undone(config: Config, tmp_path: Path):
    """Records and an owner without it would pass for a mirror that was in use before it asked."""
    await furnish(config, 5)
    consent = Consent(consent_path(config))
    consent.begin(in_use=False)
    consent.give("ann", "home")
    make_backup(config, tmp_path / "given.backup", secrets=False, force=False)
    consent.withdraw("ann")
    make_backup(config, tmp_path / "withdrawn.backup", secrets=False, force=False)
    restore(config, tmp_path / "given.backup", force=True)
    assert state_of(config) == "withdrawn"  # what was said here last holds
    consent_path(config).unlink()  # another machine
    restore(config, tmp_path / "withdrawn.backup", force=True)
    assert state_of(config) == "withdrawn"
    consent_path(config).unlink()
    restore(config, tmp_path / "given.backup", force=True)
    assert state_of(config) == "given"


def state_of(config: Config) -> str:
    consent = Consent(consent_path(config))
    consent.begin(in_use=True)
    return consent.state


async def test_nothing_is_restored_under_a_running_mirror(config: Config, tmp_path: Path):
    await furnish(config, 5)
    target = tmp_path / "mirror.backup"
    make_backup(config, target, secrets=False, force=False)

    async def well() -> dict[str, str]:
        return {"name": "x"}

    async with serve_status(socket_path(config), {"status": well}):
        with pytest.raises(MirrorError, match="is running"):
            await asyncio.to_thread(restore, config, target, force=True)


async def test_a_damaged_database_is_no_backup(config: Config, tmp_path: Path):
    await furnish(config, 3000)
    with path_of(config).open("r+b") as file:
        file.seek(100_000)
        file.write(b"\xff" * 50_000)
    with pytest.raises(MirrorError, match="damaged"):
        make_backup(config, tmp_path / "mirror.backup", secrets=False, force=False)
    assert not (tmp_path / "mirror.backup").exists()
    assert not list(tmp_path.glob(".backup-*"))


def test_the_drill_backup_under_load_kill_restore_compare(config: Config, tmp_path: Path):
    path, target = path_of(config), tmp_path / "mirror.backup"
    command = [sys.executable, "-m", "tests.store_child", "write", str(path), "0"]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        reader = threading.Thread(target=lambda: said.extend(child.stdout or ()))
        reader.start()
        ends = time.monotonic() + 30
        while len(said) < 20 and time.monotonic() < ends:
            time.sleep(0.01)
        acknowledged = int(said[-1])
        manifest = make_backup(config, target, secrets=False, force=False)
        after = len(said)
        while len(said) < after + 2 and time.monotonic() < ends:
            time.sleep(0.01)
        child.kill()
        reader.join()
    assert len(said) > after >= 20  # it was written to afterwards, and perhaps meanwhile
    original = rows(path)
    restore(config, target, force=True)
    back = rows(path)
    assert back == original[: len(back)]
    assert acknowledged < len(back) == manifest.readings < len(original)
    assert asyncio.run(tracks(path)) == list(range(len(back)))
