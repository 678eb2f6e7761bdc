"""Single devices by hand: bounded, and never a flash."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mirrord.by_hand import PACE_S, DevicePace, sound
from mirrord.colour import luminance
from mirrord.model import DeviceWish

anything = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
wish = st.builds(
    DeviceWish,
    gain=st.floats(allow_nan=True, allow_infinity=True),
    color=st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["#000000", "#FFFFFF"])),
    brightness=anything,
    setpoint_c=anything,
)
steps = st.lists(
    st.tuples(st.floats(0, 0.5), st.dictionaries(st.sampled_from("ab"), wish)), max_size=60
)


@given(wish, st.floats(0, 1))
def test_whatever_is_asked_is_within_bounds(asked: DeviceWish, cap: float):
    given_ = sound(asked, cap)
    assert 0 <= given_.gain <= 1
    assert given_.brightness is None or 0 <= given_.brightness <= cap
    assert given_.setpoint_c is None or 5 <= given_.setpoint_c <= 30
    assert given_.color is None or math.isfinite(luminance(given_.color))


@given(steps)
def test_no_device_changes_faster_than_its_pace(sequence: list):
    pace, now_s, last, changed = DevicePace(), 10.0, {}, {}
    for pause_s, wishes in sequence:
        now_s += pause_s
        given_ = pace.govern(wishes, 1.0, now_s)
        for device in {*given_, *last}:
            if given_.get(device) != last.get(device):
                assert now_s - changed.get(device, -math.inf) >= PACE_S
                changed[device] = now_s
        last = given_


@given(st.dictionaries(st.sampled_from("ab"), wish))
def test_what_stays_asked_is_given(wishes: dict[str, DeviceWish]):
    pace = DevicePace()
    pace.govern({"a": DeviceWish(gain=0.3), "b": DeviceWish(gain=0.3)}, 1.0, 0.0)
    given_ = pace.govern(wishes, 1.0, 1.0)
    for device in "ab":
        assert given_.get(device, DeviceWish()) == sound(wishes.get(device, DeviceWish()), 1.0)
