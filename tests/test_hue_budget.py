"""The bridge's limits hold for any sequence of commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord_hue.budget import COMMANDS_A_SECOND, MAX_PAUSE_S, Budget, Kind

kinds = st.sampled_from(["lights", "groups"])
attempts = st.lists(
    st.tuples(kinds, st.floats(0.0, 0.6), st.floats(0.0, 0.3), st.integers(1, 2)), max_size=200
)


@given(attempts)
def test_no_second_holds_more_than_allowed(steps: list[tuple[Kind, float, float, int]]) -> None:
    """`at` is when a command reaches the bridge: some time between its sending and its answer."""
    budget, now = Budget(), 1000.0
    arrived: dict[Kind, list[float]] = {"lights": [], "groups": []}
    for kind, idle_s, answer_s, most in steps:
        now += idle_s
        count = min(most, COMMANDS_A_SECOND[kind])
        if budget.wait_s(kind, now, count) > 0.0:
            continue
        for _ in range(count):
            arrived[kind].append(now + answer_s / 2.0)
            now += answer_s
            budget.spend(kind, now)
    for kind, times in arrived.items():
        for at in times:
            assert sum(at <= one < at + 1.0 for one in times) <= COMMANDS_A_SECOND[kind]


@given(attempts)
def test_the_wait_is_enough_and_no_longer(steps: list[tuple[Kind, float, float, int]]) -> None:
    budget, now = Budget(), 1000.0
    for kind, idle_s, answer_s, most in steps:
        now += idle_s
        count = min(most, COMMANDS_A_SECOND[kind])
        wait = budget.wait_s(kind, now, count)
        assert 0.0 <= wait <= 1.0 + 1e-6
        now += wait
        assert budget.wait_s(kind, now, count) <= 1e-6
        now += answer_s
        for _ in range(count):
            budget.spend(kind, now)


def test_lights_and_groups_do_not_wait_for_one_another() -> None:
    budget = Budget()
    budget.spend("groups", 5.0)
    assert budget.wait_s("groups", 5.25) == pytest.approx(0.75)
    assert budget.wait_s("lights", 5.25) == 0.0


def test_pauses_grow_and_forget() -> None:
    budget = Budget()
    longest = 0.0
    for expected in (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
        now = longest + 100.0
        budget.refused(0.0, now)
        pause = budget.wait_s("lights", now)
        assert expected / 2.0 <= pause <= min(expected, MAX_PAUSE_S)
        assert budget.wait_s("groups", now) == pause
        longest = now
    budget.accepted()
    budget.refused(0.0, 10_000.0)
    assert budget.wait_s("lights", 10_000.0) <= 1.0


def test_a_pause_that_the_bridge_asks_for_is_kept() -> None:
    budget = Budget()
    budget.refused(7.0, 50.0)
    assert budget.wait_s("lights", 50.0) == 7.0
    assert budget.wait_s("lights", 57.0) == 0.0
