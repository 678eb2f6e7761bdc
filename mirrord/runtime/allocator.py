"""glibc's allocator, told to keep less back: a mirror runs for years in little memory."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8  # <malloc.h>
_ARENAS: Final = 2


def few_arenas() -> None:
    """Let threads share two heaps; each would get one of its own, which hardly ever shrinks.

    To be called before threads are started. Without glibc nothing is done.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
