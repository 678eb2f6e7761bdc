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

EVERY_CHECK = sorted(name for name in vars(DriverConformance) if name.startswith("test_"))
# These look at the whole process, so that nothing else may go on beside them.
ALONE = ("test_leaves_nothing_behind", "test_never_blocks_the_loop")

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
    open_s = 1.0
    apply_s = 2.0
    close_s = 1.5
    settle_s = 1.0
    notice_s = 1.0
    quiet_s = 0.1
    slow_s = 0.2

    def peer(self) -> LampPeer:
        return LampPeer()

    def config(self, peer: LampPeer) -> dict[str, str]:
        return {"url": peer.url}


class TestGoodLamp(Strict):
    """All checks pass."""


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    yield
    bad.LeaksAThread.over.set()
    for file in bad.LeaksAFile.files:
        os.close(file)
    bad.LeaksAFile.files.clear()


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_a_fault_fails_its_check_alone(kind: type[Lamp], tmp_path: Path) -> None:
    bad.LeaksAThread.over.clear()
    failed = failures_of(plugin_of(kind), tmp_path)
    assert set(failed) == FAULTS[kind], "\n".join(f"{k}: {v}" for k, v in failed.items())


def test_a_loose_config_fails_its_check(tmp_path: Path) -> None:
    loose = replace(plugin, config=bad.LooseSettings)
    assert set(failures_of(loose, tmp_path)) == {"refuses_unknown_settings"}


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
    lie = None  # type: ignore[assignment]  # a peer without this method


def failures_of(driver: Plugin[Any], folder: Path) -> dict[str, str]:
    """Run all checks and return the messages of those that fail, by name."""
    kit = type("Kit", (Strict,), {"plugin": driver})()

    def outcome(name: str) -> str:
        state_dir = folder / name
        state_dir.mkdir()
        try:
            getattr(kit, name)(state_dir)
        except pytest.fail.Exception as failure:
            return str(failure)
        return ""

    with ThreadPoolExecutor(len(EVERY_CHECK)) as pool:
        beside = [name for name in EVERY_CHECK if name not in ALONE]
        said = dict(zip(beside, pool.map(outcome, beside), strict=True))
    said |= {name: outcome(name) for name in ALONE}
    return {name.removeprefix("test_"): text for name, text in said.items() if text}
