"""A running driver host takes over other tables: what differs is opened anew, the rest left."""

from __future__ import annotations

import pytest

from mirrord.driver import ConfigError, Device, Refused
from mirrord.testing import BRIGHT
from tests.driver_host_kit import hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

LAMP = Device("1", "lamp", "Sofa", {"on": True})


async def test_only_what_differs_is_opened_anew() -> None:
    lamp, other = Script(), Script()
    async with hosting(lamp, other) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: lamp.applied and other.applied)
        assert lamp.host is not None
        lamp.host.report(LAMP)
        await until(lambda: bench.status().devices == (LAMP,))
        await bench.host.change({"lamp": {"level": 2}, "lamp2": {}}, "mirror.toml")
        await until(lambda: lamp.opened == 2 and len(lamp.applied) == 2)
        assert (lamp.closed, lamp.open_now) == (1, 1)  # given back in between
        assert bench.status().devices == ()  # it may not have that one any more
        await bench.host.change({"lamp": {"level": 2}, "lamp2": {}}, "mirror.toml")
        assert (lamp.opened, other.opened, other.closed) == (2, 1, 0)


async def test_one_that_is_named_no_more_gives_its_device_back() -> None:
    lamp, other = Script(), Script()
    async with hosting(lamp, other) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: lamp.applied and other.applied)
        await bench.host.change({"lamp": {}}, "mirror.toml")
        assert (other.closed, other.open_now) == (1, 0)
        assert [status.name for status in bench.host.status] == ["lamp"]
        with pytest.raises(ConfigError, match="no driver is called lamp2"):
            bench.host.enable("lamp2", True)
        await bench.host.change({"lamp": {}, "lamp2": {}}, "mirror.toml")
        await until(lambda: len(other.applied) > 1)  # what is wished now reaches it
        assert lamp.opened == 1


async def test_what_a_driver_remembers_outlives_its_being_away() -> None:
    lamp, other = Script(), Script()
    async with hosting(lamp, other) as bench:
        await until(lambda: other.host is not None)
        assert other.host is not None
        other.host.memory["found"] = "as it was"
        await bench.host.change({"lamp": {}}, "mirror.toml")
        other.host = None
        await bench.host.change({"lamp": {}, "lamp2": {}}, "mirror.toml")
        await until(lambda: other.host is not None)
        assert other.host.memory["found"] == "as it was"


async def test_one_that_comes_into_a_paused_room_leaves_it_alone() -> None:
    lamp, other = Script(), Script()
    async with hosting(lamp, other, tables={"lamp": {}}) as bench:
        bench.host.wish(BRIGHT)
        bench.host.pause(True)
        await bench.host.change({"lamp": {}, "lamp2": {}}, "mirror.toml")
        await until(lambda: bench.status("lamp2").state == "paused")
        assert other.tried == 0
        bench.host.pause(False)
        await until(lambda: other.applied)


async def test_a_table_that_cannot_be_changes_nothing() -> None:
    lamp = Script()
    async with hosting(lamp) as bench:
        await until(lambda: bench.status().state == "ready")
        with pytest.raises(ConfigError, match=r"mirror\.toml: drivers\.lamp\.level"):
            await bench.host.change({"lamp": {"level": "high"}}, "mirror.toml")
        assert (lamp.opened, lamp.closed) == (1, 0)


async def test_one_that_was_refused_is_tried_with_its_new_key() -> None:
    lamp = Script(open_fails=Refused("no key"))
    async with hosting(lamp) as bench:
        await until(lambda: bench.status().state == "refused")
        lamp.open_fails = None
        bench.host.reopen("lamp")
        await until(lambda: bench.status().state == "ready")
        bench.host.reopen("nobody")
