"""History-checked: after any life, and peace, the collective holds what the device holds.

A failing life prints its seed and its steps; `python -m tests.sync_schedule SEED` lives it again.
`make soak-sync` lives thousands.
"""

from __future__ import annotations

import pytest

from tests.sync_schedule import many

REAL = range(1, 41)
STRICT = range(1001, 1161)
AT_ONCE = 20


@pytest.mark.parametrize("first", REAL[::AT_ONCE])
async def test_the_real_collective_holds_what_the_mirror_holds(first: int) -> None:
    await many(list(range(first, first + AT_ONCE)))


@pytest.mark.parametrize("first", STRICT[::AT_ONCE])
async def test_a_collective_that_keeps_the_contract_to_the_letter_does(first: int) -> None:
    await many(list(range(first, first + AT_ONCE)), real=False)
