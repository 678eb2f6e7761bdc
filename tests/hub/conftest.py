"""The tests with a real Home Assistant share one home, in which connections are made anew."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def leaves_no_thread_and_no_process() -> None:
    """A restarted broker gives the shared mirror a new thread: nothing that a test leaves."""
