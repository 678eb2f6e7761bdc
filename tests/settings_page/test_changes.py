"""The settings over REST: what is shown, changed, undone, kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mirrord.check import check_all
from mirrord.config import Config
from mirrord.driver_host import installed_plugins
from mirrord.pages.catalogue import COMMON, load
from mirrord.settings.overlay import Overlay
from mirrord.settings.overlay_file import OverlayFile
from mirrord.settings.start import settings_in_force
from mirrord.web.settings.groups import groups
from mirrord.web.words import FOLDER
from tests.fakes.settings_desk import desk_of, settings
from tests.settings_page.conftest import Desk, every_field, fields_in


def test_every_key_of_every_type_is_on_the_page() -> None:
    own = {
        f"{table.name}.{key.encode_name}"
        for table in msgspec.structs.fields(Config)
        if isinstance(table.type, type) and issubclass(table.type, msgspec.Struct)
        for key in msgspec.structs.fields(table.type)
    }
    drivers = {
        f"drivers.{name}.{key.encode_name}"
        for name, plugin in installed_plugins().items()
        for key in msgspec.structs.fields(plugin.config)
    }
    shown = {key for key, _ in every_field()}
    assert own | drivers <= shown
    assert {f"drivers.{name}.enabled" for name in installed_plugins()} <= shown


def test_every_setting_has_words_in_the_catalogue() -> None:
    words = load(COMMON, FOLDER).of("settings", "en")
    for key, field in every_field():
        assert f"set.{key}" in words, key
        for choice in field.get("choices", []):
            assert f"choice.{key}.{choice}" in words or not choice, (key, choice)
        assert field["kind"] != "other", key
    for group in groups(installed_plugins()):
        assert {f"group.{group['table']}", f"about.{group['table']}"} <= words.keys()


async def test_shows_values_and_where_they_come_from(desk: Desk) -> None:
    fps, bridge = await desk.field("camera.fps"), await desk.field("drivers.hue.bridge")
    assert (fps["value"], fps["from"], fps["below"]) == (3.0, "file", 3.0)
    assert (fps["kind"], fps["above"], fps["max"], fps["default"]) == ("number", 0.0, 120.0, 10.0)
    assert fps["expected"] == "a number above 0 and up to 120"
    assert (bridge["value"], bridge["from"]) == ("10.0.0.2", "file")
    fade = await desk.field("room.fade_s")
    assert (fade["value"], fade["from"], fade["unit"]) == (2.0, "default", "s")
    assert (await desk.field("drivers.audio.enabled"))["value"] is False
    kind = (await desk.field("drivers.thermostat.thermostats"))["item"]["fields"][0]
    assert "zigbee2mqtt" in kind["examples"]


async def test_a_change_is_taken_over_kept_and_shown(desk: Desk, base: Config) -> None:
    status, answer = await desk.change(
        set={"camera.fps": 5, "drivers.hue.lights": ["Sofa", 3], "drivers.hue.transition_s": 1}
    )
    assert status == 200
    assert desk.taker.config.camera.fps == 5.0
    assert desk.taker.config.drivers["hue"]["lights"] == ["Sofa", 3]
    shown = fields_in(answer["data"])
    assert (shown["camera.fps"]["value"], shown["camera.fps"]["from"]) == (5.0, "page")
    assert shown["camera.fps"]["below"] == 3.0
    [step] = answer["data"]["history"]
    assert {"key": "camera.fps", "after": 5.0} in step["changes"]
    async with desk_of(base) as (_, again, layers):
        assert again.config.camera.fps == 5.0
        assert not layers.notices


async def test_undo_goes_back_step_by_step_and_to_any(desk: Desk) -> None:
    for fps in (4, 5, 6):
        await desk.change(set={"camera.fps": fps})
    _, answer = await desk.ask("POST", "undo", {})
    assert (answer["data"]["done"], desk.taker.config.camera.fps) == (2, 5.0)
    _, answer = await desk.ask("POST", "undo", {"to": 0})
    assert (answer["data"]["done"], desk.taker.config.camera.fps) == (0, 3.0)
    assert fields_in(answer["data"])["camera.fps"]["from"] == "file"
    status, answer = await desk.ask("POST", "undo", {})
    assert (status, answer["message"]) == (400, "There is nothing to undo.")
    _, answer = await desk.ask("POST", "undo", {"to": 3})
    assert desk.taker.config.camera.fps == 6.0
    status, answer = await desk.ask("POST", "undo", {"to": 4})
    assert (status, answer["message"]) == (400, "to: expected a whole number from 0 to 3")


async def test_reset_lets_the_files_value_hold_again(desk: Desk) -> None:
    await desk.change(set={"camera.fps": 5, "room.fade_s": 4})
    status, answer = await desk.change(reset=["camera.fps"])
    assert status == 200
    assert desk.taker.config.camera.fps == 3.0
    assert desk.taker.config.room.fade_s == 4.0
    await desk.change(set={"room.fade_s": 2})  # what the file says anyway
    assert (await desk.field("room.fade_s"))["from"] == "default"
    _, answer = await desk.ask("POST", "undo", {"to": 1})
    assert desk.taker.config.camera.fps == 5.0
    assert len(answer["data"]["history"]) == 3


async def test_what_changes_nothing_is_no_step(desk: Desk) -> None:
    status, answer = await desk.change(set={"camera.fps": 3, "room.fade_s": 2.0})
    assert (status, answer["data"]["history"]) == (200, [])


async def test_what_has_to_wait_for_the_next_start_says_so(desk: Desk, tmp_path: Path) -> None:
    status, answer = await desk.change(set={"store.path": str(tmp_path / "other.sqlite3")})
    assert status == 200
    assert answer["data"]["waiting"] == ["store.path"]
    assert (await desk.ask("POST", "undo", {}))[1]["data"]["waiting"] == []


async def test_check_goes_by_what_was_changed_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    base = settings(tmp_path, camera={"source": str(tmp_path / "films")}, web={"port": 0})
    values = {"room.fade_s": 4.0, "drivers.sauna.heat": 90}
    OverlayFile(base).write(Overlay().changed(values, datetime.now(UTC)))
    findings = await check_all(settings_in_force(base))
    said = [(one.ok, one.said) for one in findings if one.part == "changed on the page"]
    assert (True, "room.fade_s") in said
    assert any(not ok and "drivers.sauna" in words for ok, words in said)
