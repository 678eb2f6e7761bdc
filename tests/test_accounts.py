"""The accounts' file: who may read it, what is kept in it, what becomes of a damaged one."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import string
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.accounts import AccountBook, Accounts, NewUser, Unacceptable
from mirrord.accounts.book import MOST_USERS
from mirrord.accounts.code import MOST_WRONG
from mirrord.accounts.desk import Desk
from mirrord.accounts.key_shelf import MOST_KEYS
from mirrord.credentials import secrets as kept
from mirrord.credentials.names import checked, folded
from mirrord.errors import MirrorError
from tests.access_kit import ANN, BEN, Clock

pytestmark = pytest.mark.usefixtures("stretched_in_earnest")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "accounts.sqlite3"


def test_only_its_owner_reads_the_file(path: Path, caplog: pytest.LogCaptureFixture):
    os.umask(old := os.umask(0))
    try:
        os.umask(0)
        with AccountBook(path) as book:
            Desk(book).begin_code()
            for file in path.parent.iterdir():
                assert file.stat().st_mode & 0o077 == 0, file.name
    finally:
        os.umask(old)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING), AccountBook(path):
        assert path.stat().st_mode & 0o077 == 0
    assert "could be read by others" in caplog.text


def test_no_secret_stands_in_the_file(path: Path):
    with AccountBook(path) as book:
        desk = Desk(book)
        code = desk.begin_code()
        ann = desk.add_first(code, NewUser(*ANN), kept.stretched(ANN[1]))
        secrets = [ANN[1], code, desk.begin_session(ann, "cookie", "", "")]
        secrets.append(desk.add_token(ann, "x", ["read"], 1.0)[1])
        hashed = book.password("ann")
        content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert hashed is not None
    assert hashed.startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert b"ann" in content
    for secret in secrets:
        assert secret.encode() not in content


def test_a_damaged_file_is_refused_and_left_alone(path: Path):
    with AccountBook(path) as book:
        Desk(book).add_another(NewUser(*ANN), "hash", "owner")
    before = path.read_bytes()
    broken = b"not a database at all" + before[21:]
    path.write_bytes(broken)
    with pytest.raises(MirrorError, match="is damaged: put a copy of it back, or remove it"):
        AccountBook(path)
    assert path.read_bytes() == broken


def test_a_file_of_another_program_is_refused(path: Path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE notes (text)")
    with pytest.raises(MirrorError, match="is another program's: move it away"):
        AccountBook(path)


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(MirrorError, match="cannot be used"):
        AccountBook(tmp_path / "file" / "accounts.sqlite3")


def test_two_writers_at_once_lose_nothing(path: Path):
    with AccountBook(path) as book:
        Desk(book).add_another(NewUser(*ANN), "hash", "owner")

    def write(name: str) -> None:
        with AccountBook(path) as book:
            ann = book.user("ann")
            assert ann is not None
            for number in range(12):
                Desk(book).add_token(ann, f"{name} {number}", ["look"], 1.0)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with AccountBook(path) as book:
        assert len(book.keys(None, ("api",))) == 36


def test_what_is_kept_is_bounded(path: Path):
    with AccountBook(path) as book:
        desk = Desk(book)
        ann = desk.add_another(NewUser(*ANN), "hash", "owner")
        ids = {desk.begin_session(ann, "cookie", "", "x" * 999) for _ in range(MOST_KEYS + 9)}
        sessions = book.keys(ann.id, ("cookie",))
        assert len(ids) == MOST_KEYS + 9
        assert len(sessions) == MOST_KEYS
        assert len(sessions[0].agent) == 200
        for number in range(MOST_USERS - 1):
            desk.add_another(NewUser(f"guest{number}", BEN[1]), "hash", "guest")
        with pytest.raises(Unacceptable, match="50 users already"):
            desk.add_another(NewUser("late", BEN[1]), "hash", "guest")


def test_ended_keys_are_forgotten(path: Path):
    clock = Clock()
    with AccountBook(path, clock) as book:
        desk = Desk(book)
        ann = desk.add_another(NewUser(*ANN), "hash", "owner")
        desk.add_token(ann, "short", ["look"], 1.0)
        clock.now += 2 * 86_400.0
        desk.add_token(ann, "next", ["look"], 1.0)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM keys").fetchall() == [("next",)]


def test_a_session_is_not_written_for_every_request(path: Path):
    clock = Clock()
    with AccountBook(path, clock) as book:
        ann = Desk(book).add_another(NewUser(*ANN), "hash", "owner")
        secret = Desk(book).begin_session(ann, "cookie", "", "")
        writes = book.opened
        with writes() as database:
            before = database.conn.total_changes
            for _ in range(100):
                clock.now += 30.0
                assert book.find(secret, ("cookie",))
            assert database.conn.total_changes == before
            clock.now += 3600.0
            assert book.find(secret, ("cookie",))
            assert database.conn.total_changes == before + 1


def test_an_open_page_keeps_its_session_alive_and_a_clock_set_back_does_not_end_it(path: Path):
    clock = Clock()
    with AccountBook(path, clock) as book:
        ann = Desk(book).add_another(NewUser(*ANN), "hash", "owner")
        secret = Desk(book).begin_session(ann, "cookie", "", "")
        [key] = book.keys(ann.id, ("cookie",))
        for _ in range(5):
            clock.now += 20 * 86_400.0
            assert book.holds(key.id)
        began = clock.now
        clock.now = 0.0
        assert book.find(secret, ("cookie",))
        clock.now = began
        assert book.find(secret, ("cookie",))
        clock.now += 31 * 86_400.0
        assert not book.holds(key.id)


async def test_the_first_user_is_an_owner_and_the_last_owner_stays(path: Path):
    async with Accounts.open(path) as accounts:
        with pytest.raises(Unacceptable, match="the first user has to be an owner"):
            await accounts.add_user(NewUser(*BEN), "guest")
        await accounts.add_user(NewUser(*ANN), "owner")
        await accounts.add_user(NewUser(*BEN), "owner")
        await accounts.remove("Ann")
        with pytest.raises(Unacceptable, match="ben is the last owner"):
            await accounts.remove("ben")


async def test_an_older_hash_is_made_anew_when_its_user_signs_in(path: Path):
    weak = "$argon2id$v=19$m=8,t=1,p=1$"
    from argon2 import PasswordHasher

    older = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(ANN[1])
    assert older.startswith(weak)
    with AccountBook(path) as book:
        Desk(book).add_another(NewUser(*ANN), older, "owner")
    async with Accounts.open(path) as accounts:
        assert await accounts.sign_in("ann", "not hers at all") is None
        assert await accounts.sign_in("ANN", ANN[1])
        assert await accounts.sign_in("ann", ANN[1])
    with AccountBook(path) as book:
        assert (book.password("ann") or "").startswith("$argon2id$v=19$m=19456,t=3,p=1$")


def test_a_code_is_typed_as_people_type(path: Path):
    with AccountBook(path) as book:
        desk = Desk(book)
        code = desk.begin_code()
        assert len(code.replace("-", "")) == kept.CODE_LETTERS
        desk.check_first(f" {code.lower().replace('-', ' ')} ")
        for _ in range(MOST_WRONG):
            with pytest.raises(Unacceptable):
                desk.check_first("")
        with pytest.raises(Unacceptable, match="wrongly"):
            desk.check_first(code)


@given(st.text(max_size=70))
def test_a_name_is_taken_as_it_is_kept_or_refused(text: str):
    try:
        new = checked(NewUser(text, BEN[1]))
    except Unacceptable as error:
        assert error.field == "username"  # noqa: PT017  # refusing is one of two right answers
    else:
        assert folded(new.username) == folded(text)
        assert not set(new.username) & set(string.whitespace + "/<>\"'")


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 201, "password123", "aaaaaaaaaaaa", "qwertyuiop", "annannannann"],
)
def test_a_password_that_anybody_guesses_is_refused(password: str):
    with pytest.raises(Unacceptable, match="password"):
        checked(NewUser("ann", password))


def test_a_password_is_not_shown_by_what_carries_it():
    assert ANN[1] not in repr(NewUser(*ANN))


async def test_judging_a_password_keeps_nobody_waiting(tmp_path: Path) -> None:
    hard = "4@8({[<369&#!1/|0$5+7%2" * 4  # of what could stand for letters: much to try
    loop = asyncio.get_running_loop()
    async with Accounts.open(tmp_path / "accounts.sqlite3") as accounts:
        begin = last = loop.time()
        longest = 0.0
        adding = asyncio.create_task(accounts.add_user(NewUser("ada", hard), "owner"))
        while not adding.done():
            await asyncio.sleep(0)
            last, longest = loop.time(), max(longest, loop.time() - last)
        await adding
    assert longest < (last - begin) / 2
