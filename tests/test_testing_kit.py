"""The conformance kit: a good driver passes; each bad one fails just the check it should."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import Plugin
from mirrord.testing import DriverConformance
from tests.fakes import driver_bad as bad
from tests.fakes.driver_lamp import Lamp, plugin, plugin_of
from tests.fakes.lamp_peer import LampPeer

pytestmark = pytest.mark.alone

EVERY_CHECK = {name for name in vars(DriverConformance) if name.startswith("test_")}
# These two look at the whole process: nothing else may go on beside them.
ALONE = {"test_leaves_nothing_behind", "test_never_blocks_the_loop"}
# So they are run only on drivers whose faults have to do with threads, tasks, files or blocking.
UNTIDY = {bad.BlocksTheLoop, bad.LeaksAFile, bad.LeaksATask, bad.LeaksAThread}

# Some faults cannot help failing a second check: what stays as it is on closing stays so after a
# restart too.
FAULTS: dict[type[Lamp], set[str]] = {
    bad.ReportsNothing: {"opens_and_reports"},
    bad.TouchesOnOpening: {"looking_changes_nothing"},
    bad.AppliesOnce: {
        "applies",
        "returns_with_the_newest_wish",
        "second_opening_disturbs_nothing",
    },
    bad.RepeatsItself: {"same_wish_sends_nothing"},
    bad.StaysWhenAlone: {"gives_back_when_nobody_is_there"},
    bad.StaysOnClose: {
        "gives_back_on_close",
        "gives_back_after_a_crash",
        "survives_a_restarting_peer",
    },
    bad.ForgetsInACrash: {"gives_back_after_a_crash", "survives_a_restarting_peer"},
    bad.OnlyOne: {"second_opening_disturbs_nothing"},
    bad.RefusesTheAbsent: {
        "absent_peer_is_unavailable",
        "returns_with_the_newest_wish",
        "survives_a_restarting_peer",
    },
    bad.Swallows: {"notices_a_lost_peer"},
    bad.WaitsForever: {"survives_a_hanging_peer"},
    bad.BreaksWhenSlow: {"survives_a_slow_peer"},
    bad.Trusts: {"survives_a_lying_peer"},
    bad.Queues: {"returns_with_the_newest_wish"},
    bad.BelievesTheNewest: {"gives_back_after_a_crash", "survives_a_restarting_peer"},
    bad.BlocksTheClose: {"closes_in_time"},
    bad.LeaksAThread: {"leaves_nothing_behind"},
    bad.LeaksATask: {"leaves_nothing_behind"},
    bad.LeaksAFile: {"leaves_nothing_behind"},
    bad.BlocksTheLoop: {"never_blocks_the_loop"},
}


class Strict(DriverConformance):
    """The kit with the shorter deadlines that a lamp on this machine can meet."""

    plugin = plugin
    open_s = 2.0
    apply_s = 2.0
    close_s = 1.5
    settle_s = 1.5
    notice_s = 1.5
    quiet_s = 0.1
    slow_s = 0.35

    def peer(self) -> LampPeer:
        return LampPeer()

    def config(self, peer: LampPeer) -> dict[str, str]:
        return {"url": peer.url}


class TestGoodLamp(Strict):
    """All checks pass."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Any, set[str]]]:
    """Run all checks on all bad drivers, most of them at once; return which fail, by driver."""
    drivers: dict[Any, Plugin[Any]] = {kind: plugin_of(kind) for kind in FAULTS}
    drivers[bad.LooseSettings] = replace(plugin, config=bad.LooseSettings)
    bad.LeaksAThread.over.clear()

    def failed(driver: Plugin[Any], name: str) -> set[str]:
        said = failure_of(driver, name, tmp_path_factory.mktemp("state"))
        return {name.removeprefix("test_")} if said else set()

    pairs = [(kind, name) for name in sorted(EVERY_CHECK - ALONE) for kind in drivers]
    results: dict[Any, set[str]] = {kind: set() for kind in drivers}
    with ThreadPoolExecutor(12) as pool:
        for (kind, _), one in zip(
            pairs, pool.map(lambda pair: failed(drivers[pair[0]], pair[1]), pairs), strict=True
        ):
            results[kind] |= one
    for kind in UNTIDY:
        for name in ALONE:
            results[kind] |= failed(drivers[kind], name)
    # Side by side they take time from each other: what surprises is asked again, by itself.
    for kind, name in [(k, n) for k in FAULTS for n in sorted(results[k] ^ FAULTS[k])]:
        results[kind].discard(name)
        results[kind] |= failed(drivers[kind], f"test_{name}")
    yield results
    bad.LeaksAThread.over.set()
    while bad.LeaksAFile.files:
        os.close(bad.LeaksAFile.files.pop())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_a_fault_fails_its_check_alone(kind: type[Lamp], found: dict[Any, set[str]]) -> None:
    assert found[kind] == FAULTS[kind]


def test_a_loose_config_fails_its_check_alone(found: dict[Any, set[str]]) -> None:
    assert found[bad.LooseSettings] == {"refuses_unknown_settings"}


def test_every_check_finds_a_fault() -> None:
    found = set.union(*FAULTS.values()) | {"refuses_unknown_settings"}
    assert {f"test_{name}" for name in found} == EVERY_CHECK


def test_a_failure_is_told_in_one_sentence_without_a_traceback(tmp_path: Path) -> None:
    kit = type("Kit", (Strict,), {"plugin": plugin_of(bad.StaysWhenAlone)})()
    with pytest.raises(pytest.fail.Exception) as failure:
        kit.test_gives_back_when_nobody_is_there(tmp_path)
    assert not failure.value.pytrace
    assert str(failure.value).startswith("lamp: with nobody there the device is not as it was")


def test_what_a_peer_cannot_do_is_not_asked_of_it(tmp_path: Path) -> None:
    kit = type("Kit", (Strict,), {"peer": lambda _: HonestPeer()})()
    with pytest.raises(pytest.skip.Exception, match="no lie"):
        kit.test_survives_a_lying_peer(tmp_path)


class HonestPeer(LampPeer):
    lie = None  # a peer without this method


def failure_of(driver: Plugin[Any], name: str, state_dir: Path) -> str:
    """Run one check and return what it says of the driver, if anything."""
    kit = type("Kit", (Strict,), {"plugin": driver})()
    try:
        getattr(kit, name)(state_dir)
    except pytest.fail.Exception as failure:
        return str(failure)
    return ""
