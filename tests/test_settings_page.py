"""The settings over REST: what is shown, changed, refused, undone, found and paired."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from mirrord.check import check_all
from mirrord.config import Config
from mirrord.driver_host import installed_plugins
from mirrord.pages.catalogue import COMMON, load
from mirrord.settings.overlay import Overlay
from mirrord.settings.overlay_file import OverlayFile
from mirrord.settings.start import settings_in_force
from mirrord.simulator.bridge import SimulatedBridge
from mirrord.snapshot import source_name
from mirrord.web.settings.groups import groups
from mirrord.web.settings.masked import masked, unmasked
from mirrord.web.words import FOLDER
from tests.fakes.settings_desk import TakesOver, desk_of, settings

SECRET = "sesame-1234"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


class Desk:
    """A settings page asked over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, taker: TakesOver) -> None:
        self.session = session
        self.taker = taker

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        async with self.session.request(method, f"/settings/{path}", json=body) as response:
            return response.status, await response.json()

    async def change(self, **body: Any) -> tuple[int, dict[str, Any]]:
        return await self.ask("PATCH", "values", body)

    async def field(self, key: str) -> dict[str, Any]:
        _, answer = await self.ask("GET", "values")
        return fields_in(answer["data"])[key]


def fields_in(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for group in shown["groups"] for field in group["fields"]}


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))


@pytest.fixture
def base(tmp_path: Path) -> Config:
    return settings(
        tmp_path,
        camera={"source": f"rtsp://me:{SECRET}@10.0.0.9/door", "fps": 3},
        drivers={"hue": {"bridge": "10.0.0.2"}},
    )


@pytest_asyncio.fixture
async def desk(base: Config) -> AsyncIterator[Desk]:
    async with (
        desk_of(base, "look", "read", "control") as (address, taker, _),
        aiohttp.ClientSession(address) as session,
    ):
        yield Desk(session, taker)


def every_field() -> list[tuple[str, dict[str, Any]]]:
    """Return every field of the page, those of list entries among them."""
    found = []
    for group in groups(installed_plugins()):
        for field in group["fields"]:
            found.append((field["key"], field))
            inner = field.get("item", {}).get("fields", [])
            found += [(f"{field['key']}.{one['name']}", one) for one in inner]
    return found


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


WRONG = (
    ({"camera.fps": -1}, "camera.fps", "expected a number above 0 and up to 120, not -1"),
    ({"camera.fps": "fast"}, "camera.fps", "expected a number above 0"),
    ({"camera.fsp": 1}, "camera.fsp", "no such setting; did you mean camera.fps?"),
    ({"mirror.mode": "mirrored"}, "mirror.mode", "expected one of"),
    ({"drivers.hue.lights": "Sofa"}, "drivers.hue.lights", "expected a list"),
    ({"drivers.hue.enabled": 1}, "drivers.hue.enabled", "expected true or false"),
    ({"drivers.hue.bridge": "a b"}, "drivers.hue.bridge", "expected host or host:port"),
    ({"drivers.sauna.heat": 9}, "drivers.sauna.heat", "no such setting"),
    ({"file": "x"}, "file", "no such setting"),
)


async def test_what_cannot_be_is_named_and_changes_nothing(desk: Desk) -> None:
    before = desk.taker.config
    for wanted, key, said in WRONG:
        status, answer = await desk.change(set={"room.fade_s": 7, **wanted})
        assert status == 400, key
        assert said in answer["details"][key]
        assert list(answer["details"]) == [key]
    assert desk.taker.config is before
    assert (await desk.field("room.fade_s"))["value"] == 2.0


async def test_every_wrong_key_is_named_at_once(desk: Desk) -> None:
    status, answer = await desk.change(set={"camera.fps": 0, "web.port": 70000, "room.fade_s": 3})
    assert status == 400
    assert set(answer["details"]) == {"camera.fps", "web.port"}


async def test_keys_that_exclude_each_other_are_told_so(desk: Desk) -> None:
    both = {"web.password": "optional", "web.host": "0.0.0.0"}
    status, answer = await desk.change(set=both)
    assert status == 400
    assert "for this computer alone" in answer["message"]
    assert (await desk.change(set={"web.password": "optional"}))[0] == 200


