"""How little the store writes is part of what it promises to an SD card."""

from __future__ import annotations

from tests.bench.disk_writes import measure


def test_a_reading_costs_less_than_a_kilobyte_with_its_share_of_everything() -> None:
    assert measure("store", 900)["wchar"] < 900 * 1000
