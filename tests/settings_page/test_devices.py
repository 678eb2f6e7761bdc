"""Devices are found and paired with from the settings page."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from mirrord.simulator.bridge import SimulatedBridge
from tests.settings_page.conftest import Desk


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