FILES = {
    "hub.password_file": "/etc/shadow",
    "hub.ca_file": "/etc/p",
    "drivers.thermostat.password_file": "/home/me/.ssh/id_ed25519",
    "drivers.hue.key_file": "/home/me/.profile",
    "drivers.audio.device": "wav:/home/me/.profile",
}


@pytest.mark.parametrize("key", FILES)
async def test_no_file_is_named_on_the_page(desk: Desk, key: str) -> None:
    before = desk.taker.config
    status, answer = await desk.change(set={key: FILES[key], "hub.username": "me"})
    assert status == 400
    assert answer["details"] == {key: "names a file on this computer: set it in the settings file"}
    assert desk.taker.config is before
    assert (await desk.change(set={"drivers.audio.device": "null"}))[0] == 200


async def test_a_password_in_a_file_goes_to_no_other_broker(tmp_path: Path) -> None:
    table = {"host": "10.0.0.3", "username": "me", "password_file": "/etc/p", "tls": True}
    async with (
        desk_of(settings(tmp_path, hub=table), "control") as (address, taker, _),
        aiohttp.ClientSession(address) as session,
    ):
        desk = Desk(session, taker)
        for change in ({"hub.host": "thief.example"}, {"hub.port": 1}, {"hub.tls": False}):
            status, answer = await desk.change(set=change)
            assert status == 400
            assert "password_file is for the broker there" in answer["message"]
        assert (await desk.field("hub.password_file"))["fixed"]
        same = {"hub.host": "10.0.0.3", "hub.password_file": "/etc/p", "hub.area": "Hall"}
        assert (await desk.change(set=same))[0] == 200
        assert taker.config.hub.area == "Hall"


async def test_secrets_are_never_shown(desk: Desk) -> None:
    shown = (await desk.field("camera.source"))["value"]
    assert shown == "rtsp://me:•••@10.0.0.9/door"
    await desk.change(set={"camera.source": "rtsp://me:•••@10.0.0.9/hall"})
    assert desk.taker.config.camera.source == f"rtsp://me:{SECRET}@10.0.0.9/hall"
    _, everything = await desk.ask("POST", "undo", {})
    assert SECRET not in json.dumps(everything)
    status, answer = await desk.change(set={"camera.source": "rtsp://me:•••@thief.example/"})
    assert status == 400
    assert answer["details"] == {"camera.source": "type the whole secret again: it is not shown"}


ADDRESSES = [
    ("http://cam/v?user=me&pwd=geheim", "http://cam/v?user=me&pwd=•••"),
    ("http://me:pw@cam/v?Password=a%26b&size=2", "http://me:•••@cam/v?Password=•••&size=2"),
    ("rtsp://cam/s?access_token=abc;x=1#f", "rtsp://cam/s?access_token=•••;x=1#f"),
    ("http://cam/v?auth=x@y/z&fps=5", "http://cam/v?auth=•••&fps=5"),
    ("http://cam:80/v?fps=5", "http://cam:80/v?fps=5"),
    ("film?pwd=x.mp4", "film?pwd=x.mp4"),  # a file's name
]


@pytest.mark.parametrize(("address", "shown"), ADDRESSES)
def test_secrets_of_an_address_are_dots_and_come_back(address: str, shown: str) -> None:
    assert masked("camera.source", address) == shown
    assert unmasked("camera.source", shown, address) == address


def test_a_secret_of_a_query_goes_to_no_other_host() -> None:
    present = "http://cam/v?user=me&pwd=geheim"
    for wanted in ("http://evil/v?pwd=•••", "https://cam/v?pwd=•••", "http://cam@evil/?pwd=•••"):
        assert "geheim" not in unmasked("camera.source", wanted, present)
    kept = unmasked("camera.source", "http://cam/other?pwd=•••&size=1", present)
    assert kept == "http://cam/other?pwd=geheim&size=1"
    assert "geheim" not in unmasked("camera.source", "http://cam/v?note=•••", present)


