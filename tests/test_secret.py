from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrord.errors import ConfigError
from mirrord.runtime import secret as secret_module
from mirrord.runtime.secret import read_secret, redacted, write_secret

NOBODY = 65_534


@pytest.fixture(autouse=True)
def own_memory() -> Iterator[None]:
    """Forget the secrets of these tests: other tests have such words in their sentences."""
    before = set(secret_module._known)
    yield
    secret_module._known.clear()
    secret_module._known.update(before)


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "hue"
    write_secret(path, "a key")
    assert read_secret(path) == "a key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["hue"]


def test_writing_replaces_and_survives_a_left_over_part(tmp_path: Path) -> None:
    path = put(tmp_path / "hue", b"old", 0o644)
    put(tmp_path / "hue.part", b"half", 0o644)
    write_secret(path, "the new one")
    assert read_secret(path) == "the new one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_home_directory_is_meant_by_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_secret("~/hue", "a key")
    assert read_secret("~/hue") == "a key"


def test_at_no_moment_can_another_user_read_it(tmp_path: Path) -> None:
    path, modes, over = tmp_path / "hue", set(), threading.Event()

    def look() -> None:
        while not over.is_set():
            for entry in os.scandir(tmp_path):
                try:
                    modes.add(stat.S_IMODE(entry.stat().st_mode))
                except FileNotFoundError:
                    continue

    looking = threading.Thread(target=look)
    looking.start()
    old = os.umask(0)
    try:
        for n in range(50):
            write_secret(path, f"key number {n}")
    finally:
        os.umask(old)
        over.set()
        looking.join()
    assert modes <= {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path / "hue", b"hush-hush", mode)
    with pytest.raises(ConfigError, match="chmod 600") as refused:
        read_secret(path)
    assert "hush-hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b" \n\t\n", "is empty"), (b"\xff\xfe\x00", "no UTF-8 text")],
)
def test_no_secret_in_the_file_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_secret(put(tmp_path / "hue", content))


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hue does not exist: put the secret into it"):
        read_secret(tmp_path / "hue")
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_secret(folder)


def test_what_was_read_is_blotted_out_of_foreign_words(tmp_path: Path) -> None:
    read_secret(put(tmp_path / "hue", b"s3cret/key+1\n"))
    text = redacted("GET http://bridge/api/s3cret%2Fkey%2B1/lights failed; s3cret/key+1")
    assert text == "GET http://bridge/api/•••/lights failed; •••"


def test_what_was_written_is_blotted_out(tmp_path: Path) -> None:
    write_secret(tmp_path / "hue", "a-fresh-key")
    assert redacted("no lights at a-fresh-key") == "no lights at •••"


secrets = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=4
)


def test_of_a_secret_within_another_nothing_is_left(tmp_path: Path) -> None:
    write_secret(tmp_path / "a", "open")
    write_secret(tmp_path / "b", "open sesame")
    assert redacted("say open sesame") == "say •••"


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(secret=secrets, before=st.text(), after=st.text())
def test_no_secret_is_left_in_any_words(
    secret: str, before: str, after: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("secret") / "key"
    write_secret(path, secret)
    assert read_secret(path) == secret
    assert secret not in redacted(before + secret + after) or set(secret) == {"•"}


def test_a_file_of_root_s_comes_as_the_copy_that_systemd_hands_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy's mode shows that somebody else may read it, too: the service (an access list)."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    put(tmp_path / "secrets_mqtt.password", b"handed over\n", 0o440)
    assert read_secret("/nowhere/that/it/may/read/mqtt.password") == "handed over"
    own = put(tmp_path / "mqtt.password", b"its own\n")
    assert read_secret(own) == "its own"
    with pytest.raises(ConfigError, match=r"other\.password does not exist"):
        read_secret("/nowhere/that/it/may/read/other.password")


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Nobody else's files open; root's would, to root."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.mark.parametrize(
    ("service", "said"), [("", "belongs to another user"), ("/run/x", "into /etc/mirrord/secrets")]
)
def test_a_closed_file_says_where_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str, said: str
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", service)
    path = put(tmp_path / "mqtt.password", b"not yours\n", 0o000)
    with as_somebody_else(), pytest.raises(ConfigError, match=said):
        read_secret(path)


def test_what_root_writes_into_another_s_folder_is_that_other_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _file, user, group: given.append((user, group)))
    write_secret(tmp_path / "hue.key", "a key")
    assert given == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)]
