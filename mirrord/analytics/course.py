"""What follows what: summaries of readings in their order, which can be added where they meet.

Two readings of one face are *linked* if the second came at most `GAP_MS` after the first, and fewer
than `GAP_READINGS` of anybody came between them. Time is counted, transitions are counted and a
calm stretch goes on over links alone, so neither an absence nor a clock that jumps counts as a
mood. Faces are followed one by one: of two people, one sad and
one happy, neither changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import Final

import msgspec

from mirrord.analytics.aggregate import UNIT
from mirrord.model import MOODS

GAP_MS: Final = 60_000
GAP_READINGS: Final = 1_000  # so that it need not be remembered for ever where a face got to
NO_EXPRESSION: Final = -1  # a reading made by hand
CALM: Final = MOODS.index("calm")
_NO_MS: Final = (0,) * len(MOODS)


class Moment(msgspec.Struct, frozen=True):
    """What of a reading matters for its place in a sequence."""

    number: int  # counts up in order of arrival
    at: int  # milliseconds since 1970, UTC
    mood: int  # the dominant one, a position in `MOODS`
    expression: int  # a position in `WORDS`, or NO_EXPRESSION


class Stretch(msgspec.Struct, frozen=True):
    """From a first to a last reading, in milliseconds since 1970; both ends belong to it."""

    start: int
    end: int


class Face(msgspec.Struct, frozen=True):
    """A sequence of readings of one face: a semigroup, `+` puts a later sequence behind."""

    first: Moment
    last: Moment
    mood_ms: tuple[int, ...]  # how long each mood was the dominant one, in the order of `MOODS`
    transitions: Mapping[tuple[int, int], int]  # linked readings by expression before and after
    opening: Stretch | None  # the calm stretch that the sequence begins with
    closing: Stretch | None  # ... ends with
    longest: Stretch | None
    unbroken: bool  # it is one calm stretch

    def __add__(self, later: Face) -> Face:
        linked = is_linked(self.last, later.first)
        passed = later.first.at - self.last.at if linked else 0
        bridge = None
        if linked and self.closing and later.opening:
            bridge = Stretch(self.closing.start, later.opening.end)
        return Face(
            self.first,
            later.last,
            tuple(
                ms + more + passed * (mood == self.last.mood)
                for mood, (ms, more) in enumerate(zip(self.mood_ms, later.mood_ms, strict=True))
            ),
            _summed(self.transitions, later.transitions, _step(self.last, later.first, linked)),
            (bridge if self.unbroken else None) or self.opening,
            (bridge if later.unbroken else None) or later.closing,
            longer(longer(self.longest, later.longest), bridge),
            self.unbroken and later.unbroken and bridge is not None,
        )


class Course(msgspec.Struct, frozen=True):
    """A session's faces together: a commutative monoid but for `first` and `last`, told by number.

    `first` and `last` are the four moods (ten-thousandths) of the first and the last reading,
    behind the number of that reading in order of arrival.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    mood_ms: tuple[int, ...] = _NO_MS
    transitions: Mapping[tuple[int, int], int] = {}
    calm: Stretch | None = None  # the longest; the earliest of equals

    def __add__(self, other: Course) -> Course:
        return Course(
            min(self.first, other.first),
            max(self.last, other.last),
            tuple(ms + more for ms, more in zip(self.mood_ms, other.mood_ms, strict=True)),
            _summed(self.transitions, other.transitions, {}),
            longer(self.calm, other.calm),
        )

    @property
    def progression(self) -> tuple[float, ...]:
        """The last reading's four moods minus the first's, -1 to 1, in the order of `MOODS`."""
        pairs = zip(self.first[1:], self.last[1:], strict=True)
        return tuple((last - first) / UNIT for first, last in pairs)


def is_linked(before: Moment, after: Moment) -> bool:
    """Return whether the second reading of a face goes on where the first left off."""
    near = after.number - before.number <= GAP_READINGS
    return near and 0 <= after.at - before.at <= GAP_MS


def face_of(moments: Sequence[Moment]) -> Face:
    """Return what a face's readings, in order of arrival and at least one, add up to."""
    first, last = moments[0], moments[-1]
    mood_ms = [*_NO_MS]
    transitions: Counter[tuple[int, int]] = Counter()
    for before, after in pairwise(moments):
        if is_linked(before, after):
            mood_ms[before.mood] += after.at - before.at
            transitions.update(_step(before, after, True))
    stretches = list(_stretches(moments))
    opening = stretches[0] if first.mood == CALM else None
    closing = stretches[-1] if last.mood == CALM else None
    longest = reduce(longer, stretches, None)
    unbroken = None not in (opening, closing) and len(stretches) == 1
    return Face(first, last, tuple(mood_ms), transitions, opening, closing, longest, unbroken)


def _stretches(moments: Sequence[Moment]) -> Iterator[Stretch]:
    """Yield the calm stretches, single readings among them, in order."""
    start: int | None = None
    before = moments[0]
    for moment in moments:
        calm = moment.mood == CALM
        if start is not None and not (calm and is_linked(before, moment)):
            yield Stretch(start, before.at)
            start = None
        if start is None and calm:
            start = moment.at
        before = moment
    if start is not None:
        yield Stretch(start, before.at)


def longer(one: Stretch | None, other: Stretch | None) -> Stretch | None:
    """Return the longer of two stretches, the earlier of equals."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda stretch: (stretch.start - stretch.end, stretch.start))


def _step(before: Moment, after: Moment, linked: bool) -> dict[tuple[int, int], int]:
    if linked and NO_EXPRESSION not in (before.expression, after.expression):
        return {(before.expression, after.expression): 1}
    return {}


def _summed(*counts: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    total: Counter[tuple[int, int]] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)