@given(st.text(min_size=1, max_size=12), st.sampled_from(["pwd", "Password", "token", "api_key"]))
def test_no_secret_of_a_query_is_shown(secret: str, name: str) -> None:
    quoted = quote(secret, safe="")
    address = f"http://cam/stream?{name}={quoted}&size=2"
    assert masked("camera.source", address) == f"http://cam/stream?{name}=•••&size=2"
    assert "?" not in source_name(address)


def test_secret_keys_are_dots_whatever_they_are_in() -> None:
    value = [{"name": "a", "api_key": SECRET}, {"name": "b", "token": ""}]
    shown = masked("drivers.x.accounts", value)
    assert shown == [{"name": "a", "api_key": "•••"}, {"name": "b", "token": ""}]
    assert unmasked("drivers.x.accounts", shown[::-1], value) == value[::-1]
    assert masked("drivers.x.password_file", "/etc/p") == "/etc/p"


async def test_a_mirror_that_cannot_take_over_goes_back(desk: Desk, base: Config) -> None:
    await desk.change(set={"room.fade_s": 3})
    desk.taker.refuse = "the camera burns"
    status, answer = await desk.change(set={"camera.fps": 9})
    assert (status, answer["message"]) == (400, "the camera burns")
    assert desk.taker.config.camera.fps == 3.0
    assert (await desk.field("camera.fps"))["value"] == 3.0
    async with desk_of(base) as (_, again, _layers):
        assert (again.config.camera.fps, again.config.room.fade_s) == (3.0, 3.0)


