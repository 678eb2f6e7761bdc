"""Colours in a lamp's gamut: properties, and published chromaticities."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mirrord.lamp_colour import hs_to_hex, to_hex, to_mired, to_xy, white
from mirrord.simulator.bridge_colour import closest, tint
from mirrord.simulator.bridge_colour import white as simulated_white
from mirrord_hue.colour import GAMUTS, Gamut, area, from_bri, gamut_of, to_bri, within, within_all

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
points = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
gamuts = st.sampled_from([*GAMUTS.values()])
any_gamut = st.tuples(points, points, points).filter(lambda gamut: area(gamut) > 0.01)


def outside_by(point: tuple[float, float], gamut: Gamut) -> float:
    """How far a point lies outside a triangle, from the areas it makes with the sides."""
    parts = [area((gamut[i], gamut[(i + 1) % 3], point)) for i in range(3)]
    return sum(parts) - area(gamut)


@given(points, st.one_of(gamuts, any_gamut))
def test_within_is_in_the_gamut(point: tuple[float, float], gamut: Gamut) -> None:
    assert outside_by(within(point, gamut), gamut) < 1e-9


@given(points, st.one_of(gamuts, any_gamut))
def test_within_changes_nothing_twice(point: tuple[float, float], gamut: Gamut) -> None:
    once = within(point, gamut)
    assert math.dist(within(once, gamut), once) < 1e-9


@given(points, any_gamut)
def test_within_is_the_closest_point(point: tuple[float, float], gamut: Gamut) -> None:
    """The bridge's own clamping, written another way, lands at the same distance."""
    ours, theirs = within(point, gamut), closest(point, gamut)
    assert math.dist(ours, point) == pytest.approx(math.dist(theirs, point), abs=1e-7)


@given(st.tuples(*[st.floats(0.01, 1.0)] * 3), gamuts)
def test_a_point_of_the_gamut_stays(weights: tuple[float, ...], gamut: Gamut) -> None:
    total = sum(weights)
    x, y = (sum(w * corner[i] for w, corner in zip(weights, gamut, strict=True)) for i in (0, 1))
    point = (x / total, y / total)
    assert math.dist(within(point, gamut), point) < 1e-9


@given(colours)
def test_within_all_is_in_every_gamut(colour: str) -> None:
    point = within_all(to_xy(colour), [*GAMUTS.values()])
    for gamut in GAMUTS.values():
        assert outside_by(point, gamut) < 1e-4


@given(st.tuples(*[st.integers(0, 255)] * 2), st.integers(0, 2))
@example((0, 0), 0)
def test_to_xy_and_back(others: tuple[int, int], full: int) -> None:
    rgb = (*others[:full], 255, *others[full:])
    code = "#" + "".join(f"{one:02X}" for one in rgb)
    back = to_hex(to_xy(code))
    for at in (1, 3, 5):
        assert abs(int(code[at : at + 2], 16) - int(back[at : at + 2], 16)) <= 2


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        # The primaries and the white of sRGB, IEC 61966-2-1.
        ("#FF0000", (0.6400, 0.3300)),
        ("#00FF00", (0.3000, 0.6000)),
        ("#0000FF", (0.1500, 0.0600)),
        ("#FFFFFF", (0.3127, 0.3290)),
        ("#808080", (0.3127, 0.3290)),
        ("#000000", (0.3127, 0.3290)),
    ],
)
def test_to_xy_knows_srgb(colour: str, expected: tuple[float, float]) -> None:
    assert math.dist(to_xy(colour), expected) < 5e-4


@given(points)
def test_to_hex_is_a_colour(point: tuple[float, float]) -> None:
    code = to_hex(point)
    assert len(code) == 7
    assert 0 <= int(code[1:], 16) <= 0xFFFFFF


@pytest.mark.parametrize(
    ("kelvin", "expected"),
    [
        (2000, (0.5267, 0.4133)),
        (2856, (0.4476, 0.4074)),
        (4000, (0.3805, 0.3768)),
        (6500, (0.3135, 0.3237)),
    ],
)
def test_white_lies_on_the_planckian_locus(kelvin: float, expected: tuple[float, float]) -> None:
    """Against tabulated chromaticities of black bodies (CIE 15)."""
    assert math.dist(white(1e6 / kelvin), expected) < 1.5e-3
    assert math.dist(simulated_white(1e6 / kelvin), expected) < 1.5e-3


@given(st.integers(153, 500))
def test_to_mired_and_back(mired: int) -> None:
    assert abs(to_mired(white(mired), 153, 500) - mired) <= 2


@given(colours, st.integers(153, 300), st.integers(301, 500))
def test_to_mired_is_in_range(colour: str, coolest: int, warmest: int) -> None:
    assert coolest <= to_mired(to_xy(colour), coolest, warmest) <= warmest


def test_to_mired_is_warm_for_warm_colours() -> None:
    warm, cool = to_mired(to_xy("#FF8C00"), 153, 500), to_mired(to_xy("#2040FF"), 153, 500)
    assert warm > 400
    assert cool == 153


@given(st.floats(-1.0, 2.0), st.floats(-1.0, 2.0))
def test_to_bri_is_bounded_and_monotonic(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 1 <= to_bri(low) <= to_bri(high) <= 254


@given(st.integers(1, 254))
def test_to_bri_and_back(bri: int) -> None:
    assert to_bri(from_bri(bri)) == bri


@given(st.integers(0, 65_535), st.integers(0, 254))
def test_tints_agree_with_the_bridge(hue: int, sat: int) -> None:
    assert math.dist(to_xy(hs_to_hex(hue / 65_535 * 360.0, sat / 254)), tint(hue, sat)) < 1e-3


def test_gamut_of_knows_old_lamps_and_takes_others_for_new() -> None:
    assert gamut_of("LST001") == GAMUTS["A"]
    assert gamut_of("LCT001") == GAMUTS["B"]
    assert gamut_of("LCX004") == GAMUTS["C"]
