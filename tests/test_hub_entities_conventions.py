"""Colours, brightness and words of the conventions: what is said is what is read."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from mirrord.driver import ConfigError
from mirrord.lamp_colour import hs_to_hex, rgb_to_hex, to_hex, to_hs, to_rgb, to_xy
from mirrord.mqtt.payload import Junk
from mirrord_hub_entities import discovery
from mirrord_hub_entities.colours import from_level, read_colour, to_level
from mirrord_hub_entities.conventions import KINDS
from mirrord_hub_entities.conventions.json_light import JsonLight
from mirrord_hub_entities.hands import Hands
from mirrord_hub_entities.look import Look, apart
from mirrord_hub_entities.settings import LightSettings
from tests.fakes.light_bench import settings

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
shares = st.floats(0.0, 1.0)


def light(kind: str, **more: Any) -> LightSettings:
    base = {"kind": kind, "topic": "a/b"} | more
    return settings({"host": "x", "lights": [base]}).lights[0]


@effort(max_examples=60)
@given(colours)
def test_every_way_to_write_a_colour_keeps_its_tint(colour: str):
    for back in (
        to_hex(to_xy(colour)),
        hs_to_hex(*to_hs(colour)),
        rgb_to_hex(*to_rgb(colour)),
        read_colour(dict(zip("rgb", to_rgb(colour), strict=True))) or "",
        read_colour(list(to_rgb(colour))) or "",
    ):
        # Dark colours have few steps, so their tint is coarse.
        assert math.dist(to_xy(back), to_xy(colour)) < 0.05 or colour < "#0A0A0A" or _dark(colour)


def _dark(colour: str) -> bool:
    return max(bytes.fromhex(colour[1:])) < 64


@effort(max_examples=60)
@given(shares, st.sampled_from([100.0, 200.0, 254.0, 255.0, 1000.0]))
def test_brightness_round_trips_and_never_means_off(share: float, top: float):
    level = to_level(share, top)
    assert 1 <= level <= top
    assert abs((from_level(level, top) or 0.0) - share) <= 0.5 / (top - 1) + 1e-9


@pytest.mark.parametrize("form", ["xy", "rgb", "hs"])
@effort(max_examples=40)
@given(colour=colours.filter(lambda one: not _dark(one)), share=shares)
def test_a_json_light_reads_what_it_writes(form: Any, colour: str, share: float):
    one = JsonLight("a/set", "a", form=form)
    (message,) = one.encode(Look(on=True, brightness=share, color=colour), 1.5)
    back = one.decode("a", message.payload.encode()).look
    assert back.on
    assert abs((back.brightness or 0.0) - share) < 0.003
    assert apart(back, Look(color=colour), "tint") < 0.04
    assert json.loads(message.payload)["transition"] == 1.5


@effort(max_examples=60)
@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=60))
def test_any_payload_is_read_or_junk(kind: str, payload: bytes):
    more = {"command": "{hex}", "color_field": "c"} if kind == "generic" else {}
    convention = KINDS[kind].make(light(kind, **more))
    for topic in convention.topics():
        try:
            convention.decode(topic, payload)
        except Junk:
            continue


def test_wled_fades_one_command_and_ends_the_effect():
    (message,) = KINDS["wled"].make(light("wled")).encode(Look(True, 1.0, "#FF0000"), 2.0)
    body = json.loads(message.payload)
    assert body == {"tt": 20, "on": True, "bri": 255, "seg": {"fx": 0, "col": [[255, 0, 0]]}}


def test_tasmota_sets_its_fading_only_when_it_changes():
    bulb = KINDS["tasmota"].make(light("tasmota"))
    assert bulb.encode(Look(brightness=0.0), 2.0)[0].payload == "Fade ON;Speed 4;Dimmer 1"
    assert bulb.encode(Look(brightness=1.0), 2.0)[0].payload == "Dimmer 100"
    assert bulb.encode(Look(color="#0000FF"), 0.0)[0].payload == (
        "Fade OFF;Speed 1;HSBColor 240,100,100"
    )


def test_tasmota_s_white_is_told_from_its_colour():
    bulb = KINDS["tasmota"].make(light("tasmota"))
    said = b'{"POWER": "ON", "Dimmer": 40, "HSBColor": "30,50,0", "White": 40, "CT": 300}'
    assert bulb.decode("stat/a/b/RESULT", said).look.mired == 300
    said = b'{"HSBColor": "120,100,40", "White": 0, "CT": 300}'
    assert bulb.decode("stat/a/b/RESULT", said).look.color == "#00FF00"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"schema": "template"}, "generic"),
        ({"state_topic": None}, "no state_topic"),
        ({"command_topic": "a/#"}, "no command_topic"),
        ({"rgb_command_topic": "c", "rgb_command_template": "{% if x %}"}, "not simple"),
        ({"state_value_template": "{{ states('x') }}"}, "not simple"),
    ],
)
def test_an_announcement_that_cannot_be_followed_says_why(more: dict[str, Any], why: str):
    keys = {"p": "light", "cmd_t": "a/set", "stat_t": "a"}
    keys = discovery.announcement(json.dumps(keys).encode()) | more
    with pytest.raises(discovery.Unreadable, match=why):
        discovery.light(keys)


def test_the_default_schema_counts_whites_and_levels_as_announced():
    keys = {"cmd_t": "a/set", "stat_t": "a", "bri_cmd_t": "b", "bri_stat_t": "b/s", "bri_scl": 100}
    keys |= {"clr_temp_cmd_t": "c", "clr_temp_stat_t": "c/s", "max_k": 5000, "min_k": 2500}
    one = discovery.light(discovery.announcement(json.dumps(keys).encode()))
    assert one.abilities.whites == (200, 400)
    messages = one.encode(Look(on=True, brightness=1.0, mired=250), 0.0)
    assert {(said.topic, said.payload) for said in messages} == {
        ("a/set", "ON"), ("b", "100"), ("c", "250"),
    }  # fmt: skip
    assert one.decode("c/s", b"300").look.mired == 300


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"kind": "zigbee"}, "did you mean 'zigbee2mqtt'"),
        ({"kind": "wled", "command": "x"}, "command has no meaning"),
        ({"kind": "generic"}, "has to contain"),
        ({"kind": "wled", "topic": "a/#"}, "topic"),
        ({"kind": "wled", "brightness_scale": 1.0}, "brightness_scale"),
    ],
)
def test_settings_that_make_no_sense_are_refused(table: dict[str, Any], why: str):
    with pytest.raises(ConfigError, match=why):
        light(**table)


def test_two_lights_of_one_topic_are_refused():
    twice = [{"kind": "wled", "topic": "a"}, {"kind": "tasmota", "topic": "a"}]
    with pytest.raises(ConfigError, match="two lights have the topic 'a'"):
        settings({"host": "x", "lights": twice})


def test_what_a_lamp_makes_of_a_command_is_no_hand():
    """It clips a colour to its gamut, and later says that more exactly."""
    hands, asked = Hands(60.0), Look(brightness=0.5, color="#0000FF")
    hands.sent(Look(True, 1.0, "#FF0000"))
    assert hands.judged(asked, Look(True, 0.52, "#1A22FF"), 1.0) == (set(), set())
    assert hands.judged(asked, Look(True, 0.51, "#1922FF"), 2.0) == (set(), set())
    assert hands.judged(asked, Look(True, 0.7, "#1922FF"), 3.0) == ({"brightness"}, set())
    assert hands.held == {"brightness"}
    assert hands.expired(62.0) == set()
    assert hands.expired(63.5) == {"brightness"}
