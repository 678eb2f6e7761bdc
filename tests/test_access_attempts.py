"""How often a password may be tried."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mirrord.web.access.attempts import ACCOUNT_S, ADDRESS_S, FREE, Attempts


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def failed(attempts: Attempts, address: str, account: str, times: int) -> None:
    for _ in range(times):
        attempts.begin(address, account)


def test_a_few_are_free_then_the_pauses_double():
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(FREE + 4):
        waits.append(attempts.wait_s("a", "ann"))
        clock.now += waits[-1]
        attempts.begin("a", "ann")
    assert waits == [0.0] * FREE + [2.0, 4.0, 8.0, 16.0]


def test_one_address_that_tries_many_names_is_slowed_down():
    attempts = Attempts(Clock())
    for number in range(40):
        attempts.begin("a", f"name{number}")
    assert attempts.wait_s("a", "another") == ADDRESS_S
    assert attempts.wait_s("b", "another") == 0.0


def test_many_addresses_slow_an_account_down_but_do_not_lock_its_user_out():
    attempts = Attempts(Clock())
    attempts.begin("home", "ann")
    attempts.succeeded("home", "ann")
    for number in range(100):
        attempts.begin(f"stranger{number}", "ann")
    assert attempts.wait_s("next stranger", "ann") == ACCOUNT_S
    assert attempts.wait_s("home", "ann") == 0.0


def test_success_and_time_forgive():
    clock = Clock()
    attempts = Attempts(clock)
    failed(attempts, "a", "ann", 9)
    attempts.succeeded("a", "ann")
    assert attempts.wait_s("a", "ann") == 0.0
    failed(attempts, "a", "ann", 30)
    clock.now += 3601.0
    assert attempts.wait_s("a", "ann") == 0.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.floats(0, 5000))))
def test_no_pause_is_longer_than_promised(tries: list[tuple[str, str, float]]):
    clock = Clock()
    attempts = Attempts(clock)
    for address, account, pause in tries:
        attempts.begin(address, account)
        assert 0.0 <= attempts.wait_s(address, account) <= ADDRESS_S
        clock.now += pause


def test_strangers_do_not_fill_the_memory():
    attempts = Attempts(Clock())
    for number in range(5000):
        attempts.begin(f"address{number}", f"name{number}")
        attempts.succeeded(f"other{number}", f"name{number}")
    assert len(attempts._counts) <= 2048
    assert len(attempts._welcome) <= 2048
