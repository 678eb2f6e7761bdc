"""The thread that keeps a camera open, with sources that end, break, hang and come back."""

import queue
import threading
import time

import numpy as np
import pytest

from mirrord.sight_settings import CameraSettings
from mirrord.vision.camera import CameraLost
from mirrord.vision.camera_files import VideoFile
from mirrord.vision.camera_reader import CameraReader
from tests.test_camera_files import write_video

FRAME = np.zeros((4, 4, 3), np.uint8)


class ScriptedCamera:
    """A camera whose every step is told by the test: "ok", "end", "damaged", or an exception."""

    def __init__(self, *steps, opens=(), period_s=None, pause_s=0.002):
        self.title = "a scripted camera"
        self.period_s = period_s
        self.steps, self.opens = list(steps), list(opens)
        self.opened = self.closed = self.grabbed = self.decoded = 0
        self.pause_s = pause_s
        self.hang = threading.Event()
        self.hang.set()

    def open(self):
        self.opened += 1
        if self.opens and (error := self.opens.pop(0)):
            raise error

    def grab(self):
        self.hang.wait()
        time.sleep(self.pause_s)
        self.grabbed += 1
        self.step = self.steps.pop(0) if self.steps else "ok"
        if isinstance(self.step, Exception):
            raise self.step
        return self.step != "end"

    def retrieve(self):
        self.decoded += 1
        return None if self.step == "damaged" else FRAME + self.grabbed % 256

    def close(self):
        self.closed += 1


@pytest.fixture
def reading():
    """Start a reader of a source; return it and the queue of its states."""
    readers = []

    def start(source, stall_s=5.0):
        states = queue.SimpleQueue()
        reader = CameraReader(source, states.put, stall_s)
        readers.append(reader)
        reader.start()
        return reader, states

    yield start
    for reader in readers:
        assert reader.stop(5)


def next_state(states, wanted, timeout_s=10):
    """Skip states until the wanted one comes."""
    end = time.monotonic() + timeout_s
    while (left := end - time.monotonic()) > 0:
        seen = states.get(timeout=left)
        if seen.state == wanted:
            return seen
    raise AssertionError(f"never {wanted}")


def test_the_first_states_of_a_camera_that_works(reading):
    reader, states = reading(ScriptedCamera())
    assert states.get(timeout=5).state == "opening"
    assert states.get(timeout=5).state == "open"
    assert reader.next(5) is not None
    time.sleep(0.05)
    assert states.empty()  # told once, not with each frame


def test_only_what_is_asked_for_is_decoded_and_it_is_new(reading):
    source = ScriptedCamera()
    reader, _ = reading(source)
    captured = [reader.next(5) for _ in range(3)]
    time.sleep(0.1)
    before, asked = source.decoded, time.monotonic_ns()
    assert source.grabbed > before + 10
    assert reader.next(5).at_ns >= asked
    assert source.decoded == before + 1
    assert [one.at_ns for one in captured] == sorted(one.at_ns for one in captured)


def test_a_camera_without_a_frame_in_time(reading):
    source = ScriptedCamera()
    source.hang.clear()
    reader, _ = reading(source)
    assert reader.next(0.05) is None
    source.hang.set()
    assert reader.next(5) is not None


def test_a_camera_that_is_missing_at_first_is_found_later(reading):
    gone = CameraLost("it is not there; plug it in")
    source = ScriptedCamera(opens=[gone, gone, None])
    reader, states = reading(source)
    assert next_state(states, "missing").detail == "it is not there; plug it in"
    assert next_state(states, "open", 30)
    assert source.opened == 3
    assert reader.next(5) is not None
    assert source.closed == 2


def test_a_camera_that_is_unplugged_and_back(reading):
    source = ScriptedCamera("ok", "ok", CameraLost("it was unplugged"))
    reader, states = reading(source)
    next_state(states, "open")
    assert next_state(states, "missing").detail == "it was unplugged"
    next_state(states, "open")
    assert reader.next(5) is not None


def test_an_error_of_a_library_s_own_ends_nothing(reading):
    source = ScriptedCamera("ok", RuntimeError("libfancy: 42"))
    _, states = reading(source)
    said = next_state(states, "missing")
    assert "libfancy" not in said.detail
    assert "a scripted camera failed" in said.detail
    next_state(states, "open")


def test_a_stall_is_noticed_while_the_camera_hangs_and_its_end_too(reading):
    source = ScriptedCamera()
    reader, states = reading(source, stall_s=0.3)
    next_state(states, "open")
    source.hang.clear()
    time.sleep(0.5)
    assert reader.watch() > 0.3
    assert "gives no pictures" in next_state(states, "stalled").detail
    source.hang.set()
    next_state(states, "open")


def test_damaged_pictures_are_left_out_and_too_many_are_a_fault(reading):
    source = ScriptedCamera("ok", "damaged", "damaged", "ok", *["damaged"] * 25, "ok")
    reader, states = reading(source)
    next_state(states, "open")
    assert reader.next(5) is not None
    assert reader.next(5) is not None
    assert reader.next(30) is not None  # after it was opened again
    assert "cannot be decoded" in next_state(states, "stalled").detail
    assert source.opened == 2


def test_a_recording_that_ends(reading):
    source = ScriptedCamera("ok", "ok", "end")
    reader, states = reading(source)
    assert "played to its end" in next_state(states, "ended").detail
    assert reader.ended
    assert source.opened == 1
    assert source.closed == 1


def test_a_recording_is_paced(reading, tmp_path):
    path = write_video(tmp_path / "a.avi", range(0, 250, 10), "MJPG", fps=25)
    _, states = reading(VideoFile(path, CameraSettings(loop=False)))
    next_state(states, "open")
    began = time.monotonic()
    next_state(states, "ended", 30)
    assert 0.7 < time.monotonic() - began < 10


def test_the_rate_of_a_camera(reading):
    reader, _ = reading(ScriptedCamera(pause_s=0.02))
    time.sleep(1.5)
    assert 5 < reader.rate() <= 50


def test_stopping_gives_the_camera_back_and_a_hung_one_is_reported(reading):
    source = ScriptedCamera()
    reader = CameraReader(source, lambda seen: None)
    reader.start()
    assert reader.next(5) is not None
    source.hang.clear()
    time.sleep(0.2)
    assert not reader.stop(0.1)
    source.hang.set()
    assert reader.stop(5)
    assert source.closed == 1
