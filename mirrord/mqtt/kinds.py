"""The kinds of device that a driver knows: one for each convention, named in its settings."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Kind(Generic[S, C]):
    """A convention: what its `topic` looks like, and which further keys it reads."""

    make: Callable[[S], C]
    topic: str
    keys: frozenset[str] = frozenset()


def check_kind(
    settings: msgspec.Struct, kind: str, kinds: Mapping[str, Kind[Any, Any]], device: str
) -> None:
    """Raise ValueError for a kind that there is not, or a key that means nothing to this one."""
    if kind not in kinds:
        near = difflib.get_close_matches(kind, kinds, n=1, cutoff=0.4)
        advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(kinds)}"
        raise ValueError(f"no kind {kind!r} of {device}; {advice}")
    optional = frozenset().union(*(one.keys for one in kinds.values()))
    for field in msgspec.structs.fields(settings):
        spare = field.name in optional - kinds[kind].keys
        if spare and getattr(settings, field.name) != field.default:
            raise ValueError(f"{field.name} has no meaning for kind = {kind!r}: remove it")
