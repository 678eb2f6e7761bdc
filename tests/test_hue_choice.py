"""Which lamps the settings mean, and what is commanded together."""

from typing import Any

import pytest

from mirrord.driver import Refused, Unavailable
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp
from mirrord.testing import BRIGHT, environment
from mirrord_hue.choice import choose, read_groups
from mirrord_hue.colour import GAMUTS
from mirrord_hue.lamp import Lamp, found, read_lamps, restoring
from mirrord_hue.settings import HueSettings
from mirrord_hue.unit import Unit

MODELS = {"Left": "LCT016", "Right": "LCT001", "Ceiling": "LTW012", "Bulb": "LWB014"}


def house(**groups: list[str]) -> tuple[dict[str, Lamp], dict[str, Any]]:
    """Return the lamps of a house with a plug, and its groups, as its bridge describes them."""
    lamps = [SimulatedLamp(name, model) for name, model in MODELS.items()]
    bridge = SimulatedBridge([*lamps, SimulatedLamp("Heater", "LOM001")], groups=groups)
    lights = {number: lamp.describe(number) for number, lamp in bridge.lamps.items()}
    read = read_lamps(lights)
    return read, read_groups(bridge.api.groups.describe_all(), read)


def chosen(settings: HueSettings, **groups: list[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    lamps, known = house(**groups)
    units = choose(settings, lamps, known, "the bridge")
    return [(unit.kind, unit.number, unit.lamps) for unit in units]


def single(*numbers: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [("lights", number, (number,)) for number in numbers]


def test_without_a_choice_every_lamp_takes_part_and_no_plug() -> None:
    assert chosen(HueSettings()) == single("1", "2", "3", "4")


def test_lamps_are_named_or_numbered() -> None:
    assert chosen(HueSettings(lights=("right", 3, "1"))) == single("2", "3", "1")
    assert chosen(HueSettings(lights=("Left", 1, "left"))) == single("1")


def test_lamps_that_are_exactly_a_group_move_together() -> None:
    assert chosen(HueSettings(lights=("Left", "Right")), Duo=["2", "1"]) == [
        ("groups", "1", ("1", "2"))
    ]
    assert chosen(HueSettings(lights=("Left",)), Duo=["1", "2"]) == single("1")
    assert chosen(HueSettings(lights=("Left",)), Solo=["1"]) == single("1")


def test_a_room_with_a_plug_is_commanded_lamp_by_lamp() -> None:
    assert chosen(HueSettings(groups=("Den",)), Den=["1", "2", "5"]) == single("1", "2")


def test_groups_and_lamps_add_up_without_overlap() -> None:
    settings = HueSettings(groups=("Duo", "Trio"), lights=("Bulb", "Left"))
    units = chosen(settings, Duo=["1", "2"], Trio=["2", "3"])
    assert units == [("groups", "1", ("1", "2")), *single("3", "4")]


def test_tunable_whites_in_a_coloured_group_get_their_own_white() -> None:
    lamps, groups = house(Room=["1", "2", "3", "4"])
    units = choose(HueSettings(), lamps, groups, "the bridge")
    assert [(unit.kind, unit.number) for unit in units] == [("groups", "1"), ("lights", "3")]
    members = [lamps[number] for number in units[0].lamps]
    assert set(units[0].wish(BRIGHT, members)) == {"xy", "bri"}
    assert set(units[1].wish(BRIGHT, [lamps["3"]])) == {"ct"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (HueSettings(lights=("Lefd",)), "did you mean 'Left'"),
        (HueSettings(lights=("99",)), "it has Left, Right, Ceiling, Bulb, Heater"),
        (HueSettings(groups=("Kitchem",)), "no group 'Kitchem'; did you mean 'Kitchen'"),
        (HueSettings(lights=("Heater",)), "'Heater' of the bridge is a plug or switch"),
        (HueSettings(groups=("Plugs",)), "the group 'Plugs' of the bridge has no lamp"),
    ],
)
def test_what_the_bridge_does_not_have_is_refused(settings: HueSettings, words: str) -> None:
    with pytest.raises(Refused, match=words):
        chosen(settings, Kitchen=["1"], Plugs=["5"])


def test_a_bridge_without_lamps_may_get_some() -> None:
    with pytest.raises(Unavailable, match="no lamp that can be dimmed"):
        choose(HueSettings(), {}, read_groups({}, []), "the bridge")


def test_lamps_described_strangely_are_left_out() -> None:
    good = SimulatedLamp("Good").describe("1")
    lights = {"1": good, "2": {"state": {"bri": "high"}}, "3": None, "4": {"name": "No state"}}
    assert list(read_lamps(lights)) == ["1"]


def test_zeros_of_other_makes_are_not_believed() -> None:
    light = SimulatedLamp("Odd").describe("1")
    control = {"colorgamut": [[0, 0], [0, 0], [0, 0]], "ct": {"min": 0, "max": 65_535}}
    light["capabilities"] = {"control": control}
    lamp = read_lamps({"1": light})["1"]
    assert lamp.gamut == GAMUTS["C"]
    assert lamp.whites == (153, 500)


@pytest.mark.parametrize("mode", ["xy", "ct", "hs"])
def test_a_lamp_is_put_back_in_the_colour_mode_it_was_in(mode: str) -> None:
    simulated = SimulatedLamp("Lamp")
    wanted = {"xy": {"xy": [0.3, 0.3]}, "ct": {"ct": 200}, "hs": {"hue": 900, "sat": 200}}
    simulated.command({**wanted[mode], "bri": 17}, "")
    before = dict(simulated.state)
    kept = found(read_lamps({"1": simulated.describe("1")})["1"])
    simulated.command({"xy": [0.6, 0.3], "bri": 254}, "")
    for body in restoring(kept):
        assert "on" not in body
        simulated.command(body, "")
    names = ("on", "bri", "colormode", *wanted[mode])
    assert {name: simulated.state[name] for name in names} == {name: before[name] for name in names}


def test_a_lamp_found_off_ends_off_with_its_old_colour() -> None:
    simulated = SimulatedLamp("Lamp", on=False)
    kept = found(read_lamps({"1": simulated.describe("1")})["1"])
    assert [sorted(body) for body in restoring(kept)] == [["bri", "ct"], ["on"]]


def test_small_steps_add_up_until_they_are_seen() -> None:
    lamps = [read_lamps({"1": SimulatedLamp("Lamp").describe("1")})["1"]]
    unit, sent = Unit("lights", "1", ("1",)), 0
    for step in range(101):
        news = unit.news(unit.wish(environment(lighting_intensity=step / 1000), lamps))
        unit.sent |= news
        sent += "bri" in news
    assert 5 <= sent <= 20
    assert abs(unit.sent["bri"] - 26) <= 2
