"""The collective's commands: accounts, export, backup from one database to another, check."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from mirrord.cli import cli
from mirrord.collective import serve as collective_serve
from mirrord.collective import settings as collective_settings
from mirrord.collective.commands import add_account
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.migrations import upgrade
from mirrord.collective.schema import metadata, sessions
from mirrord.collective.serve import opened, state_dir
from mirrord.collective.settings import Settings
from mirrord.errors import ConfigError, MirrorError
from tests.collective_kit import PASSWORD, served, tally
from tests.test_collective_sync import NOW, batch

NOBODY = 65_534
ROOT = Path(__file__).parent.parent
EXAMPLE = (ROOT / "config" / "collective.toml").read_text()
MOOD = {"joy": 0.9, "calm": 0.1, "energy": 0.2, "melancholy": 0.0}


def settings_of(folder: Path, name: str = "collective.sqlite3") -> Settings:
    return msgspec.convert({"database": {"url": sqlite_url(folder / name)}}, Settings)


def run(folder: Path, *words: str, typed: str = "") -> Result:
    file = folder / "collective.toml"
    file.write_text(f'[database]\nurl = "{sqlite_url(folder / "collective.sqlite3")}"\n')
    command = ["collective", *words, "-c", str(file)]
    return CliRunner().invoke(cli, command, input=typed, catch_exceptions=True)


async def filled(folder: Path) -> None:
    async with served(folder) as api:
        _, token = await api.account("ann")
        for number in range(3):
            body = {"session_id": "=cmd()", **MOOD, "joy": number / 10}
            await api.post("api/readings/", body, token)
        await api.post("api/sync/", batch(tally("s", NOW)), await api.mirror(token))


def test_what_root_does_is_done_for_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "mirrord-collective"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(collective_serve, "_OF_THE_SERVICE", folder)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert state_dir() == tmp_path / "mood-mirror"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    command = ["collective", "user", "add", "Ann", "--admin"]
    made = CliRunner().invoke(cli, command, input=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    assert {file.stat().st_uid for file in folder.iterdir()} == {folder.stat().st_uid}
    assert [file.name for file in folder.iterdir()] == ["collective.sqlite3"]


def test_accounts_by_command(tmp_path: Path):
    made = run(tmp_path, "user", "add", "Ann", "--admin", typed=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    assert "administrator" in made.output
    weak = run(tmp_path, "user", "add", "Bob", typed="password\n")
    assert isinstance(weak.exception, MirrorError)
    assert PASSWORD not in made.output
    assert run(tmp_path, "user", "admin", "ann", "--off").exit_code == 0
    assert run(tmp_path, "user", "password", "ann", typed="nine loud teapots\n").exit_code == 0
    assert "Ann" in run(tmp_path, "user", "list").output
    assert "there is no account" in str(run(tmp_path, "user", "admin", "eve").exception)


async def test_an_export_has_every_reading_and_no_formula(tmp_path: Path):
    await filled(tmp_path)
    from mirrord.collective.exporting import Asked, export_to

    async with opened(settings_of(tmp_path)) as database:
        target = tmp_path / "out.csv"
        assert await export_to(database, Asked("csv", include_environment=True), target) == 3
        with target.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["session_id"] for row in rows] == ["'=cmd()"] * 3
        assert all(row["lighting_color"].startswith("#") for row in rows)
        assert await export_to(database, Asked("json", name="ann"), tmp_path / "out.json") == 3
        told = json.loads((tmp_path / "out.json").read_text())
        assert [one["joy"] for one in told] == [0.0, 0.1, 0.2]
        assert await export_to(database, Asked("json", session="t"), tmp_path / "no.json") == 0
        assert json.loads((tmp_path / "no.json").read_text()) == []
        assert target.stat().st_mode & 0o077 == 0


async def test_an_update_publishes_and_deletes_what_is_old(tmp_path: Path):
    from mirrord.collective.commands import brought_up

    await filled(tmp_path)
    async with opened(settings_of(tmp_path)) as database:
        soon = msgspec.convert({"database": {"keep_days": 1e-9}}, Settings)
        await database.write(lambda to: to.execute(sessions.update().values(is_active=False)))
        assert await brought_up(database, soon) == (0, 2)


async def dump(database: Database) -> dict[str, list[Any]]:
    async def job(of: Any) -> dict[str, list[Any]]:
        names = [table for table in metadata.sorted_tables if table.name != "enrolments"]
        return {one.name: sorted(map(repr, await of.execute(select(one)))) for one in names}

    return await database.read(job)


async def test_a_backup_restores_every_row(tmp_path: Path):
    from mirrord.collective.backup import read_backup, write_backup

    await filled(tmp_path)
    target = tmp_path / "backup.gz"
    async with opened(settings_of(tmp_path)) as old:
        rows = await write_backup(old, target)
        before = await dump(old)
        with pytest.raises(MirrorError, match="--force"):
            await read_backup(old, target, force=False)
        assert await dump(old) == before
    assert target.stat().st_mode & 0o077 == 0
    async with opened(settings_of(tmp_path, "other.sqlite3")) as new:
        await add_account(new, "bob", PASSWORD, False)
        assert await read_backup(new, target, force=True) == rows
        assert await dump(new) == before


@pytest.mark.parametrize("harm", ["cut", "changed", "other"])
async def test_a_damaged_backup_changes_nothing(tmp_path: Path, harm: str):
    from mirrord.collective.backup import read_backup, write_backup

    await filled(tmp_path)
    target = tmp_path / "backup.gz"
    async with opened(settings_of(tmp_path)) as database:
        await write_backup(database, target)
        before = await dump(database)
        lines = gzip.decompress(target.read_bytes()).splitlines(keepends=True)
        match harm:
            case "cut":
                target.write_bytes(target.read_bytes()[:-20])
            case "changed":
                lines[3] = lines[3].replace(b",", b", ", 1)
                target.write_bytes(gzip.compress(b"".join(lines)))
            case _:
                target.write_text("hello")
        with pytest.raises(MirrorError):
            await read_backup(database, target, force=True)
        assert await dump(database) == before


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path):
    async with opened(settings_of(tmp_path)) as database:
        newer = "UPDATE alembic_version SET version_num = '9999'"
        await database.write(lambda to: to.exec_driver_sql(newer))
        with pytest.raises(MirrorError, match="newer version"):
            await upgrade(database)


async def test_the_check_names_what_is_wrong(tmp_path: Path):
    from mirrord.collective.commands import checked

    assert all(good for *_, good in await checked(settings_of(tmp_path)))
    url = "postgresql://nobody@127.0.0.1:9/none"
    wrong = await checked(msgspec.convert({"database": {"url": url}}, Settings))
    assert [what for what, _, good in wrong if not good] == ["Database"]


def test_every_setting_stands_in_the_example_and_in_the_documents(tmp_path: Path):
    text = (ROOT / "docs" / "collective.md").read_text()
    for table in msgspec.structs.fields(Settings):
        if table.name == "file":
            continue
        kind: Any = table.type
        for field in msgspec.structs.fields(kind):
            assert f"# {field.name} = " in EXAMPLE, (table.name, field.name)
            assert f"`{field.name}`" in text, (table.name, field.name)
    stated = [line for line in EXAMPLE.splitlines() if " = " in line or line.startswith("[")]
    file = tmp_path / "example.toml"
    file.write_text("\n".join(line.removeprefix("# ") for line in stated))
    assert collective_settings.load(file) == Settings(file=str(file))


def test_wrong_settings_are_named(tmp_path: Path):
    file = tmp_path / "wrong.toml"
    for text, said in (
        ("[server]\nprot = 1", "server.prot: no such setting; did you mean port"),
        ("[privacy]\nleast = 2", "privacy.least"),
        ('[database]\nurl = "mysql://x"', "database.url"),
        ("[server", "no valid TOML"),
    ):
        file.write_text(text)
        with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
            collective_settings.load(file)
    with pytest.raises(ConfigError, match="password_file"):
        collective_settings.with_password("postgresql://a:b@c/d", "", "database.url")


def test_nothing_is_kept_of_a_demo_that_is_told_to_stop(tmp_path: Path):
    command = [sys.executable, "-m", "mirrord", "collective", "demo", "--port", "0"]
    with subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The collective is at http://127.0.0.1:")
        assert [path.name for folder in tmp_path.iterdir() for path in folder.glob("*.sqlite3")]
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert not list(tmp_path.iterdir())


def test_every_command_is_documented():
    text = (ROOT / "docs" / "collective.md").read_text()
    group = cli.get_command(click.Context(cli), "collective")
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        assert f"`mirrord collective {name}" in text, name
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "file":
                assert any(one in text for one in option.opts), (name, option.opts)
