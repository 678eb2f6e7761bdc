"""The driver host: tables of settings become drivers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import (
    ConfigError,
)
from mirrord.driver_host import DriverHost, configured
from mirrord.model import Measured
from mirrord.testing import BRIGHT
from tests.fakes.driver_scripted import Script, scripted


def test_the_tables_are_converted_and_enabled_is_the_hosts_own() -> None:
    plugins = {"lamp": scripted(Script())}
    found = configured({"lamp": {"level": 3, "enabled": False}}, "mirror.toml", plugins)
    assert (found["lamp"].config.level, found["lamp"].enabled) == (3, False)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {"lmap": {}},
            "mirror.toml: drivers.lmap: no such driver; did you mean lamp?; installed are lamp",
        ),
        (
            {"lamp": {"lvel": 1}},
            "mirror.toml: drivers.lamp.lvel: no such setting; did you mean level?",
        ),
        (
            {"lamp": {"level": "x"}},
            "mirror.toml: drivers.lamp.level: expected a whole number, not text",
        ),
        (
            {"lamp": {"enabled": "yes"}},
            "mirror.toml: drivers.lamp.enabled: expected true or false",
        ),
    ],
)
def test_a_wrong_table_is_refused(tables: dict[str, dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tables, "mirror.toml", {"lamp": scripted(Script())})
    assert str(refused.value) == said


async def test_no_driver_at_all_is_fine() -> None:
    host = DriverHost({}, Path("state"), {}, lambda: None, lambda *_: None, where="f", plugins={})
    running = asyncio.create_task(host.run())
    host.wish(BRIGHT)
    await asyncio.sleep(0.05)
    assert (host.status, host.measured()) == ([], Measured())
    running.cancel()
    await asyncio.wait({running})
