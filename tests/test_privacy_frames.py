"""No frame leaves the vision process: not on a disk, not in its output, not in its log.

Every file that it could have written and every byte that it has said is searched for what is left
of the frames that it saw. That the search finds what is there to be found is tested first.
"""

import base64
import os
import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirrord.wire import FrameSeen
from tests.fakes.faces import placed, portrait
from tests.fakes.frame_search import FrameSearch, files_below
from tests.fakes.mjpeg import MjpegCamera
from tests.fakes.vision import VisionProcess

SEEN = [portrait().picture, placed(0.6, right=40)]


@pytest.fixture(scope="module")
def search():
    return FrameSearch(SEEN)


def wrapped(data):
    return b'{"type":"frame","faces":[]}\n' * 50 + data + b"\nWARNING the end"


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (lambda frame: frame.tobytes(), "BGR"),
        (lambda frame: frame[200, 100:130].tobytes(), "BGR"),  # a part of one row
        (lambda frame: frame[:, :, ::-1].tobytes(), "RGB"),
        (lambda frame: cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).tobytes()[9_999:99_999], "grey"),
        (lambda frame: base64.b64encode(frame[180:190].tobytes()), "base64 BGR"),
        (lambda frame: cv2.imencode(".jpg", frame)[1].tobytes(), "JPEG"),
        (lambda frame: cv2.imencode(".png", frame)[1].tobytes(), "PNG"),
        (lambda frame: cv2.imencode(".webp", frame)[1].tobytes(), "WebP"),
        (lambda frame: base64.b64encode(cv2.imencode(".jpg", frame)[1].tobytes()), "base64 JPEG"),
    ],
)
def test_the_search_finds_what_is_planted(search, planted, name):
    assert name in search.found_in(wrapped(planted(SEEN[0])))


def test_the_search_finds_nothing_where_nothing_is(search):
    noise = np.random.default_rng(0).integers(32, 127, 200_000).astype(np.uint8).tobytes()
    assert search.found_in(wrapped(noise)) == set()
    assert search.found_in(bytes(100_000)) == set()
    assert search.found_in(Path(__file__).read_bytes()) == set()


def environment_of(home):
    """Every place that a library might think its own lies below `home`."""
    for name in ("tmp", "cache", "state", "cwd"):
        (home / name).mkdir(parents=True)
    return {
        **{"HOME": str(home), "TMPDIR": str(home / "tmp"), "STATE_DIRECTORY": str(home / "state")},
        **{"XDG_CACHE_HOME": str(home / "cache"), "XDG_RUNTIME_DIR": str(home / "tmp")},
    }


def watch_for_a_while(vision, search, home):
    """Let it look; then return what is found of frames in its output, its log and its files."""
    vision.next(FrameSeen, lambda message: message.faces)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        vision.next(FrameSeen)
    open_files = [os.readlink(one) for one in Path(f"/proc/{vision.process.pid}/fd").iterdir()]
    vision.process.stdin.close()
    assert vision.ended() == 0
    found = search.found_in(bytes(vision.output)) | search.found_in(bytes(vision.log))
    for data in files_below(home).values():
        found |= search.found_in(data)
    return found, open_files


def test_nothing_of_a_frame_leaves_the_process(search, tmp_path):
    frames = tmp_path / "frames"
    frames.mkdir()
    for number, frame in enumerate(SEEN):
        cv2.imwrite(str(frames / f"{number}.png"), frame)
    home = tmp_path / "home"
    environment = environment_of(home)
    camera = {"source": str(frames), "fps": 5}
    with VisionProcess(camera, environment=environment, cwd=home / "cwd") as vision:
        found, open_files = watch_for_a_while(vision, search, home)
    assert len(vision.output) > 1000
    assert found == set()
    assert files_below(home) == {}
    harmless = r"pipe:.*|/dev/null|/proc/\d+/statm"  # the last says how much memory it takes
    assert all(re.fullmatch(harmless, name) for name in open_files), open_files
    assert [path.name for path in sorted(frames.iterdir())] == ["0.png", "1.png"]


def test_nothing_of_a_frame_from_the_network_leaves_the_process(search, tmp_path):
    """A camera on the network keeps the network open; still nothing is sent but requests."""
    home = tmp_path / "home"
    with MjpegCamera(SEEN[0]) as camera:
        environment = environment_of(home)
        with VisionProcess(
            {"source": camera.url}, environment=environment, cwd=home / "cwd"
        ) as vision:
            found, open_files = watch_for_a_while(vision, search, home)
        assert bytes(camera.received).count(b"\r\n\r\n") == 1
        assert search.found_in(bytes(camera.received)) == set()
    assert found == set()
    assert files_below(home) == {}
    assert sum(name.startswith("socket:") for name in open_files) == 1


def test_a_crash_leaves_no_picture_of_its_memory(tmp_path):
    """Killed in a way that would make a core dump, with dumps allowed and unlimited."""
    frames = tmp_path / "frames"
    frames.mkdir()
    cv2.imwrite(str(frames / "0.png"), SEEN[0])
    home = tmp_path / "home"
    environment = environment_of(home)
    with VisionProcess(
        {"source": str(frames)}, environment=environment, cwd=home / "cwd"
    ) as vision:
        vision.next(FrameSeen)
        status = Path(f"/proc/{vision.process.pid}/limits").read_text()
        assert "Max core file size        0                    0" in status
        vision.process.send_signal(6)
        vision.ended()
    assert files_below(home) == {}
