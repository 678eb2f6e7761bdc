"""Addresses are answered with and without the slash at their end."""

from __future__ import annotations


def addresses(path: str) -> tuple[str, ...]:
    """Return a path as it is answered: as it is, and without its last slash."""
    return tuple(dict.fromkeys((path, path.rstrip("/") or "/")))
