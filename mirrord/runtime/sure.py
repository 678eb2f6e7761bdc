"""What a library's types say may be missing, though it was asked for a line before."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def sure(value: T | None) -> T:
    """Return it."""
    if value is None:
        raise RuntimeError("something is missing that cannot be: this is a fault of the program")
    return value
