"""Sessions: begun by somebody, ended by nobody, untroubled by the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mirrord.session import Began, Ended, SessionKeeper

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_it_begins_with_somebody_and_ends_when_they_were_last_seen():
    keeper = SessionKeeper(end_s=60)
    assert keeper.update(False, 0, at(0)) is None
    began = keeper.update(True, 1, at(1))
    assert isinstance(began, Began)
    assert keeper.update(True, 10, at(10)) is None
    assert keeper.update(False, 69, at(69)) is None
    assert keeper.update(False, 70, at(70)) == Ended(began.session, at(10))
    assert keeper.current is None


def test_a_return_in_time_is_the_same_session():
    keeper = SessionKeeper(end_s=60)
    began = keeper.update(True, 0, at(0))
    assert keeper.update(False, 50, at(50)) is None
    assert keeper.update(True, 59, at(59)) is None
    assert keeper.current == began.session


@given(st.floats(-1e8, 1e8))
def test_a_wall_clock_that_jumps_moves_no_border(jump_s: float):
    keeper = SessionKeeper(end_s=60)
    began = keeper.update(True, 0, at(0))
    assert keeper.update(True, 30, at(30 + jump_s)) is None
    ended = keeper.update(False, 100, at(100 + jump_s))
    assert isinstance(ended, Ended)
    assert ended.at >= began.session.started


def test_ending_without_a_session_says_nothing():
    assert SessionKeeper(60).end(0, NOON) is None
