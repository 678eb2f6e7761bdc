"""Secrets are not shown and go to nobody else; no file is named on the page."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.snapshot import source_name
from mirrord.web.settings.masked import masked, unmasked
from tests.fakes.settings_desk import desk_of, settings
from tests.settings_page.conftest import SECRET, Desk

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
