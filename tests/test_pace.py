"""How often the vision process looks, in simulated time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.vision.pace import MOVED, Pace, cpu_temperature


class Simulation:
    """A camera at a rate, and a room in which things happen at given times."""

    def __init__(self, fps: float, camera_fps: float | None = None) -> None:
        self.pace = Pace(fps)
        self.camera_fps = camera_fps or fps
        self.looks: list[float] = []
        self.detections: list[float] = []

    def run(self, seconds, people=lambda now: 0, moving=lambda now: False):
        for frame in range(int(seconds * self.camera_fps)):
            now = 1000 + frame / self.camera_fps
            if self.pace.wait_s(now) > 1e-9:
                continue
            self.looks.append(now - 1000)
            if self.pace.looked(now, 0.5 if moving(now - 1000) else 0.0):
                self.detections.append(now - 1000)
                self.pace.detected(now, people(now - 1000))
        return self

    def rate(self, events, since, until):
        return sum(since <= at < until for at in events) / (until - since)


def test_a_moving_face_is_looked_at_at_the_rate_that_was_asked():
    simulation = Simulation(10).run(30, people=lambda now: 1, moving=lambda now: True)
    assert simulation.rate(simulation.looks, 5, 30) == pytest.approx(10, rel=0.05)
    assert simulation.rate(simulation.detections, 5, 30) <= 1.5
    assert simulation.pace.name == "face"


@pytest.mark.parametrize("camera_fps", [12, 15, 25, 30, 60])
def test_the_mean_rate_holds_whatever_the_camera_gives(camera_fps):
    simulation = Simulation(10, camera_fps).run(30, lambda now: 1, lambda now: True)
    assert simulation.rate(simulation.looks, 5, 30) == pytest.approx(10, rel=0.1)


def test_an_empty_still_room_costs_much_less_than_a_face():
    face = Simulation(10).run(60, people=lambda now: 1, moving=lambda now: True)
    nobody = Simulation(10).run(60)
    assert len(nobody.looks) * 2.5 < len(face.looks)
    assert len(nobody.detections) * 4 < len(face.detections)
    assert nobody.pace.name == "nobody"


@given(at=st.floats(20, 40))
def test_somebody_who_comes_is_noticed_within_half_a_second(at):
    simulation = Simulation(10, 30).run(
        45, people=lambda now: int(now >= at), moving=lambda now: at <= now < at + 1
    )
    noticed = next(one for one in simulation.detections if one >= at)
    assert noticed - at <= 0.5


def test_a_person_that_is_found_is_looked_at_often_at_once():
    simulation = Simulation(10).run(
        30, people=lambda now: int(now >= 20), moving=lambda now: now >= 20
    )
    assert simulation.rate(simulation.looks, 21, 30) == pytest.approx(10, rel=0.1)


def test_a_face_that_does_not_move_is_looked_at_less():
    simulation = Simulation(10).run(30, people=lambda now: 1)
    assert simulation.rate(simulation.looks, 5, 30) == pytest.approx(5, rel=0.1)
    assert simulation.pace.name == "still"


def test_a_face_that_is_lost_is_looked_for_again_at_once():
    pace = Pace(10)
    assert pace.looked(1000, 1.0)
    pace.detected(1000, 1)
    assert pace.looked(1000.1, 0.0)
    pace.detected(1000.1, 1)
    assert not pace.looked(1000.2, 0.0)
    assert pace.looked(1003.3, 0.0)
    pace.detected(1003.3, 0)
    assert pace.looked(1003.4, 0.0)


def test_a_hot_processor_is_spared_until_it_has_cooled():
    simulation = Simulation(10)
    simulation.pace.temperature(80)
    simulation.run(30, people=lambda now: 1, moving=lambda now: True)
    assert simulation.rate(simulation.looks, 5, 30) == pytest.approx(4, rel=0.15)
    assert simulation.pace.name == "hot"
    simulation.pace.temperature(73)
    assert simulation.pace.name == "hot"
    simulation.pace.temperature(None)
    assert simulation.pace.name == "hot"
    simulation.pace.temperature(65)
    assert simulation.pace.name == "face"


@given(
    fps=st.floats(0.1, 120),
    events=st.lists(
        st.tuples(st.floats(0.001, 10), st.floats(0, 1), st.integers(0, 5)), max_size=50
    ),
)
def test_it_never_sleeps_for_long(fps, events):
    pace, now = Pace(fps), 0.0
    for later, changed, faces in events:
        now += later
        if pace.looked(now, changed):
            pace.detected(now, faces)
        assert 0 <= pace.wait_s(now) <= max(0.3, 1 / fps) + 1e-9
        assert changed <= MOVED or pace.name != "still"


def write_zone(directory: Path, number: int, kind: str, temperature: str) -> None:
    zone = directory / f"thermal_zone{number}"
    zone.mkdir()
    (zone / "type").write_text(kind + "\n")
    (zone / "temp").write_text(temperature + "\n")


def test_the_processor_s_own_zone_is_believed(tmp_path):
    write_zone(tmp_path, 0, "acpitz", "90000")
    write_zone(tmp_path, 1, "cpu-thermal", "61234")
    assert cpu_temperature(tmp_path) == pytest.approx(61.234)


def test_without_one_the_hottest_counts_and_nonsense_does_not(tmp_path):
    write_zone(tmp_path, 0, "acpitz", "40000")
    write_zone(tmp_path, 1, "pch", "50000")
    write_zone(tmp_path, 2, "broken", "n/a")
    assert cpu_temperature(tmp_path) == pytest.approx(50)


def test_a_machine_without_thermometer(tmp_path):
    assert cpu_temperature(tmp_path) is None
    assert cpu_temperature(tmp_path / "missing") is None
