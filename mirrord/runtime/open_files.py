"""How many files, and so connections, this process may hold open."""

from __future__ import annotations

import contextlib
import resource


def allow_open_files(wanted: int) -> int:
    """Raise the limit as far as the system lets us, up to `wanted`; return what is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= wanted:
        return wanted if soft == unlimited else soft
    new = wanted if hard == unlimited else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (new, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
