"""From the state of every part to green, amber or red."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.health import Disk, Link, Signs, StoreSigns, health_of
from mirrord.health.disk import look
from mirrord.health.watch import PATIENCE_S, WITHIN_S, CameraWatch, Recently
from mirrord.model import Device, DriverState, DriverStatus
from mirrord.wire import CameraState

NOW = datetime(2026, 11, 26, tzinfo=UTC)
WELL = Signs(
    NOW,
    "open",
    drivers=(DriverStatus("hue", "Philips Hue", True, "ready"),),
    links=(Link("hub", "ready"),),
    disk=Disk(10**10, 10**6, 10**9),
)


def hue(state: DriverState, error: str = "", **values: Any) -> Signs:
    devices = (Device("1", "lamp", "Sofa", values),) if values else ()
    status = DriverStatus("hue", "Philips Hue", state != "off", state, error, devices=devices)
    return replace(WELL, drivers=(status,))


def test_a_mirror_that_works_is_green():
    assert health_of(WELL).state == "green"
    assert health_of(Signs(NOW, "off", links=(Link("hub", "off"),))).troubles == ()


@pytest.mark.parametrize(
    ("signs", "part", "level", "said"),
    [
        (replace(WELL, camera="missing"), "camera", "red", "There is no camera."),
        (replace(WELL, camera="stalled", camera_detail="it hangs"), "camera", "red", "It hangs."),
        (replace(WELL, camera="opening", camera_failed=True), "camera", "red", "does not open"),
        (replace(WELL, camera="ended"), "camera", "amber", "has ended"),
        (replace(WELL, restarts=3), "vision", "amber", "3 times within ten minutes"),
        (replace(WELL, hot=True, cpu_temp_c=81.6), "vision", "amber", "hot (82 °C)"),
        (replace(WELL, store=StoreSigns("paused", "full")), "store", "red", "Full."),
        (replace(WELL, store=StoreSigns("recovered")), "store", "amber", "were damaged"),
        (replace(WELL, store=StoreSigns(dropped=7)), "store", "amber", "7 readings were lost"),
        (hue("unavailable", "no answer"), "hue", "red", "Philips Hue: no answer."),
        (hue("refused"), "hue", "red", "Philips Hue: does not answer."),
        (hue("opening", "no answer"), "hue", "red", "no answer"),
        (hue("off", "did not close"), "hue", "amber", "did not close"),
        (hue("ready", problem="battery low"), "hue", "amber", "Sofa: battery low."),
        (replace(WELL, links=(Link("hub", "refused", "no."),)), "hub", "red", "No."),
        (replace(WELL, disk=Disk(10**7, 0, 10**9)), "disk", "amber", "10 MB are free"),
        (replace(WELL, disk=Disk(10**9, 10**9, 10**8)), "disk", "amber", "1000 MB, more than"),
        (replace(WELL, now=datetime(1970, 1, 1, tzinfo=UTC)), "clock", "amber", "1970-01-01"),
    ],
)
def test_each_trouble_has_a_part_a_level_and_a_sentence(
    signs: Signs, part: str, level: str, said: str
):
    health = health_of(signs)
    assert [(one.part, one.level) for one in health.troubles] == [(part, level)]
    assert said in health.troubles[0].said
    assert health.state == level


@settings(max_examples=30)
@given(
    camera=st.sampled_from(get_args(CameraState)),
    failed=st.booleans(),
    store=st.sampled_from(["ok", "paused", "recovered"]),
    drivers=st.lists(
        st.builds(
            DriverStatus,
            st.sampled_from(["a", "b", "c"]),
            st.text(max_size=5),
            st.booleans(),
            st.sampled_from(get_args(DriverState)),
            st.text(max_size=20),
        ),
        max_size=4,
    ),
    hub=st.sampled_from(["off", "opening", "ready", "unavailable", "refused"]),
)
def test_the_word_is_that_of_the_worst_trouble_and_every_sentence_is_one(
    camera: Any, failed: bool, store: Any, drivers: list[DriverStatus], hub: Any
):
    links = (Link("hub", hub),)
    health = health_of(
        Signs(NOW, camera, "", failed, store=StoreSigns(store), drivers=drivers, links=links)
    )
    levels = [one.level for one in health.troubles]
    assert levels == sorted(levels, key=("red", "amber").index)
    assert health.state == (levels[0] if levels else "green")
    assert all(one.said.endswith((".", "!", "?")) for one in health.troubles)
    failing = {one.name for one in drivers if one.error or one.state in ("unavailable", "refused")}
    assert {one.part for one in health.troubles} - {"camera", "store", "hub"} == failing


def test_trying_again_is_no_recovery_and_opening_for_too_long_is_a_failure():
    watch = CameraWatch(0.0)
    assert not watch.failed(PATIENCE_S)
    assert watch.failed(PATIENCE_S + 1)
    watch.take("open", 60)
    assert not watch.failed(1e6)
    for state in ("missing", "opening", "opening"):
        watch.take(state, 100)
        assert watch.failed(100)
    watch.take("open", 101)
    assert not watch.failed(101)
    watch.take("opening", 200)
    assert (watch.failed(201), watch.failed(201 + PATIENCE_S)) == (False, True)


def test_what_has_happened_is_forgotten_after_ten_minutes():
    recently = Recently()
    assert [recently.count(total, at) for total, at in ((1, 0), (1, 1), (3, 2))] == [1, 1, 3]
    assert recently.count(3, WITHIN_S + 1) == 2
    assert recently.count(3, WITHIN_S + 3) == 0


def test_what_the_mirrors_files_take_is_added_up(tmp_path: Path):
    path = tmp_path / "mirror.sqlite3"
    for name, size in (("", 1000), ("-wal", 200), (".damaged-2026", 30), (".before-restore-x", 4)):
        path.with_name(path.name + name).write_bytes(b"x" * size)
    (tmp_path / "film.avi").write_bytes(b"x" * 100_000)
    found = look(path, 5000)
    assert found is not None
    assert (found.kept_bytes, found.budget_bytes) == (1234, 5000)
    assert found.free_bytes > 0
    assert look(tmp_path / "nowhere" / "mirror.sqlite3", 1) is None
