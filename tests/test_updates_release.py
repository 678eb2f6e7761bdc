"""What is said of a release: which is newer, how to install it, and what is no description."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mirrord
from mirrord.config import parse
from mirrord.errors import ConfigError, MirrorError
from mirrord.updates.release import is_newer, release_in
from mirrord.updates.ways import Machine, ways
from tests.fakes.releases import WHEEL, description

ROOT = Path(__file__).parent.parent
HERE = Machine("13", "arm64", packaged=True)


@pytest.mark.parametrize(
    ("version", "installed", "newer"),
    [
        ("1.0.1", "1.0.0", True),
        ("1.10", "1.9", True),
        ("1.0", "1.0.0", False),
        ("0.9", "1.0", False),
        ("2.0rc1", "1.0", False),
        ("2.0rc2", "2.0rc1", True),
        ("2.0", "2.0rc1", True),
        ("1.0.post1", "1.0", True),
    ],
)
def test_versions_are_compared_as_python_does(version: str, installed: str, newer: bool) -> None:
    assert is_newer(version, installed) is newer


@pytest.mark.parametrize(
    ("machine", "kinds"),
    [
        (HERE, ["deb", "pipx"]),
        (Machine("13", "arm64"), ["pipx", "deb"]),
        (Machine("12", "arm64"), ["pipx"]),
        (Machine("13", "amd64"), ["pipx"]),
        (Machine(), ["pipx"]),
    ],
)
def test_the_ways_are_those_of_this_computer(machine: Machine, kinds: list[str]) -> None:
    release = release_in(json.dumps(description()).encode())
    assert [way.by for way in ways(release, "https://a.example/release.json", machine)] == kinds


SHELL = st.text(st.sampled_from("ab1.+~_-/$`;&|<>'\"\\(){} \n*?#\u202e"), max_size=12)


@given(st.builds("{}+deb13_arm64.deb".format, SHELL), st.builds("{}.whl".format, SHELL), SHELL)
def test_a_command_to_copy_is_what_it_looks_like(deb: str, wheel: str, version: str) -> None:
    files = [{"name": name, "sha256": "e" * 64} for name in (deb, wheel)]
    body = msgspec.json.encode(description(f"1.0{version}", files=files))
    try:
        release = release_in(body)
    except MirrorError:
        return
    for way in ways(release, "https://a.example/x/release.json", HERE):
        words = shlex.split(way.command)
        if way.by == "deb":
            assert words[:3] == ["wget", "-O", deb]
            compared = ["echo", f"{'e' * 64} *{deb}", "|", "sha256sum", "-c"]
            installed = ["sudo", "apt", "install", f"./{deb}"]
            assert words[4:] == ["&&", *compared, "&&", *installed]
        else:
            assert words[:3] == ["pipx", "install", "--force"]
            assert len(words) == 4


WHOLE = json.dumps(description()).encode()


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=8))
def test_a_damaged_answer_is_refused_or_read_never_anything_else(
    begin: int, gone: int, put: bytes
) -> None:
    try:
        found = release_in(WHOLE[:begin] + put + WHOLE[begin + gone :])
    except MirrorError:
        return
    is_newer(found.version, "1.0")
    ways(found, "https://a.example/release.json", HERE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://mood.example.org/latest/release.json",
        "https://mood.example.org:8443",
        "https://[2001:db8::1]/release.json",
        "http://127.0.0.1:8090/release.json",
        "http://localhost/release.json",
        "http://[::1]:1/",
    ],
)
def test_an_address_that_may_be_asked(url: str) -> None:
    assert parse({"updates": {"url": url}}, "x").updates.url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://mood.example.org/release.json",
        "http://192.168.1.5/release.json",
        "http://127.0.0.1.example.org/",
        "https://ann:secret@mood.example.org/",
        "https://mood.example.org/?house=7",
        "https://mood.example.org/#x",
        "https://mood.example.org/$(id)",
        "https://mood.example.org/a b",
        "https://mood.example.org/\n",
        "https://mood.example.org:99999/",
        "https://",
        "ftp://mood.example.org/",
        "mood.example.org",
        f"https://mood.example.org/{'x' * 300}",
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="updates") as caught:
        parse({"updates": {"url": url}}, "x")
    assert "secret" not in str(caught.value)


def test_a_release_describes_itself_so_that_a_mirror_can_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("describe", ROOT / "scripts" / "describe.py")
    assert spec is not None
    assert spec.loader is not None
    describe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(describe)
    (tmp_path / WHEEL).write_bytes(b"a wheel")
    (tmp_path / "SHA256SUMS").write_text("of before")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    for _ in range(2):  # it does not list itself
        describe.main(tmp_path)
    found = release_in((tmp_path / "release.json").read_bytes())
    assert found.version == mirrord.__version__
    assert found.date == datetime.fromtimestamp(1_790_000_000, UTC).date()
    assert {one.name: one.sha256 for one in found.files} == {
        WHEEL: hashlib.sha256(b"a wheel").hexdigest()
    }
    assert 0 < len(found.notes) <= 300
    log = "# Log\n\n## 2.0 - 2027\n\nTwo\nlines.\n\n### Added\n- x\n\n## 1.0\n- y\n"
    assert describe.notes_of(log, "2.0") == "Two lines."
    assert describe.notes_of(log, "1.0") == describe.notes_of(log, "3.0") == ""
    monkeypatch.setattr(describe, "CHANGELOG", tmp_path / WHEEL)
    with pytest.raises(SystemExit, match="say what is new"):
        describe.main(tmp_path)
    monkeypatch.setenv("RELEASE_NOTES", "x" * 301)
    with pytest.raises(SystemExit, match="300 letters"):
        describe.main(tmp_path)
