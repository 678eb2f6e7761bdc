"""What cannot be is refused in words, names its key, and changes nothing."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from mirrord.config import Config
from tests.fakes.settings_desk import desk_of
from tests.settings_page.conftest import Desk, every_field

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)

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
    assert (await desk.field("web.password"))["value"] == "optional"  # a rule is no secret


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
