"""Attacks on group figures: what can be worked out about one person from all that is shown.

The attacker here is stronger than a reader: they know the secret choice of who was in each figure,
and everything about as many accounts as a figure needs, less two.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.collective.publishing import windows as publishing
from mirrord.collective.publishing.cohort import Window, atoms, choose
from mirrord.collective.publishing.figure import (
    HIGHEST,
    LOWEST,
    STEP,
    coarse,
    figure_of,
    mean_of,
    scale,
)
from mirrord.collective.schema import cohorts
from tests.collective_lab import START, Lab, Mood, lab, mood

LEAST = 5
KNOWN = {100, 101, 102}  # the attacker's accounts: LEAST - 2
PEOPLE = [*range(30), *sorted(KNOWN)]
WORLD, HALF, ALMOST = 1, 2, 3  # the world, a half of it, and all of it but person 7
MEMBERS = {
    WORLD: set(PEOPLE),
    HALF: {*range(15), *KNOWN},
    ALMOST: set(PEOPLE) - {7},
}
Shown = Mapping[Window, Iterable[int]]

presences = st.lists(
    st.lists(st.sets(st.sampled_from(PEOPLE), max_size=33), min_size=3, max_size=3),
    min_size=1,
    max_size=7,
)


@given(presences, st.randoms(use_true_random=False), st.sampled_from([3, 5, 8]))
def test_nobody_is_ever_in_a_group_smaller_than_was_promised(schedule, rng, least: int):
    shown: dict[Window, set[int]] = {}
    for place, groups in enumerate(schedule):
        for space, present in enumerate(groups):
            chosen = choose(present, shown, least, rng)
            assert set(chosen) <= present
            assert len(set(chosen)) == len(chosen)
            assert not chosen or len(chosen) >= least
            if chosen:
                shown[space, place] = set(chosen)
            assert all(len(atom) >= least for atom in atoms(shown))


@given(presences, st.randoms(use_true_random=False))
def test_no_sum_of_figures_singles_anybody_out(schedule, rng):
    shown: dict[Window, set[int]] = {}
    for place, groups in enumerate(schedule):
        for space, present in enumerate(groups):
            if chosen := choose(present, shown, LEAST, rng):
                shown[space, place] = set(chosen)
    assert worst(shown) <= 1 / 2 + 1e-9  # the sum of two unknown people, at best


def matrix(shown: Shown) -> np.ndarray:
    """Return what each figure says of each person whom the attacker does not know."""
    honest = [one for one in PEOPLE if one not in KNOWN]
    rows = [[float(one in set(shown[window])) for one in honest] for window in sorted(shown)]
    return np.array(rows or [[0.0] * len(honest)])


def worst(shown: Shown) -> float:
    """Return how far the best weighting of all figures points at one person: 1 is that alone."""
    figures = matrix(shown)
    return float(np.max(np.diag(np.linalg.pinv(figures) @ figures)))


def test_the_attack_would_succeed_against_a_threshold_alone():
    rng = random.Random(1)
    shown: dict[Window, set[int]] = {}
    for place in range(6):
        present = {one for one in PEOPLE if rng.random() < 0.9}
        for space, members in MEMBERS.items():
            shown[space, place] = present & members
    assert worst(shown) > 0.99


@pytest.mark.parametrize("seed", range(3))
async def test_exchanged_moods_give_the_same_answers(tmp_path: Path, seed: int):
    """Two people of one atom: whoever reads everything cannot tell which of them felt what."""
    async with lab(tmp_path / "one", seed) as one, lab(tmp_path / "two", seed) as two:
        rng = random.Random(seed)
        moods = {who: mood(rng.random(), rng.random()) for who in PEOPLE}
        schedule = [{who for who in PEOPLE if rng.random() < 0.95} for _ in range(6)]
        await played(one, schedule, moods)
        shown = await shown_in(one)
        groups = [sorted(atom - KNOWN) for atom in atoms(shown)]
        assert groups
        assert min(map(len, groups)) >= 2
        swapped = dict(moods)
        for group in groups:  # everybody at once takes the mood of the next
            for who, other in zip(group, [*group[1:], group[0]], strict=True):
                swapped[who] = moods[other]
        await played(two, schedule, swapped)
        answers = await one.answers()
        assert sum(row["shown"] for row in answers) >= 4
        assert await two.answers() == answers


async def test_against_a_threshold_alone_exchanged_moods_would_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(publishing, "choose", lambda present, *_: sorted(present))
    async with lab(tmp_path, 9) as it:
        moods = {who: mood(0.9 if who == 7 else 0.4) for who in PEOPLE}
        await played(it, [set(PEOPLE)], moods)
        world, almost = (row for row in await it.answers() if row["space"] in (WORLD, ALMOST))
        count = len(PEOPLE)
        joy = (world["joy"] * count - almost["joy"] * (count - 1)) / UNIT
        assert joy == pytest.approx(0.9, abs=0.33)  # what is left of it is the rounding
        assert abs(joy - 0.4) > 0.2


async def played(it: Lab, schedule: list[set[int]], moods: Mapping[int, Mood]) -> None:
    for space in MEMBERS:
        await it.space(space, LEAST)
    for place, present in enumerate(schedule):
        groups = {
            space: {who: moods[who] for who in sorted(present & members)}
            for space, members in MEMBERS.items()
        }
        await it.window(place, groups)


async def shown_in(it: Lab) -> dict[Window, set[int]]:
    shown: dict[Window, set[int]] = {}
    for row in await it.rows(cohorts):
        shown.setdefault((row["space"], row["start"]), set()).add(row["account"])
    return shown


async def test_joining_and_leaving_alone_changes_no_answer(tmp_path: Path):
    crowd = {who: mood(who / 40) for who in range(20)}
    async with lab(tmp_path) as it:
        await it.space(WORLD, LEAST)
        await it.window(0, {WORLD: crowd})
        await it.window(1, {WORLD: {**crowd, 30: mood(1.0)}})  # one comes
        await it.window(2, {WORLD: crowd})  # and goes
        told = [
            {name: value for name, value in row.items() if name != "start"}
            for row in await it.answers()
        ]
    assert told[0]["shown"]
    assert told[0] == told[1] == told[2]


async def test_who_leaves_takes_others_along(tmp_path: Path):
    crowd = {who: mood(1.0 if who == 3 else 0.0) for who in range(20)}
    async with lab(tmp_path) as it:
        await it.space(WORLD, LEAST)
        await it.window(0, {WORLD: crowd})
        await it.window(1, {WORLD: {who: one for who, one in crowd.items() if who != 3}})
        shown = await shown_in(it)
        before, after = (shown[window] for window in sorted(shown))
        assert len(before - after) == LEAST
        six = {who: one for who, one in crowd.items() if who in sorted(after)[:6]}
        await it.window(2, {WORLD: six})
        await it.window(3, {WORLD: {who: six[who] for who in sorted(six)[:5]}})
        assert [row["shown"] for row in await it.answers()] == [True, True, True, False]


async def test_a_world_without_one_space_tells_nothing_of_the_one_who_is_in_both_no_more(
    tmp_path: Path,
):
    """The world, and a space of all of it but one person, in the same window."""
    crowd = {who: mood(0.9 if who == 7 else 0.1) for who in range(12)}
    async with lab(tmp_path) as it:
        await it.space(WORLD, LEAST)
        await it.space(ALMOST, LEAST)
        others = {who: one for who, one in crowd.items() if who != 7}
        await it.window(0, {WORLD: crowd, ALMOST: others})
        shown = await shown_in(it)
        assert len(shown[WORLD, min(shown)[1]]) == 12
        assert all(len(atom) >= LEAST for atom in atoms(shown))
        assert worst_of(shown, 7) <= 1 / LEAST + 1e-9


async def test_windows_of_different_lengths_are_compared(tmp_path: Path):
    """An hour of twelve people, and five minutes of it without one of them, in either order."""
    crowd = {who: mood(0.5) for who in range(12)}
    others = {who: one for who, one in crowd.items() if who != 7}
    hour = START // 3_600_000 * 3_600_000
    for place, short in enumerate((0, 55)):
        async with lab(tmp_path, place) as it:
            await it.space(WORLD, LEAST, window_s=3600)
            await it.space(ALMOST, LEAST)
            await it.contribute(WORLD, hour, crowd)
            await it.contribute(ALMOST, hour + short * 60_000, others)
            for minutes in (short + 7, 62):
                it.now = hour + minutes * 60_000
                await it.publisher.once()
            shown = await shown_in(it)
            assert len(shown) == 2
            assert all(len(atom) >= LEAST for atom in atoms(shown))


def worst_of(shown: Shown, who: int) -> float:
    rows = np.array([[float(one in set(shown[w])) for one in PEOPLE] for w in sorted(shown)])
    return float(np.diag(np.linalg.pinv(rows) @ rows)[PEOPLE.index(who)])


async def test_after_the_horizon_everybody_is_new(tmp_path: Path):
    crowd = {who: mood(0.5) for who in range(8)}
    fewer = {who: crowd[who] for who in range(7)}
    async with lab(tmp_path) as it:
        await it.space(WORLD, LEAST)
        for place, present in ((0, crowd), (1, fewer), (6, fewer), (7, fewer)):
            await it.window(place, {WORLD: present})
        shown = [row["shown"] for row in await it.answers()]
        assert shown == [True, False, False, True]
        cohort = await shown_in(it)
        assert cohort[max(cohort)] == set(range(7))


@given(st.integers(1, 10**9))
def test_counts_are_coarse(count: int):
    said = coarse(count)
    assert said <= count < max(said * 2.5, 5)
    assert str(said).rstrip("0") in {"1", "2", "3", "5"}


values = st.tuples(*(st.integers(low - 5000, HIGHEST + 5000) for low in LOWEST))


@given(st.lists(values, min_size=1, max_size=20), st.integers(1, 100_000), st.floats(0, 10))
def test_one_contributor_moves_a_figure_by_at_most_their_share(many, readings: int, epsilon):
    means = [mean_of([one * readings for one in sums], readings) for sums in many]
    for mean in means:
        assert all(low <= one <= HIGHEST for one, low in zip(mean, LOWEST, strict=True))
    figure = figure_of(means, epsilon, random.Random(1))
    for value, low in zip(figure, LOWEST, strict=True):
        assert value % STEP == 0
        assert low <= value <= HIGHEST
    plain = figure_of(means, 0.0, random.Random(1))
    for extreme in (LOWEST, (HIGHEST,) * len(LOWEST)):
        other = figure_of([tuple(map(float, extreme)), *means[1:]], 0.0, random.Random(1))
        for one, two, low in zip(plain, other, LOWEST, strict=True):
            assert abs(one - two) <= (HIGHEST - low) / len(means) + STEP


def test_with_noise_the_budget_holds():
    """One of a hundred goes from one end of every scale to the other; epsilon is 2."""
    epsilon, count, draws = 2.0, 100, 6_000
    others = [tuple(5000.0 for _ in MEASURES)] * (count - 1)
    ends = (tuple(map(float, LOWEST)), (float(HIGHEST),) * len(MEASURES))
    centres = [figure_means([one, *others]) for one in ends]
    rng = random.Random(11)
    evidence = []
    for one in ends:
        figures = [figure_of([one, *others], epsilon, rng) for _ in range(draws)]
        evidence.append(np.array([likelihood(figure, centres, epsilon) for figure in figures]))
    seen = []
    for at in np.linspace(-epsilon, epsilon, 41):
        low, high = (int((many >= at).sum()) for many in evidence)
        if min(low, high) >= 200:  # fewer would say little
            seen.append(math.log(high / low))
    assert max(seen) <= epsilon + 0.25
    assert max(seen) >= epsilon / 4  # and the noise is not needlessly wide


def figure_means(means: list[tuple[float, ...]]) -> list[float]:
    return [sum(column) / len(means) for column in zip(*means, strict=True)]


def likelihood(figure: tuple[int, ...], centres: list[list[float]], epsilon: float) -> float:
    """Return the logarithm of how much likelier a figure is at the second centre."""
    total = 0.0
    for value, low, first, second in zip(figure, LOWEST, *centres, strict=True):
        total += (abs(value - first) - abs(value - second)) / scale(low, 100, epsilon)
    return total
