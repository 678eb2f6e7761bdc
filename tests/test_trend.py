"""Whether a series grows."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from mirrord.drill.trend import figure

HOUR = 3600.0


def noisy(slope_per_h: float, noise: float, seed: int = 1) -> list[tuple[float, float]]:
    rng = random.Random(seed)
    return [(at, 100 + slope_per_h * at / HOUR + rng.gauss(0, noise)) for at in range(0, 1800, 10)]


def test_a_leak_is_found_under_noise_and_with_its_size():
    found = figure("memory", noisy(20, 1.0), tolerance=3)
    assert not found.flat
    assert found.low_per_h < 20 < found.high_per_h


def test_noise_and_single_outliers_are_no_leak():
    points = noisy(0, 2.0)
    points[-3:] = [(at, value + 500) for at, value in points[-3:]]
    found = figure("memory", points, tolerance=0.5)
    assert found.flat
    assert abs(found.slope_per_h) < 2


def test_a_step_up_early_is_no_growth_and_little_growth_is_tolerated():
    assert figure("files", [(at, 20.0 + (at > 20)) for at in range(0, 1800, 10)], 0.5).flat
    assert figure("memory", noisy(1, 0.01), tolerance=1).flat
    assert not figure("memory", noisy(1, 0.01), tolerance=0.1).flat


def test_a_series_of_one_is_nothing_to_go_by():
    assert not figure("memory", [(0.0, 1.0)], 1).flat
    assert not figure("memory", [], 1).flat


@given(
    st.floats(-1e3, 1e3),
    st.floats(-1e6, 1e6),
    st.integers(3, 60),
)
def test_a_straight_line_is_measured_exactly(slope: float, start: float, count: int):
    points = [(float(at), start + slope * at) for at in range(count)]
    found = figure("line", points, tolerance=0.0)
    assert math.isclose(found.slope_per_h, slope * HOUR, rel_tol=1e-3, abs_tol=1e-2)
    assert found.low_per_h <= found.slope_per_h <= found.high_per_h
