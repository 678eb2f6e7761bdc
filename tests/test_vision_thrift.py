"""What the start needed is given back, and all goes on as before."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import cv2, numpy
from mirrord.vision.health import memory_mb
from mirrord.vision.thrift import give_back

picture = numpy.arange(64 * 64 * 3, dtype=numpy.uint8).reshape(64, 64, 3)
seen, before = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), memory_mb()
give_back()
after = memory_mb()
assert (cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) == seen).all()
assert numpy.linalg.det(numpy.eye(3)) == 1
try:
    cv2.resize(picture, (0, 0))
except cv2.error as error:  # an exception finds its way through pages that were given back
    assert "resize" in str(error)
print(before, after)
"""


def test_memory_of_the_start_is_given_back() -> None:
    words = subprocess.run(
        [sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True, timeout=60
    ).stdout.split()
    before, after = map(float, words)
    assert after < 0.9 * before
