"""The layer over the settings file: what holds, what was, and files that are damaged."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from mirrord.config import Config, parse
from mirrord.errors import ConfigError
from mirrord.settings.overlay import LONGEST_HISTORY, Overlay, complaint, layered, usable
from mirrord.settings.overlay_file import OverlayFile
from mirrord.settings.places import page_trouble
from mirrord.settings.start import settings_in_force, settings_to_start_with

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = ("camera.fps", "room.fade_s", "drivers.hue.bridge")
WANTED = st.dictionaries(
    st.sampled_from(KEYS),
    st.floats(1, 9) | st.none() | st.just(UNSET) | st.text(max_size=3),
    min_size=1,
)


def base(tmp_path: Path, **tables: Any) -> Config:
    data = {"store": {"path": str(tmp_path / "m.sqlite3")}} | tables
    return parse(data, "m.toml")


@given(st.lists(WANTED, max_size=8), st.data())
def test_every_step_can_be_gone_back_to(steps: list[dict[str, Any]], data: st.DataObject) -> None:
    overlay = Overlay()
    seen = [overlay.values]
    for wanted in steps:
        before = overlay
        overlay = overlay.changed(wanted, NOW)
        assert all(overlay.values.get(key, UNSET) == value for key, value in wanted.items())
        if overlay is not before:
            seen.append(overlay.values)
    kept = msgspec.json.decode(msgspec.json.encode(overlay), type=Overlay)
    assert kept == overlay
    for to in data.draw(st.lists(st.integers(0, len(overlay.history)), max_size=6)):
        kept = kept.at_step(to)
        assert kept.values == seen[to]
        assert len(kept.history) == len(overlay.history)


def test_a_change_after_going_back_begins_from_there() -> None:
    overlay = Overlay().changed({"camera.fps": 5.0}, NOW).changed({"camera.fps": 6.0}, NOW)
    overlay = overlay.at_step(1).changed({"room.fade_s": 3.0}, NOW)
    assert overlay.values == {"camera.fps": 5.0, "room.fade_s": 3.0}
    assert overlay.done == len(overlay.history) == 2
    with pytest.raises(ConfigError, match="from 0 to 2"):
        overlay.at_step(3)


def test_a_number_and_a_switch_are_not_the_same() -> None:
    overlay = Overlay().changed({"camera.source": 1}, NOW)
    assert overlay.changed({"camera.source": 1}, NOW) is overlay
    assert overlay.changed({"camera.source": True}, NOW) is not overlay


def test_the_history_has_an_end() -> None:
    overlay = Overlay()
    for number in range(LONGEST_HISTORY + 5):
        overlay = overlay.changed({"camera.fps": number + 1.0}, NOW)
    assert len(overlay.history) == overlay.done == LONGEST_HISTORY
    assert overlay.at_step(0).values == {"camera.fps": 5.0}


def test_a_driver_that_the_file_does_not_name_stays_off(tmp_path: Path) -> None:
    file = base(tmp_path)
    config = layered(file, {"drivers.hue.bridge": "10.0.0.2"})
    assert config.drivers["hue"] == {"enabled": False, "bridge": "10.0.0.2"}
    assert layered(file, {"drivers.hue.enabled": True}).drivers["hue"]["enabled"] is True
    assert file.drivers == {}


@pytest.mark.parametrize("key", ["fps", "camara.fps", "", "drivers", "file", "file.x"])
def test_a_key_that_is_none_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="no such setting"):
        layered(base(tmp_path), {key: 1})


def test_what_is_kept_is_read_again_by_its_owner_alone(tmp_path: Path) -> None:
    file = OverlayFile(base(tmp_path))
    assert file.read() == (Overlay(), "")
    first = Overlay().changed({"camera.fps": 5.0}, NOW)
    file.write(first)
    file.write(first.changed({"camera.fps": 6.0}, NOW))
    assert file.path == tmp_path / "m.settings.json"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.read()[0].values == {"camera.fps": 6.0}
    assert msgspec.json.decode(file.previous.read_bytes(), type=Overlay) == first


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"v": 2}', b"[" * 5000])
def test_a_damaged_file_is_set_aside_and_the_one_before_holds(
    tmp_path: Path, damage: bytes
) -> None:
    settings = base(tmp_path)
    file = OverlayFile(settings)
    file.write(Overlay().changed({"camera.fps": 5.0}, NOW))
    file.write(Overlay().changed({"camera.fps": 6.0}, NOW))
    file.path.write_bytes(damage)
    layers = settings_to_start_with(settings)
    assert layers.config.camera.fps == 5.0
    assert "is damaged" in layers.notices[0]
    assert "the changes before hold" in layers.notices[0]
    assert (tmp_path / "m.settings.json.damaged").read_bytes() == damage
    assert settings_to_start_with(settings).notices == ()
    assert settings_to_start_with(settings).config.camera.fps == 5.0


def test_without_one_before_the_files_settings_hold(tmp_path: Path) -> None:
    settings = base(tmp_path, camera={"fps": 3})
    OverlayFile(settings).path.write_bytes(b"nonsense")
    layers = settings_to_start_with(settings)
    assert layers.config.camera.fps == 3.0
    assert "the file's settings hold" in layers.notices[0]


def test_reading_alone_changes_nothing(tmp_path: Path) -> None:
    settings = base(tmp_path)
    OverlayFile(settings).path.write_bytes(b"nonsense")
    assert settings_in_force(settings).notices
    assert [path.name for path in tmp_path.iterdir()] == ["m.settings.json"]


def test_what_no_longer_fits_is_left_out_and_named(tmp_path: Path) -> None:
    settings = base(tmp_path)
    values = {
        "camera.fps": 5.0,
        "camera.gone": 1,
        "drivers.sauna.enabled": True,
        "drivers.sauna.heat": 90,
        "drivers.thermostat.password_file": "/p",
        "drivers.thermostat.username": "me",
    }
    OverlayFile(settings).write(Overlay().changed(values, NOW))
    layers = settings_to_start_with(settings)
    assert layers.config.camera.fps == 5.0
    assert layers.config.drivers["thermostat"]["username"] == "me"
    said = " ".join(layers.notices)
    assert "camera.gone: no such setting" in said
    assert "drivers.sauna: no such driver" in said
    assert len(layers.notices) == 2


def test_a_port_in_use_gives_way_to_the_files(tmp_path: Path) -> None:
    settings = base(tmp_path, web={"port": 0})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        OverlayFile(settings).write(Overlay().changed({"web.port": port}, NOW))
        layers = settings_to_start_with(settings)
    assert layers.config.web.port == 0
    assert "web.port" in layers.notices[0]
    assert settings_to_start_with(settings).config.web.port == port


def test_an_address_is_left_out_whole_and_no_more_than_that(tmp_path: Path) -> None:
    settings = base(tmp_path, web={"host": "0.0.0.0", "password": "required"})
    nowhere = {"web.host": "127.0.0.1", "web.password": "optional", "room.fade_s": 4.0}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        OverlayFile(settings).write(Overlay().changed(nowhere | {"web.port": port}, NOW))
        layers = settings_to_start_with(settings)
    assert layers.config.web == settings.web  # open to the network, so a password it is
    assert layers.config.room.fade_s == 4.0


def test_a_password_that_was_asked_for_stays_so(tmp_path: Path) -> None:
    settings = base(tmp_path, web={"port": 0, "password": "optional"})
    values = {"web.host": "no.such.host.invalid", "web.password": "required"}
    OverlayFile(settings).write(Overlay().changed(values, NOW))
    layers = settings_to_start_with(settings)
    assert (layers.config.web.host, layers.config.web.password) == ("127.0.0.1", "required")


def test_a_database_that_cannot_be_there_gives_way_to_the_files(tmp_path: Path) -> None:
    settings = base(tmp_path)
    (tmp_path / "folder").mkdir()
    wrong = str(tmp_path / "folder")
    OverlayFile(settings).write(Overlay().changed({"store.path": wrong, "store.max_mb": 9.0}, NOW))
    layers = settings_to_start_with(settings)
    assert layers.config.store.path == settings.store.path
    assert layers.config.store.max_mb == 9.0
    assert "expected a file" in layers.notices[0]


def test_a_strange_host_is_no_place_for_a_page() -> None:
    assert page_trouble("no.such.host.invalid", 0)
    assert page_trouble("127.0.0.1", 0) == ""


@given(st.dictionaries(st.text(max_size=12), st.none() | st.integers() | st.text(max_size=3)))
def test_no_overlay_keeps_the_mirror_from_starting(values: dict[str, Any]) -> None:
    file = parse({"camera": {"fps": 3}}, "m.toml")
    good = usable(file, values, lambda config: config)
    assert not complaint(file, {key: values[key] for key in good}, lambda config: config)
