from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.runtime.backoff import Backoff


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Highest(random.Random):
    """A dice that always falls on the upper bound."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    backoff = Backoff(0.5, 60.0, rng=Highest())
    ceilings = [backoff.next_s() for _ in range(10)]
    assert ceilings == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert backoff.failures == 10


@given(
    first_s=st.floats(0.001, 10.0),
    factor=st.floats(1.0, 1000.0),
    failures=st.integers(1, 3000),
    seed=st.integers(),
)
def test_a_pause_is_never_negative_nor_above_the_cap(
    first_s: float, factor: float, failures: int, seed: int
) -> None:
    backoff = Backoff(first_s, first_s * factor, rng=random.Random(seed))
    for _ in range(failures):
        assert 0.0 <= backoff.next_s() <= first_s * factor


def test_the_jitter_is_full() -> None:
    rng = random.Random(7)
    first = [Backoff(1.0, 1.0, rng=rng).next_s() for _ in range(2000)]
    assert min(first) < 0.05
    assert max(first) > 0.95
    assert 0.45 < sum(first) / len(first) < 0.55


def test_what_worked_long_enough_starts_anew() -> None:
    clock = Clock()
    backoff = Backoff(0.5, 60.0, steady_s=10.0, rng=Highest(), clock=clock)
    assert [backoff.next_s() for _ in range(4)] == [0.5, 1.0, 2.0, 4.0]
    backoff.worked()
    clock.now += 10.0
    assert backoff.next_s() == 0.5


def test_what_falls_over_at_once_does_not_start_anew() -> None:
    clock = Clock()
    backoff = Backoff(0.5, 60.0, steady_s=10.0, rng=Highest(), clock=clock)
    for pause_s in (0.5, 1.0, 2.0, 4.0):
        assert backoff.next_s() == pause_s
        backoff.worked()
        clock.now += 9.9


def test_reset_forgets() -> None:
    backoff = Backoff(0.5, 60.0, rng=Highest())
    backoff.next_s()
    backoff.next_s()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.next_s() == 0.5


@pytest.mark.parametrize(("first_s", "cap_s"), [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0)])
def test_impossible_bounds_are_refused(first_s: float, cap_s: float) -> None:
    with pytest.raises(ValueError, match="first_s"):
        Backoff(first_s, cap_s)
