"""What may be asked of the mirror through its page, and how it answers."""

from __future__ import annotations

import json

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import ConfigError, Unavailable
from mirrord.web import make_app, serve
from mirrord.web.mirror import check_change
from tests.fakes.mirror import FakeMirror

DRIVERS = ("hue", "audio", "thermostat")
HAND = {"joy": 0.7, "calm": 0.1, "energy": 0.1, "melancholy": 0.1}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
KEYS = ("camera", "room", "mute", "brightness_cap", "volume_cap", "drivers", "hand", "mode", "goal")
ASKED = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), JSON, max_size=4)


@pytest.mark.parametrize(
    "change",
    [
        {"camera": False},
        {"room": False, "mute": True},
        {"brightness_cap": 0.4},
        {"brightness_cap": 1},
        {"volume_cap": 0},
        {"drivers": {"audio": False}},
        {"hand": HAND},
        {"hand": None},
        {"mode": "guide", "goal": "calm"},
        {"mode": None},
    ],
)
async def test_obeys(
    mirror: FakeMirror, session: aiohttp.ClientSession, change: dict[str, object]
) -> None:
    async with session.post("/control", json=change) as response:
        body = await response.json()
    assert mirror.asked == [change]
    assert response.status == 200
    assert body == {
        "success": True,
        "message": "Done.",
        "data": mirror.state()["controls"],
        "status_code": 200,
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"camra": False}, "control: camra: no such setting; did you mean camera?"),
        ({"camera": 0}, "control: camera: expected true or false, not 0"),
        (
            {"brightness_cap": 1.5},
            "control: brightness_cap: expected a number from 0 to 1, not 1.5",
        ),
        ({"volume_cap": 0.4}, "control: volume_cap: expected a number from 0 to 0.3, not 0.4"),
        ({"drivers": {"hu": True}}, "control: drivers.hu: no such driver; did you mean hue?"),
        ({"drivers": {"hue": 1}}, "control: drivers.hue: expected true or false"),
        ({"hand": {**HAND, "joy": 2}}, "control: hand.joy: expected a number from 0 to 1, not 2"),
        ({"hand": {"joy": 1}}, "control: hand.calm: is missing; expected a number from 0 to 1"),
        (
            {"mode": "guid"},
            "control: mode: expected one of counter, guide, mirror, still, not 'guid'",
        ),
        ([], 'control: expected an object such as {"camera": false}'),
        ({}, "control: nothing to change; known are camera, room, mute"),
    ],
)
async def test_says_what_is_wrong(
    mirror: FakeMirror, session: aiohttp.ClientSession, change: object, sentence: str
) -> None:
    async with session.post("/control", json=change) as response:
        body = await response.json()
    assert response.status == 400
    assert body["message"].startswith(sentence)
    assert (body["success"], body["error"], body["details"]) == (False, True, {})
    assert body["status_code"] == 400
    assert mirror.asked == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"brightness_cap": NaN}', b"[" * 9000])
async def test_refuses_what_is_no_json(session: aiohttp.ClientSession, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with session.post("/control", data=body, headers=headers) as response:
        assert response.status == 400
        message = (await response.json())["message"]
    assert message.startswith(
        ("control: the body is no valid JSON (", "control: the body is nested too deeply")
    )


async def test_wants_json(mirror: FakeMirror, session: aiohttp.ClientSession) -> None:
    async with session.post("/control", data='{"camera": false}') as response:
        assert response.status == 415
        assert "application/json" in (await response.json())["message"]
    assert mirror.asked == []


async def test_refuses_a_large_body(session: aiohttp.ClientSession) -> None:
    async with session.post("/control", json={"x": "y" * 20_000}) as response:
        assert response.status == 413
        assert (await response.json())["message"] == "The body is larger than 16 KiB."


async def test_passes_on_what_the_mirror_refuses(
    mirror: FakeMirror, session: aiohttp.ClientSession
) -> None:
    mirror.refuse = "control: drivers.hue: locked by the settings"
    async with session.post("/control", json={"drivers": {"hue": False}}) as response:
        assert response.status == 400
        assert (await response.json())["message"] == mirror.refuse


async def test_a_mirror_in_trouble_shows_no_traceback() -> None:
    class Troubled(FakeMirror):
        async def control(self, change: dict[str, object]) -> None:
            raise Unavailable("the mirror is starting") if "mute" in change else KeyError("secret")

    async with (
        serve(make_app(Troubled()), "127.0.0.1", 0) as address,
        aiohttp.ClientSession(address) as session,
    ):
        async with session.post("/control", json={"mute": True}) as response:
            assert (response.status, (await response.json())["message"]) == (
                503,
                "the mirror is starting",
            )
        async with session.post("/control", json={"room": True}) as response:
            text = await response.text()
    assert response.status == 500
    assert json.loads(text)["success"] is False
    assert "secret" not in text


@given(JSON | ASKED)
def test_any_wish_is_checked_or_refused(asked: object) -> None:
    try:
        change = check_change(asked, DRIVERS)
    except ConfigError as error:
        sentence = str(error)
    else:
        assert change
        assert change.keys() <= set(KEYS)
        assert 0 <= change.get("brightness_cap", 0) <= 1
        assert 0 <= change.get("volume_cap", 0) <= 0.3
        return
    assert sentence.startswith("control: ")
    assert "\n" not in sentence
