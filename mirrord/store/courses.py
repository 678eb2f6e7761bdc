"""What follows what in each session, kept as the readings come (mirrord/analytics/course.py).

`faces` holds where the readings of each face have got to, `courses` and `transitions` what the
faces of a session add up to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlite_utils import Database

from mirrord.analytics.course import CALM, GAP_READINGS, Course, Face, Moment, Stretch, face_of
from mirrord.store.words import MOOD_WORDS

_CHUNK: Final = 20_000
_FIRST: Final = tuple(f"first_{mood}" for mood in MOOD_WORDS)
_LAST: Final = tuple(f"last_{mood}" for mood in MOOD_WORDS)
_MS: Final = tuple(f"{mood}_ms" for mood in MOOD_WORDS)
_COLUMNS: Final = ("first_id", *_FIRST, "last_id", *_LAST, *_MS, "calm_from", "calm_to")

TABLES: Final = (
    "CREATE TABLE faces (session INTEGER NOT NULL, track INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " at INTEGER NOT NULL, dominant INTEGER NOT NULL, expression INTEGER NOT NULL,"
    " calm_from INTEGER,"
    " PRIMARY KEY (session, track)) STRICT, WITHOUT ROWID",
    "CREATE TABLE courses (session INTEGER PRIMARY KEY,"
    f" {', '.join(f'{name} INTEGER NOT NULL' for name in _COLUMNS[:-2])},"
    " calm_from INTEGER, calm_to INTEGER) STRICT",
    "CREATE TABLE transitions (session INTEGER NOT NULL, before INTEGER NOT NULL,"
    " after INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (session, before, after))"
    " STRICT, WITHOUT ROWID",
    "CREATE TRIGGER session_forgotten AFTER DELETE ON sessions BEGIN"
    " DELETE FROM faces WHERE session = old.id; DELETE FROM courses WHERE session = old.id;"
    " DELETE FROM transitions WHERE session = old.id; END",
)

_READ: Final = (
    f"SELECT id, session, track, at, dominant, expression, {', '.join(MOOD_WORDS)} FROM readings"
)
_Key = tuple[int, int]  # session, track


def fold_courses(database: Database, since: int, until: int = 1 << 62) -> None:
    """Add the readings with an id above `since` up to `until`. Call it within a transaction."""
    rows = database.execute(f"{_READ} WHERE id > ? AND id <= ? ORDER BY id", [since, until])
    for chunk in _chunks(rows):
        _add(database, chunk)


def refold_courses(database: Database, sessions: Sequence[int], first: int, last: int) -> None:
    """Make the courses of sessions anew, from their readings between two ids."""
    chosen = ", ".join(str(int(session)) for session in sessions)
    for table in ("faces", "courses", "transitions"):
        database.execute(f"DELETE FROM {table} WHERE session IN ({chosen})")
    rows = database.execute(
        f"{_READ} WHERE id BETWEEN ? AND ? AND session IN ({chosen}) ORDER BY id", [first, last]
    )
    for chunk in _chunks(rows):
        _add(database, chunk)


def course_of(database: Database, session: int, since: int) -> Course | None:
    """Return the course of a session with its readings above `since`, which are not folded."""
    stored = _stored(database, session)
    rows = database.execute(
        f"{_READ} WHERE id > ? AND session = ? ORDER BY id", [since, session]
    ).fetchall()
    if not rows:
        return stored
    new = _courses(rows, _faces(database, rows))[session]
    return new if stored is None else stored + new


def _add(database: Database, rows: Sequence[tuple[int, ...]]) -> None:
    faces = _faces(database, rows)
    for session, new in _courses(rows, faces).items():
        stored = _stored(database, session, with_transitions=False)
        _keep(database, session, new if stored is None else stored + new)
        database.conn.executemany(
            "INSERT INTO transitions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " count = count + excluded.count",
            [(session, *step, count) for step, count in new.transitions.items()],
        )
    database.conn.executemany(
        "INSERT OR REPLACE INTO faces VALUES (?, ?, ?, ?, ?, ?, ?)",
        [_tail_row(key, face) for key, face in faces.items()],
    )
    database.execute("DELETE FROM faces WHERE number <= ?", [rows[-1][0] - GAP_READINGS])


def _faces(database: Database, rows: Sequence[tuple[int, ...]]) -> dict[_Key, Face]:
    """Return the sequence of each face, from its last reading before the rows on."""
    moments: dict[_Key, list[Moment]] = {}
    for number, session, track, at, dominant, expression, *_moods in rows:
        moment = Moment(number, at, dominant, expression)
        moments.setdefault((session, track), []).append(moment)
    found = {}
    for key, sequence in moments.items():
        tail, new = _tail(database, key), face_of(sequence)
        found[key] = new if tail is None else tail + new
    return found


def _courses(rows: Sequence[tuple[int, ...]], faces: dict[_Key, Face]) -> dict[int, Course]:
    found: dict[int, Course] = {}
    first: dict[int, tuple[int, ...]] = {}
    last: dict[int, tuple[int, ...]] = {}
    for number, session, _, _, _, _, *moods in rows:
        ends = (number, *moods)
        first.setdefault(session, ends)
        last[session] = ends
    for (session, _), face in faces.items():
        new = Course(first[session], last[session], face.mood_ms, face.transitions, face.longest)
        found[session] = found[session] + new if session in found else new
    return found


def _tail(database: Database, key: _Key) -> Face | None:
    """Return a face's last reading as a sequence that has nothing to be counted any more."""
    row = database.execute(
        "SELECT number, at, dominant, expression, calm_from FROM faces"
        " WHERE session = ? AND track = ?",
        key,
    ).fetchone()
    if row is None:
        return None
    last = Moment(*row[:4])
    stretch = None if row[4] is None else Stretch(row[4], last.at)
    none = (0,) * len(MOOD_WORDS)
    return Face(last, last, none, {}, stretch, stretch, stretch, last.mood == CALM)


def _tail_row(key: _Key, face: Face) -> tuple[int | None, ...]:
    last, calm_from = face.last, face.closing.start if face.closing else None
    return (*key, last.number, last.at, last.mood, last.expression, calm_from)


def _stored(database: Database, session: int, with_transitions: bool = True) -> Course | None:
    row = database.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM courses WHERE session = ?", [session]
    ).fetchone()
    if row is None:
        return None
    calm = None if row[-1] is None else Stretch(row[-2], row[-1])
    steps = "SELECT before, after, count FROM transitions WHERE session = ?"
    counted = database.execute(steps, [session]).fetchall() if with_transitions else ()
    transitions = {(before, after): count for before, after, count in counted}
    return Course(row[:5], row[5:10], row[10:14], transitions, calm)


def _keep(database: Database, session: int, course: Course) -> None:
    calm: tuple[Any, Any] = (None, None)
    if course.calm:
        calm = course.calm.start, course.calm.end
    values = (session, *course.first, *course.last, *course.mood_ms, *calm)
    places = ", ".join("?" * len(values))
    names = ", ".join(("session", *_COLUMNS))
    database.execute(f"INSERT OR REPLACE INTO courses ({names}) VALUES ({places})", values)


def _chunks(rows: Any) -> Iterator[list[tuple[int, ...]]]:
    while chunk := rows.fetchmany(_CHUNK):
        yield chunk
