"""`mirrord code`, `user` and `token`, on the file of a mirror that runs."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from mirrord.cli import cli
from mirrord.errors import MirrorError
from tests.access_kit import ANN, AUTH, BEN, Door, ask, named, opened_door

PATIENCE_S = 60.0


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened_door(tmp_path) as door:
        yield door


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(f'store.path = "{tmp_path / "mirror.sqlite3"}"\n')
    return path


async def process(settings: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `mirrord` as a person does."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "mirrord", *words, "-c", str(settings)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env={**os.environ, "STATE_DIRECTORY": str(settings.parent)},
        check=False,
    )


async def command(settings: Path, *words: str, said: str = "") -> str:
    """Run a command within this process; return what it prints. Raises what it fails with."""
    run = partial(CliRunner().invoke, cli, [*words, "-c", str(settings)], input=said)
    result = await asyncio.to_thread(run, env={"COLUMNS": "120"}, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


async def test_the_code_of_a_command_opens_the_running_page(door: Door, settings: Path):
    earlier = await door.accounts.begin_code()
    made = await process(settings, "code")
    found = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", made.stdout)
    assert found, made.stderr
    anybody = await door.client()
    first = {"username": "ann", "password": ANN[1], "password_confirm": ANN[1]}
    assert (await ask(anybody, "POST", f"{AUTH}welcome/", {**first, "code": earlier}))[0] == 400
    assert (await ask(anybody, "POST", f"{AUTH}welcome/", {**first, "code": found[0]}))[0] == 201
    again = await process(settings, "code")
    assert (again.returncode, again.stdout) == (1, "")
    assert "the mirror has an owner; `mirrord user password NAME`" in again.stderr


async def test_users_come_change_and_go(door: Door, settings: Path):
    added = await command(settings, "user", "add", "ann", said=f"{ANN[1]}\n")
    assert added == "ann is added as owner.\n"
    ann = await door.signed_in(ANN)
    added = await command(settings, "user", "add", "ben", said=f"{BEN[1]}\n")
    assert added == "ben is added as guest.\n"
    listed = await command(settings, "user", "list")
    assert "ann" in listed
    assert "guest" in listed
    new = (ANN[0], "four slow green trains")
    changed = await command(settings, "user", "password", "ann", said=f"{new[1]}\n")
    assert changed == "ann has a new password and is signed out everywhere.\n"
    for text in (ANN[1], new[1], "$argon2"):
        assert text not in added + listed + changed
    await asyncio.sleep(1.1)  # as long as a running mirror believes what it knows
    assert (await ask(ann, "GET", "/state"))[0] == 401
    assert (await ask(ann, "POST", f"{AUTH}session/", named(new)))[0] == 200
    removed = await command(settings, "user", "remove", "ben")
    assert removed == "ben is removed.\n"
    with pytest.raises(MirrorError, match="ann is the last owner and has to stay"):
        await command(settings, "user", "remove", "ann")


async def test_a_token_is_printed_once_and_revoked(door: Door, settings: Path):
    await door.owner()
    made = await command(settings, "token", "add", "script", "--scope", "control", "--days", "2")
    secret = made.strip()
    assert len(secret) == 43
    program = await door.bearer(secret)
    assert (await ask(program, "POST", "/control", {"mute": True}))[0] == 200
    listed = await command(settings, "token", "list")
    assert "script" in listed
    assert secret not in listed
    [identifier] = re.findall(r"\b[0-9a-f]{16}\b", listed)
    await command(settings, "token", "revoke", identifier)
    await asyncio.sleep(1.1)
    assert (await ask(program, "GET", "/state"))[0] == 401
    with pytest.raises(MirrorError, match="there is no token"):
        await command(settings, "token", "revoke", identifier)


@pytest.mark.parametrize(
    ("words", "said", "sentence"),
    [
        (("user", "add", "a b"), ANN[1], "username: expected 1 to 60 letters"),
        (("user", "add", "cleo"), "short", "password: expected 10 to 200 characters"),
        (("user", "password", "zoe"), ANN[1], "there is no user 'zoe'"),
        (("token", "add", "x", "--user", "zoe"), "", "there is no such user"),
        (("token", "add", "x", "--days", "0"), "", "days: expected more than 0"),
    ],
)
async def test_what_cannot_be_is_one_sentence(
    door: Door, settings: Path, words: tuple[str, ...], said: str, sentence: str
):
    await door.owner()
    with pytest.raises(MirrorError) as refused:
        await command(settings, *words, said=said)
    assert str(refused.value).startswith(sentence)


async def test_where_no_mirror_has_run_there_is_nothing_to_list(settings: Path):
    with pytest.raises(MirrorError, match="no mirror has run with these files"):
        await command(settings, "user", "list")
    assert not (settings.parent / "accounts.sqlite3").exists()


async def test_a_password_is_not_echoed(settings: Path):
    shown = await asyncio.to_thread(_typed_at_a_terminal, settings)
    assert "Password" in shown
    assert "ann is added as owner." in shown
    assert ANN[1] not in shown


def _typed_at_a_terminal(settings: Path) -> str:
    """Run `mirrord user add ann` at a terminal, type the password twice, return what it shows."""
    terminal, typed = pty.openpty()
    words = [sys.executable, "-m", "mirrord", "user", "add", "ann", "-c", str(settings)]
    with subprocess.Popen(
        words,
        stdin=typed,
        stdout=typed,
        stderr=typed,
        start_new_session=True,
        env={**os.environ, "STATE_DIRECTORY": str(settings.parent)},
    ) as running:
        os.close(typed)
        shown = b"".join(_answering(terminal, [b"Password: ", b"confirmation: "]))
        os.close(terminal)
        assert running.wait(PATIENCE_S) == 0
    return shown.decode()


def _answering(terminal: int, questions: list[bytes]) -> Iterator[bytes]:
    """Yield what is shown; answer each question with the password."""
    shown = b""
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # it has ended
            return
        yield more
        shown += more
        if questions and questions[0] in shown:
            shown = shown.partition(questions.pop(0))[2]
            os.write(terminal, f"{ANN[1]}\n".encode())
