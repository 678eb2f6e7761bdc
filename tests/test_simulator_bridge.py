"""The simulated bridge answers, limits and misbehaves as a real one is documented to."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp, room_lamps
from mirrord.simulator.bridge_lamp import MODELS

KEY = "known"


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bridge() -> AsyncIterator[SimulatedBridge]:
    async with SimulatedBridge(key=KEY) as bridge:
        yield bridge


async def ask(
    client: aiohttp.ClientSession, bridge: SimulatedBridge, method: str, path: str, body: Any = None
) -> Any:
    url = f"http://{bridge.address}/api/{path}"
    data = {} if body is None else {"json": body}
    async with client.request(method, url, **data) as answer:
        return await answer.json()


def errors(said: Any) -> list[int]:
    return [item["error"]["type"] for item in said if "error" in item]


async def test_pairing_needs_the_button(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    who = {"devicetype": "app#device"}
    assert errors(await ask(client, bridge, "POST", "", who)) == [101]
    bridge.press_link_button()
    key = (await ask(client, bridge, "POST", "", who))[0]["success"]["username"]
    assert set(await ask(client, bridge, "GET", f"{key}/lights")) == set(bridge.lamps)
    assert errors(await ask(client, bridge, "POST", "", {})) == [5]


async def test_strangers_see_the_public_config_alone(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    assert "whitelist" not in await ask(client, bridge, "GET", "config")
    assert "whitelist" not in await ask(client, bridge, "GET", "stranger/config")
    assert KEY in (await ask(client, bridge, "GET", f"{KEY}/config"))["whitelist"]
    for method, path in (("GET", "lights"), ("GET", ""), ("PUT", "lights/1/state")):
        said = await ask(client, bridge, method, f"stranger/{path}", {"on": True})
        assert errors(said) == [1]
    assert not bridge.commands


@pytest.mark.parametrize(
    ("method", "path", "body", "numbers"),
    [
        ("GET", "lights/99", None, [3]),
        ("GET", "groups/99", None, [3]),
        ("GET", "nothing", None, [3]),
        ("PUT", "lights/99/state", {"on": True}, [3]),
        ("PUT", "groups/99/action", {"on": True}, [3]),
        ("DELETE", "groups/0", None, [3]),
        ("DELETE", "lights/1", None, [3]),
        ("PATCH", "lights/1", None, [4]),
        ("PUT", "lights/1/state", {}, [5]),
        ("PUT", "lights/1/state", {"wattage": 5}, [6]),
        ("PUT", "lights/5/state", {"xy": [0.3, 0.3]}, [6]),
        ("PUT", "lights/1/state", {"bri": 300}, [7]),
        ("PUT", "lights/1/state", {"bri": "much"}, [7]),
        ("PUT", "lights/1/state", {"xy": [0.3]}, [7]),
        ("PUT", "lights/1/state", {"on": 1}, [7]),
        ("PUT", "lights/1/state", {"on": False, "bri": 7}, [201]),
        ("POST", "groups", {"name": "x"}, [5]),
        ("POST", "groups", {"lights": ["99"]}, [7]),
    ],
)
async def test_errors_are_those_of_the_api(
    bridge: SimulatedBridge,
    client: aiohttp.ClientSession,
    method: str,
    path: str,
    body: Any,
    numbers: list[int],
) -> None:
    assert errors(await ask(client, bridge, method, f"{KEY}/{path}", body)) == numbers


async def test_a_body_that_is_no_json_is_error_2(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    url = f"http://{bridge.address}/api/{KEY}/lights/1/state"
    async with client.put(url, data=b"{on") as answer:
        assert errors(await answer.json()) == [2]


async def test_a_valid_part_of_a_command_is_carried_out(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    said = await ask(client, bridge, "PUT", f"{KEY}/lights/1/state", {"bri": 99, "wattage": 1})
    assert errors(said) == [6]
    assert {"success": {"/lights/1/state/bri": 99}} in said
    assert bridge.lamps["1"].state["bri"] == 99


async def test_a_group_commands_its_lamps_and_skips_what_they_lack(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    body = {"xy": [0.4, 0.4], "bri": 10}
    said = await ask(client, bridge, "PUT", f"{KEY}/groups/1/action", body)
    assert errors(said) == []
    assert {lamp.state["bri"] for lamp in bridge.lamps.values()} == {10}
    assert bridge.lamps["1"].state["colormode"] == "xy"
    assert "xy" not in bridge.lamps["5"].state


async def test_groups_come_and_go(bridge: SimulatedBridge, client: aiohttp.ClientSession) -> None:
    made = await ask(client, bridge, "POST", f"{KEY}/groups", {"name": "Two", "lights": ["1", "2"]})
    number = made[0]["success"]["id"]
    await ask(client, bridge, "PUT", f"{KEY}/groups/{number}", {"name": "Pair"})
    listed = await ask(client, bridge, "GET", f"{KEY}/groups/")
    assert listed[number]["name"] == "Pair"
    assert listed[number]["lights"] == ["1", "2"]
    assert listed[number]["state"] == {"all_on": True, "any_on": True}
    await ask(client, bridge, "DELETE", f"{KEY}/groups/{number}")
    assert number not in await ask(client, bridge, "GET", f"{KEY}/groups")


async def test_lamps_tell_what_they_can(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    lights = await ask(client, bridge, "GET", f"{KEY}/lights")
    gamuts = [light["capabilities"]["control"].get("colorgamuttype") for light in lights.values()]
    assert gamuts == ["C", "B", "A", None, None]
    assert lights["4"]["capabilities"]["control"]["ct"] == {"min": 153, "max": 454}
    assert len({light["uniqueid"] for light in lights.values()}) == 5
    whole = await ask(client, bridge, "GET", KEY)
    assert whole["lights"] == lights
    assert lights["1"] == await ask(client, bridge, "GET", f"{KEY}/lights/1")


@pytest.mark.parametrize("answer", ["429", "901"])
async def test_the_rate_is_limited(
    bridge: SimulatedBridge, client: aiohttp.ClientSession, answer: Any
) -> None:
    bridge.rate_answer = answer
    url = f"http://{bridge.address}/api/{KEY}"
    refused = []
    for bri in range(1, 14):
        async with client.put(f"{url}/lights/1/state", json={"bri": bri}) as said:
            refused.append(said.status == 429 or errors(await said.json()) == [901])
    assert refused == [False] * 10 + [True] * 3
    for expected in (False, True):
        async with client.put(f"{url}/groups/1/action", json={"bri": 200}) as said:
            assert (said.status == 429 or errors(await said.json()) == [901]) is expected
    assert [command.accepted for command in bridge.commands].count(False) == 4
    assert bridge.lamps["1"].state["bri"] == 200


async def test_a_lamp_fades_from_where_it_is() -> None:
    lamp = SimulatedLamp("Lamp")
    lamp.command({"xy": [0.2, 0.2], "bri": 254, "transitiontime": 0}, "")
    assert lamp.light().brightness == 1.0
    started = time.monotonic()
    lamp.command({"on": False, "transitiontime": 10}, "")
    while (passed := time.monotonic() - started) < 0.9:
        assert lamp.light().brightness == pytest.approx(1.0 - passed, abs=0.05)
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.2)
    assert lamp.light().brightness == 0.0


@given(
    st.sampled_from(sorted(MODELS)),
    st.lists(
        st.dictionaries(
            st.sampled_from(["on", "bri", "hue", "sat", "xy", "ct", "effect", "x"]),
            st.one_of(
                st.booleans(),
                st.integers(-10, 70_000),
                st.lists(st.floats(0, 1), max_size=3),
                st.text(max_size=3),
                st.none(),
            ),
        ),
        max_size=5,
    ),
)
def test_no_command_breaks_a_lamp(model: str, bodies: list[dict[str, Any]]) -> None:
    lamp = SimulatedLamp("Lamp", model)
    names = set(lamp.state)
    for body in bodies:
        answers = lamp.command(body, "/lights/1/state")
        assert len(answers) == len(body)
        light = lamp.light()
        assert 0.0 <= light.brightness <= 1.0
        assert set(lamp.state) == names


async def test_misbehaviours(bridge: SimulatedBridge, client: aiohttp.ClientSession) -> None:
    url = f"http://{bridge.address}/api/{KEY}/lights"
    soon = aiohttp.ClientTimeout(total=0.5)
    for how in ("hang", "slow"):
        bridge.misbehaviour = how
        with pytest.raises(asyncio.TimeoutError):
            await _text(client, url, soon)
    bridge.misbehaviour = "truncate"
    with pytest.raises(aiohttp.ClientPayloadError):
        await _text(client, url, soon)
    bridge.misbehaviour = "garbage"
    assert (await _text(client, url, soon)).startswith("<html>")
    bridge.misbehaviour = "overloaded"
    assert "901" in await _text(client, url, soon)
    bridge.misbehaviour = "busy"
    async with client.get(url) as answer:
        assert answer.status == 429
    bridge.misbehaviour = None
    assert "Window" in await _text(client, url, soon)


async def test_a_command_to_a_misbehaving_bridge_takes_effect_only_if_it_got_through(
    bridge: SimulatedBridge, client: aiohttp.ClientSession
) -> None:
    url = f"http://{bridge.address}/api/{KEY}/lights/1/state"
    bridge.misbehaviour = "busy"
    async with client.put(url, json={"bri": 1}):
        assert bridge.lamps["1"].state["bri"] == 144
    bridge.misbehaviour = "truncate"
    with pytest.raises(aiohttp.ClientPayloadError):
        async with client.put(url, json={"bri": 2}) as answer:
            await answer.read()
    assert bridge.lamps["1"].state["bri"] == 2
    assert [command.accepted for command in bridge.commands] == [False, True]


async def test_it_restarts_on_the_same_port(client: aiohttp.ClientSession) -> None:
    async with SimulatedBridge(room_lamps(), key=KEY) as bridge:
        address = bridge.address
        await bridge.refuse()
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask(client, bridge, "GET", "config")
        await bridge.restart(0.05)
        assert bridge.address == address
        assert "bridgeid" in await ask(client, bridge, "GET", "config")


async def test_it_describes_itself(bridge: SimulatedBridge, client: aiohttp.ClientSession) -> None:
    text = await _text(client, f"http://{bridge.address}/description.xml")
    assert "Philips hue bridge" in text
    async with client.get(f"http://{bridge.address}/other") as answer:
        assert answer.status == 404


async def _text(
    client: aiohttp.ClientSession, url: str, timeout: aiohttp.ClientTimeout | None = None
) -> str:
    async with client.get(url, timeout=timeout or aiohttp.ClientTimeout(total=5.0)) as answer:
        return await answer.text()
