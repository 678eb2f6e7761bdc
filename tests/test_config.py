from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord import config
from mirrord.config import Config, load, parse, state_dir, store_path
from mirrord.errors import ConfigError

SHIPPED = Path(__file__).parent.parent / "config" / "mirrord.toml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_camera_table_suffices(tmp_path: Path) -> None:
    config = load(written(tmp_path / "mirror.toml", "[camera]\n"))
    assert config == Config(file=str(tmp_path / "mirror.toml"))
    assert (config.camera.source, config.web.host, config.web.port) == (0, "127.0.0.1", 8080)


def test_the_shipped_file_is_valid() -> None:
    assert isinstance(load(SHIPPED), Config)


def test_every_setting_is_in_the_shipped_file() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    for table in Config.__struct_fields__:
        kind = type(getattr(Config(), table))
        for key in getattr(kind, "__struct_fields__", ()):
            assert any(line.lstrip("# ").startswith(f"{key} =") for line in text.splitlines()), (
                f"[{table}] {key}"
            )


MISTAKES: list[tuple[str, str]] = [
    ("[camra]", "camra: no such setting; did you mean camera?"),
    ("[camera]\nfsp = 5", "camera.fsp: no such setting; did you mean fps?"),
    ("[camera]\nfps = 0", "camera.fps: expected a number above 0 and up to 120, not 0"),
    ("[camera]\nfps = nan", "camera.fps: expected a number above 0 and up to 120, not nan"),
    ("[camera]\nsource = -1", "camera.source: expected a whole number from 0 to 255"),
    ('[camera]\nsource = ""', "camera.source: expected a whole number from 0 to 255"),
    (
        '[mirror]\nmode = "miror"',
        "mirror.mode: expected one of counter, guide, mirror, still, not 'miror'",
    ),
    (
        '[mirror]\nlocale = "English"',
        'mirror.locale: expected "auto", or a language such as "en" or "de_AT"',
    ),
    ("[web]\nport = 70000", "web.port: expected a whole number from 0 to 65535, not 70000"),
    ("[room]\nvolume_cap = 1", "room.volume_cap: expected a number from 0 to 0.3, not 1"),
    ("camera = 5", "camera: expected a table, not 5"),
    ('file = "x"', "file: no such setting"),
    ("drivers = 5", "drivers: expected a table, not 5"),
    ("[drivers]\nhue = 5", "drivers.hue: expected a table [drivers.hue]"),
    ("[camera", "no valid TOML: "),
    ("[web]\nport = 1\nport = 2", "no valid TOML: "),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_names_the_file_and_the_key(text: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path / "mirror.toml", text + "\n")
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: {said}")
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent.toml: no such file; config/mirrord.toml is"):
        load(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "latin.toml").write_bytes('[mirror]\nname = "Spiegél"'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin.toml: cannot be read, it is no UTF-8 text"):
        load(tmp_path / "latin.toml")


def test_the_tables_of_drivers_are_left_to_them(tmp_path: Path) -> None:
    text = '[drivers.hue]\nbridge = "10.0.0.2"\n[drivers.strange]\nanything = [1, 2]\n'
    config = load(written(tmp_path / "mirror.toml", text))
    assert config.drivers == tomllib.loads(text)["drivers"]


@pytest.mark.parametrize(
    ("state", "data", "where"),
    [
        ("/var/lib/mirror:/second", "/xdg", "/var/lib/mirror"),
        ("", "/xdg", "/xdg/mood-mirror"),
        ("", "", "/home/ada/.local/share/mood-mirror"),
    ],
)
def test_what_is_kept_lies_where_the_system_wants_it(
    state: str, data: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("STATE_DIRECTORY", state)
    monkeypatch.setenv("XDG_DATA_HOME", data)
    assert state_dir() == Path(where)
    assert store_path(Config()) == Path(where) / "mirror.sqlite3"
    assert store_path(parse({"store": {"path": "~/m.db"}}, "f")) == Path("/home/ada/m.db")


def test_root_looks_after_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setattr(config, "_OF_THE_SERVICE", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_dir() == tmp_path
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert state_dir() == Path("/data/mood-mirror")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(config, "_OF_THE_SERVICE", tmp_path / "none")
    assert state_dir() == Path("/data/mood-mirror")


leaves = st.booleans() | st.integers() | st.floats() | st.text()
tables = st.dictionaries(
    st.sampled_from([*Config.__struct_fields__, "other"]),
    leaves | st.dictionaries(st.sampled_from(["source", "fps", "port", "mode", "z"]), leaves),
)


@given(tables)
def test_whatever_is_written_gives_settings_or_one_sentence(data: dict[str, Any]) -> None:
    said = said_of(data)
    assert said == "" or said.startswith("mirror.toml: ")
    assert "\n" not in said


def said_of(data: dict[str, Any]) -> str:
    try:
        assert parse(data, "mirror.toml").file == "mirror.toml"
    except ConfigError as error:
        return str(error)
    return ""
