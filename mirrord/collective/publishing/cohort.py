"""Whose contributions a figure is made of, so that no two figures differ by a few people. Pure.

Everybody who was in exactly the same shown figures of late is one *atom*. A figure takes an atom
whole, or not at all, or parts it into two of at least `least`; those who were in none enter as at
least `least` together. So every atom stays that large (or as large as another space asks for, if
that is smaller), and whatever is added, subtracted or weighted of all those figures, of this space
and of any other, is made of sums over whole atoms.

Who is chosen depends on who is there and on chance, never on a mood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from random import Random

Window = tuple[int, int]
"""The number of a space, and when a window of it began."""
Shown = Mapping[Window, Collection[int]]
"""Whose contributions the figures of late were made of."""


def choose(present: Collection[int], shown: Shown, least: int, rng: Random) -> list[int]:
    """Return whose contributions to take; nobody's, if no figure can be shown."""
    there = set(present)
    known = atoms(shown)
    fresh = there.difference(*known)
    chosen = sorted(fresh) if len(fresh) >= least else []
    for atom in known:
        chosen += _part(sorted(there & atom), len(atom), least, rng)
    return chosen if len(chosen) >= least else []


def atoms(shown: Shown) -> list[set[int]]:
    """Return the groups of those who were in exactly the same figures."""
    patterns: dict[int, list[Window]] = {}
    for window in sorted(shown):
        for account in shown[window]:
            patterns.setdefault(account, []).append(window)
    groups: dict[tuple[Window, ...], set[int]] = {}
    for account, windows in patterns.items():
        groups.setdefault(tuple(windows), set()).add(account)
    return list(groups.values())


def _part(here: list[int], size: int, least: int, rng: Random) -> Iterable[int]:
    """Return those of an atom to take; who is away takes others along until they are enough."""
    gone = size - len(here)
    if not gone:
        return here
    kept = min(len(here), size - least)
    return rng.sample(here, kept) if kept >= least else ()
