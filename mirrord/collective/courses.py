"""How a session goes, kept with its row as JSON and grown by one reading at a time. Pure."""

from __future__ import annotations

import msgspec

from mirrord.analytics.course import CALM, NO_EXPRESSION, Course, Face, Moment, Stretch
from mirrord.model import MOODS
from mirrord.sync_wire import SessionEnd


class Kept(msgspec.Struct, array_like=True):
    """A `Course`, and where its last reading left off if it may go on."""

    first: tuple[int, ...]
    last: tuple[int, ...]
    mood_ms: tuple[int, ...]
    transitions: list[tuple[int, int, int]]
    calm: tuple[int, int] | None
    tail: tuple[int, int, int, int | None] | None = None  # number, at, mood, calm since


def grown(kept: str | None, number: int, at: int, moods: tuple[int, ...], mood: int) -> str:
    """Return the course with one reading more. `number` counts the session's readings."""
    old = None if kept is None else msgspec.json.decode(kept, type=Kept)
    moment = Moment(number, at, mood, NO_EXPRESSION)
    calm = Stretch(at, at) if mood == CALM else None
    face = Face(moment, moment, _NONE, {}, calm, calm, calm, calm is not None)
    if old is not None and old.tail is not None:
        face = _tail(*old.tail) + face
    ends = (number, *moods)
    new = Course(ends, ends, face.mood_ms, {}, face.longest)
    course = new if old is None else _course(old) + new
    since = face.closing.start if face.closing else None
    return _encoded(course, (number, at, mood, since))


def of_session(item: SessionEnd) -> str:
    """Return the course that a mirror sent."""
    calm = None if item.calm is None else Stretch(*item.calm)
    steps = {(before, after): count for before, after, count in item.transitions}
    first, last = (0, *item.first), (item.readings, *item.last)
    return _encoded(Course(first, last, item.mood_ms, steps, calm), None)


def course_of(kept: str) -> Course:
    """Return the course as analytics takes it."""
    return _course(msgspec.json.decode(kept, type=Kept))


_NONE = (0,) * len(MOODS)


def _tail(number: int, at: int, mood: int, since: int | None) -> Face:
    """Return a last reading as a sequence that has nothing to be counted any more."""
    last = Moment(number, at, mood, NO_EXPRESSION)
    calm = None if since is None else Stretch(since, at)
    return Face(last, last, _NONE, {}, calm, calm, calm, calm is not None)


def _course(kept: Kept) -> Course:
    calm = None if kept.calm is None else Stretch(*kept.calm)
    steps = {(before, after): count for before, after, count in kept.transitions}
    return Course(kept.first, kept.last, kept.mood_ms, steps, calm)


def _encoded(course: Course, tail: tuple[int, int, int, int | None] | None) -> str:
    calm = None if course.calm is None else (course.calm.start, course.calm.end)
    steps = [(before, after, count) for (before, after), count in course.transitions.items()]
    kept = Kept(course.first, course.last, course.mood_ms, steps, calm, tail)
    return msgspec.json.encode(kept).decode()
