"""Failures in words that may be shown: one line, and no secret in it."""

from __future__ import annotations

import traceback

from mirrord.driver import MirrorError
from mirrord.runtime.secret import redacted

LONGEST = 300


def said(error: BaseException) -> str:
    """Return one sentence: a driver's own words, or that it has a fault."""
    words = " ".join(redacted(str(error)).split())
    if len(words) > LONGEST:
        words = words[:LONGEST] + "…"
    if isinstance(error, MirrorError):
        return words or type(error).__name__
    return f"a fault in the driver ({type(error).__name__}{': ' if words else ''}{words})"


def traced(error: BaseException) -> str:
    """Return the traceback for the driver's author."""
    return redacted("".join(traceback.format_exception(error)))
