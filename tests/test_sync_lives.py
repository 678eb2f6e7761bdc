"""History-checked: after any life, and peace, the collective holds what the device holds.

A failing life prints its seed and its steps; `python -m tests.sync_schedule SEED` lives it again.
`make soak-sync` lives thousands.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync_schedule import many

LIVES = 104
AT_ONCE = 13


@pytest.mark.parametrize("first", range(1, LIVES, AT_ONCE))
async def test_the_two_ends_agree_after_every_life(first: int, tmp_path: Path) -> None:
    await many(list(range(first, first + AT_ONCE)))