async def test_a_place_that_cannot_be_is_refused(desk: Desk, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, answer = await desk.change(set={"web.port": taken.getsockname()[1]})
    assert status == 400
    assert "in use" in answer["details"]["web.port"]
    status, answer = await desk.change(set={"store.path": str(tmp_path)})
    assert "expected a file" in answer["details"]["store.path"]
    status, answer = await desk.change(set={"web.host": "no.such.host.invalid"})
    assert status == 400


async def test_what_has_to_wait_for_the_next_start_says_so(desk: Desk, tmp_path: Path) -> None:
    status, answer = await desk.change(set={"store.path": str(tmp_path / "other.sqlite3")})
    assert status == 200
    assert answer["data"]["waiting"] == ["store.path"]
    assert (await desk.ask("POST", "undo", {}))[1]["data"]["waiting"] == []


async def test_nothing_can_be_kept_says_so(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mirror.settings.json.part").mkdir()
    status, answer = await desk.change(set={"camera.fps": 5})
    assert status == 503
    assert "mirror.settings.json cannot be written" in answer["message"]
    assert desk.taker.config.camera.fps == 3.0


@pytest.mark.parametrize("scopes", [(), ("look",), ("look", "read")])
async def test_only_who_may_control_may_look_here(base: Config, scopes: tuple[Any, ...]) -> None:
    ways = [("GET", "values"), ("PATCH", "values"), ("POST", "undo"), ("GET", "devices")]
    ways += [("POST", "devices"), ("GET", "pairing"), ("POST", "pairing"), ("DELETE", "pairing")]
    async with (
        desk_of(base, *scopes) as (address, taker, _),
        aiohttp.ClientSession(address) as session,
    ):
        for method, path in ways:
            async with session.request(method, f"/settings/{path}", json={}) as response:
                assert response.status == (403 if scopes else 401), (method, path)
        assert taker.config.camera.fps == 3.0


BODIES = (
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"null", "application/json", 400),
    (b"", "application/json", 400),
    (b"\xff", "application/json", 400),
    (b"[" * 9000, "application/json", 400),
    (b'{"sett": {}}', "application/json", 400),
    (b'{"set": {}}', "application/json", 400),
    (b'{"set": {"camera.fps": 1}, "reset": ["camera.fps"]}', "application/json", 400),
    (b"{}", "text/plain", 415),
    (b"x" * 20_000, "application/json", 413),
)


async def test_a_body_that_is_none_is_refused(desk: Desk) -> None:
    for body, kind, status in BODIES:
        headers = {"Content-Type": kind}
        async with desk.session.patch("/settings/values", data=body, headers=headers) as response:
            assert response.status == status, body[:20]
            assert (await response.json())["message"]


@drawn(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([key for key, _ in every_field()]), value=JSON)
async def test_no_value_is_too_strange(desk: Desk, key: str, value: object) -> None:
    status, answer = await desk.change(set={key: json.loads(json.dumps(value, default=str))})
    assert status in (200, 400)
    if status == 200:
        await desk.ask("POST", "undo", {"to": 0})
    else:
        assert answer["message"]
    assert desk.taker.config.camera.fps == 3.0


async def test_devices_are_looked_for_in_the_background(desk: Desk) -> None:
    began = time.monotonic()
    status, answer = await desk.ask("POST", "devices")
    assert (status, answer["data"]["looking"]) == (202, True)
    await desk.ask("POST", "devices")  # asked twice, looked once
    while answer["data"]["looking"]:
        assert time.monotonic() - began < 20.0
        await asyncio.sleep(0.1)
        _, answer = await desk.ask("GET", "devices")
    places = {place["name"]: place for place in answer["data"]["places"]}
    assert places["camera"]["found"] == [
        {"line": "Webcam (/dev/video0)", "settings": {"camera.source": 0}},
        {"line": "/dev/video9 may not be opened: run usermod", "settings": {}},
    ]
    assert {"camera", "hue", "audio"} <= places.keys()
    assert answer["data"]["at"]
    status, _ = await desk.change(set=places["camera"]["found"][0]["settings"])
    assert (status, desk.taker.config.camera.source) == (200, 0)


async def pairing_ends(desk: Desk) -> dict[str, Any]:
    began = time.monotonic()
    while True:
        _, answer = await desk.ask("GET", "pairing")
        if answer["data"]["state"] != "waiting":
            return dict(answer["data"])
        assert time.monotonic() - began < 20.0
        await asyncio.sleep(0.05)


async def test_pairing_waits_for_the_button(desk: Desk, tmp_path: Path) -> None:
    async with SimulatedBridge() as bridge:
        await desk.change(set={"drivers.hue.bridge": bridge.address})
        status, answer = await desk.ask("POST", "pairing", {"driver": "hue"})
        assert (status, answer["data"]["state"]) == (202, "waiting")
        status, answer = await desk.ask("POST", "pairing", {"driver": "hue"})
        assert status == 400
        assert "goes on" in answer["message"]
        bridge.press_link_button()
        ended = await pairing_ends(desk)
        assert (ended["state"], ended["progress"]) == ("paired", 1.0)
        key = (tmp_path / "state" / "hue.key").read_text().split()[0]
        assert key in bridge.api.keys
        assert key not in json.dumps(ended)
        assert desk.taker.reopened == ["hue"]


async def test_pairing_can_be_given_up_and_fails_in_words(desk: Desk) -> None:
    status, answer = await desk.ask("POST", "pairing", {"driver": "thermostat"})
    assert (status, answer["message"]) == (400, "there is nothing to pair with thermostat")
    async with SimulatedBridge() as bridge:
        await desk.change(set={"drivers.hue.bridge": bridge.address})
        await desk.ask("POST", "pairing", {"driver": "hue"})
        await desk.ask("DELETE", "pairing")
        assert (await pairing_ends(desk))["state"] == "cancelled"
        address = bridge.address
    await desk.change(set={"drivers.hue.bridge": address})
    await desk.ask("POST", "pairing", {"driver": "hue"})
    ended = await pairing_ends(desk)
    assert ended["state"] == "failed"
    assert ended["said"]


async def test_check_goes_by_what_was_changed_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    base = settings(tmp_path, camera={"source": str(tmp_path / "films")}, web={"port": 0})
    values = {"room.fade_s": 4.0, "drivers.sauna.heat": 90}
    OverlayFile(base).write(Overlay().changed(values, datetime.now(UTC)))
    findings = await check_all(settings_in_force(base))
    said = [(one.ok, one.said) for one in findings if one.part == "changed on the page"]
    assert (True, "room.fade_s") in said
    assert any(not ok and "drivers.sauna" in words for ok, words in said)
