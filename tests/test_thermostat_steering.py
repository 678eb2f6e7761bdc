"""One steered value: what is sent, what counts as a hand, what is given back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord_thermostat.actuator import fitted
from mirrord_thermostat.steering import Steering

SETTLE_S = 10.0


class Device:
    """A device without wires: takes what is asked when it is told to, and reports it."""

    def __init__(self, memory: dict[str, Any] | None = None, *, echoes: bool = False) -> None:
        self.memory: dict[str, Any] = {} if memory is None else memory
        self.steering = Steering(self.memory, "knob", settle_s=SETTLE_S, echoes=echoes)
        self.sent: list[float] = []
        self.now = 100.0

    def says(self, value: float, after_s: float = 0.1) -> None:
        self.now += after_s
        self.steering.hear(value, self.now)

    def ask(self, target: float, after_s: float = 0.1) -> float | None:
        self.now += after_s
        return self._note(self.steering.ask(target, 0.5, self.now))

    def release(self, after_s: float = 0.1) -> float | None:
        self.now += after_s
        return self._note(self.steering.release(self.now))

    @property
    def confirmed(self) -> bool | None:
        return self.steering.confirmed(self.now)

    def _note(self, value: float | None) -> float | None:
        if value is not None:
            self.sent.append(value)
        return value


@pytest.fixture
def device() -> Device:
    one = Device()
    one.says(20.0)
    return one


def test_nothing_is_sent_before_the_found_value_is_known():
    assert Device().ask(22.0) is None


def test_less_than_a_step_is_not_worth_a_command(device: Device):
    assert device.ask(20.4) is None
    assert device.memory == {}


def test_the_found_value_is_remembered_before_the_first_command(device: Device):
    assert device.ask(22.0) == 22.0
    assert device.memory["knob"]["found"] == 20.0


def test_a_command_is_sent_once_and_confirmed_by_the_report(device: Device):
    device.ask(22.0)
    assert device.confirmed is None
    device.says(22.0)
    assert device.confirmed is True
    assert device.ask(22.0) is None


def test_a_silent_device_is_asked_twice_and_then_left(device: Device):
    device.ask(22.0)
    assert device.ask(22.0, after_s=SETTLE_S / 2) is None
    assert device.ask(22.0, after_s=SETTLE_S) == 22.0
    assert device.ask(22.0, after_s=SETTLE_S) is None
    assert device.confirmed is False
    assert device.ask(22.0, after_s=1000.0) is None
    device.says(22.0)  # it slept
    assert device.confirmed is True


def test_an_old_report_is_no_hand(device: Device):
    device.ask(22.0)
    device.says(20.0)
    assert not device.steering.held
    device.says(22.0)
    device.ask(22.5)
    device.says(22.0)
    assert not device.steering.held


@pytest.mark.parametrize("value", [20.0, 19.0, 21.5, 22.5, 28.0])
def test_any_change_after_the_confirmation_is_a_hand(device: Device, value: float):
    device.ask(22.0)
    device.says(22.0)
    device.says(value)
    assert device.steering.held
    assert device.ask(24.0, after_s=1000.0) is None
    assert device.release() is None
    assert device.memory == {}
    assert not device.steering.held


def test_after_the_presence_ended_the_hand_s_value_is_what_was_found(device: Device):
    device.ask(22.0)
    device.says(22.0)
    device.says(18.0)
    device.release()
    assert device.ask(22.0) == 22.0
    device.says(22.0)
    assert device.release() == 18.0


def test_taken_back_it_is_steered_again_and_the_hand_s_value_is_given_back(device: Device):
    device.ask(22.0)
    device.says(22.0)
    device.says(18.0)
    device.steering.take_back()
    assert device.ask(22.0) == 22.0
    device.says(22.0)
    device.steering.take_back()  # nothing is held: nothing happens
    assert device.release() == 18.0


@pytest.mark.parametrize("value", [21.8, 22.4, 21.0])
def test_a_first_answer_near_or_on_the_way_is_the_device_s_own_rounding(
    device: Device, value: float
):
    device.ask(22.0)
    device.says(value)
    assert device.confirmed is True
    assert not device.steering.held
    assert device.ask(22.0, after_s=100.0) is None


def test_an_echo_may_be_corrected():
    device = Device(echoes=True)
    device.says(20.0)
    device.ask(22.3)
    device.says(22.3)
    device.says(22.5)
    assert device.confirmed is True
    assert not device.steering.held


def test_an_echo_that_is_taken_back_is_asked_once_more_and_then_believed():
    device = Device(echoes=True)
    device.says(20.0)
    device.ask(24.0)
    device.says(24.0)
    device.says(20.0)
    assert device.confirmed is None
    assert device.ask(24.0) is None
    assert device.ask(24.0, after_s=SETTLE_S) == 24.0
    device.says(24.0)
    device.says(20.0)
    assert device.ask(24.0, after_s=SETTLE_S) is None
    assert device.confirmed is False


def test_with_an_echo_a_hand_is_known_once_the_answer_has_settled():
    device = Device(echoes=True)
    device.says(20.0)
    device.ask(24.0)
    device.says(24.0)
    device.says(20.0, after_s=2 * SETTLE_S)
    assert device.steering.held


def test_release_gives_back_what_was_found(device: Device):
    device.ask(22.0)
    device.says(22.0)
    assert device.release() == 20.0
    device.says(20.0)
    assert device.memory == {}
    assert device.release() is None


def test_release_overtakes_a_command_that_is_still_on_its_way(device: Device):
    device.ask(22.0)
    assert device.release() == 20.0  # although it still reports 20
    assert device.release(after_s=2 * SETTLE_S) is None
    assert device.memory == {}


def test_a_crash_forgets_nothing(device: Device):
    device.ask(22.0)
    device.says(22.0)
    after = Device(device.memory)
    assert after.release() is None  # nothing is known of it yet
    after.says(22.0)
    assert after.release() == 20.0


def test_what_a_hand_did_during_a_crash_is_kept(device: Device):
    device.ask(22.0)
    device.says(22.0)
    after = Device(device.memory)
    after.says(17.0)
    assert after.steering.held
    assert after.release() is None
    assert after.memory == {}


def test_a_command_lost_in_an_outage_is_sent_again(device: Device):
    device.ask(22.0)
    after = Device(device.memory)
    after.says(20.0)
    assert after.ask(22.0) == 22.0
    after.says(22.0)
    assert after.release() == 20.0


@pytest.mark.parametrize(
    "damage", [7, "x", {}, {"found": "x"}, {"found": 1, "ours": []}, {"found": 1e999, "ours": [1]}]
)
def test_a_damaged_memory_is_no_memory(damage: Any):
    device = Device({"knob": damage})
    device.says(20.0)
    assert device.release() is None
    assert device.ask(22.0) == 22.0


def test_a_device_that_comes_back_is_asked_again(device: Device):
    device.ask(22.0)
    device.ask(22.0, after_s=2 * SETTLE_S)
    assert device.ask(22.0, after_s=2 * SETTLE_S) is None
    device.steering.retry()
    assert device.ask(22.0) == 22.0


steps = st.lists(
    st.tuples(
        st.sampled_from(("ask", "release", "says", "obeys", "crash")),
        st.integers(32, 52).map(lambda half: half / 2),
        st.sampled_from((0.1, 1.0, 30.0)),
    ),
    max_size=40,
)


@given(steps, st.booleans())
def test_nobody_is_pestered(story: list[tuple[str, float, float]], echoes: bool):
    """What is held gets no command, and what does not answer gets the same one twice at most."""
    device = Device(echoes=echoes)
    device.says(20.0)
    unanswered: list[float] = []
    for what, value, after_s in story:
        held, before = device.steering.held, len(device.sent)
        if what == "ask":
            device.ask(value, after_s)
        elif what == "release":
            device.release(after_s)
        elif what == "says" or (what == "obeys" and device.sent):
            device.says(value if what == "says" else device.sent[-1], after_s)
            unanswered = []
        elif what == "crash":
            device = Device(device.memory, echoes=echoes)
            unanswered, before = [], 0
        unanswered += device.sent[before:]
        assert not (held and device.sent[before:])
        assert len(unanswered) < 3 or len(set(unanswered[-3:])) > 1


@given(steps, st.booleans())
def test_whatever_happened_an_obedient_device_ends_as_found_or_as_a_hand_left_it(
    story: list[tuple[str, float, float]], echoes: bool
):
    device = Device(echoes=echoes)
    shown = hand = 20.0
    device.says(shown)
    for what, value, after_s in story:
        if what == "says":
            shown = hand = value
            device.says(shown, after_s + 2 * SETTLE_S)
            theirs = device.steering.held or not device.memory
            hand = value if theirs else device.memory["knob"]["found"]
        elif what in ("ask", "release"):
            call = device.ask(value, after_s) if what == "ask" else device.release(after_s)
            if call is not None:
                shown = call
                device.says(shown)
    for _ in range(4):
        if (back := device.release(2 * SETTLE_S)) is not None:
            shown = back
            device.says(shown)
    assert device.memory == {}
    assert shown == hand


@given(
    st.floats(-50, 80),
    st.floats(4, 35),
    st.floats(4, 35),
    st.sampled_from((0.1, 0.5, 1.0, 5.0)),
)
def test_a_fitted_value_is_a_step_within_the_limits(value: float, a: float, b: float, step: float):
    low, high = sorted((a, b))
    result = fitted(value, low, high, step)
    if result is None:
        assert high - low < step
        return
    assert low - 1e-3 <= result <= high + 1e-3
    assert abs(result / step - round(result / step)) < 1e-6
    if low <= value <= high:
        assert abs(result - value) <= step + 1e-6
