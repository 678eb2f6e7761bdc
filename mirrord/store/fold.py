"""Adding readings to the aggregates, once each, and to what is shared with the collective."""

from __future__ import annotations

from sqlite_utils import Database

from mirrord.store.courses import fold_courses
from mirrord.store.shared import is_sharing, note_fresh
from mirrord.store.tally import ADD_UP, KEPT, NAMES, SPANS, folded_to, merge_sql, tally_sql


def fold(database: Database) -> None:
    """Add the readings that are not in the aggregates yet. Call it within a transaction."""
    since = folded_to(database)
    database.execute("DROP TABLE IF EXISTS temp.fresh")
    database.execute(f"CREATE TEMP TABLE fresh AS {tally_sql('minutes')}", [since])
    for table in SPANS:
        database.execute(
            f"INSERT INTO {table} ({NAMES}) {merge_sql(table, 'fresh')}"
            f" ON CONFLICT (start, session) DO UPDATE SET {ADD_UP}"
        )
    fold_courses(database, since)
    if is_sharing(database):
        note_fresh(database)
    for key, counted in KEPT.items():
        database.execute(
            f"UPDATE state SET value = value + (SELECT {counted} FROM readings WHERE id > ?)"
            " WHERE key = ?",
            [since, key],
        )
    database.execute(
        "UPDATE state SET value = max(value, ifnull((SELECT max(id) FROM readings), 0))"
        " WHERE key = 'folded_to'"
    )
    database.execute("DROP TABLE temp.fresh")
