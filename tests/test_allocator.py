"""Threads share two heaps instead of having one each."""

from __future__ import annotations

import subprocess
import sys

# A heap of a thread is reserved as 64 MB, at a multiple of that.
_PROGRAM = """
import threading
from mirrord.runtime.allocator import few_arenas

{first}
kept, ready = [], threading.Barrier(9)

def work():
    kept.append([bytes(50_000) for _ in range(20)])
    ready.wait()

for _ in range(8):
    threading.Thread(target=work).start()
ready.wait()
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps")]
print(sum(start % (64 << 20) == 0 for start in starts))
"""


def test_threads_share_heaps() -> None:
    def heaps(first: str) -> int:
        program = [sys.executable, "-c", _PROGRAM.format(first=first)]
        return int(subprocess.run(program, check=True, capture_output=True, timeout=60).stdout)

    assert heaps("few_arenas()") <= 1 < heaps("")
