"""Gives back memory that only the start needed.

Loading a library reads far more of its file than running it does: tables of names, code that makes
tables. Those pages belong to the file, so nothing is lost: what is needed again is mapped again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

_MADV_DONTNEED = 4  # <asm-generic/mman-common.h>
_libc = ctypes.CDLL(None, use_errno=True)


def give_back() -> None:
    """Let go of all pages of files that this process cannot have changed."""
    for start, length in list(_unchanged()):
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _MADV_DONTNEED)


def _unchanged() -> Iterator[tuple[int, int]]:
    """Yield where a file is mapped that is not for writing, and no page is a copy of our own.

    Copies are what the linker has filled in before it closed the pages to writing.
    """
    place, of_file = (0, 0), False
    with open("/proc/self/smaps", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            first, *rest = line.split()
            if not first.endswith(":"):
                start, end = (int(one, 16) for one in first.split("-"))
                place = start, end - start
                of_file = "w" not in rest[0] and rest[-1].startswith("/")
            elif of_file and first == "Anonymous:" and rest[0] == "0":
                yield place
