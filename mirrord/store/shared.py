"""Which sessions are shared with the collective, under which name, and what waits to be sent.

A session is shared if the mirror was linked when it began; nothing from before a link ever is.
The collective knows it by a random name, which is never used for anything else: what has to be
amended is erased there under the old name and sent again under a new one. So nothing that is sent
twice, late or out of order can harm: a name and a stretch always mean the same content.

A stretch is `open` while readings may still be added, `ready` once it is over, `sent` from just
before it is sent until its outcome is known, `later` if the collective wants it later, `aside` if
it was refused. What is open or ready may still change; what was sent once never does.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from sqlite_utils import Database

from mirrord.store.items import session_end, tally_of_row
from mirrord.sync_wire import Erasure, Item, SessionEnd, Tally

State = Literal["open", "ready", "sent", "later", "aside"]
MINUTE_MS: Final = 60_000
GRACE_MS: Final = 2_000  # beyond its end, before a minute is taken as over
_CHANGEABLE: Final = ("open", "ready")

TABLES: Final = (
    "CREATE TABLE shared ("
    " session INTEGER PRIMARY KEY,"  # sessions.id
    " name TEXT NOT NULL UNIQUE,"  # the collective's, random
    " sent INTEGER NOT NULL DEFAULT 0,"  # something of it was sent, or may have been
    " told INTEGER NOT NULL DEFAULT 0"  # its end: 0 not yet, 1 waits or was sent, 2 has changed
    ") STRICT",
    "CREATE INDEX shared_untold ON shared (session) WHERE told <> 1",
    "CREATE TABLE outbox ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind TEXT NOT NULL,"  # tally, session, erase
    " session INTEGER,"  # sessions.id; null for an erasure
    " width TEXT NOT NULL DEFAULT '',"
    " start INTEGER NOT NULL DEFAULT 0,"
    " at INTEGER NOT NULL DEFAULT 0,"  # how recent it is, ms since 1970
    " state TEXT NOT NULL,"
    " bytes INTEGER NOT NULL DEFAULT 0,"
    " item TEXT,"  # as JSON, just as it is sent; null while open
    " reason TEXT NOT NULL DEFAULT ''"
    ") STRICT",
    "CREATE UNIQUE INDEX outbox_keys ON outbox (session, kind, width, start)",
    "CREATE INDEX outbox_states ON outbox (state, kind, at, bytes)",
    "CREATE TRIGGER session_shared AFTER INSERT ON sessions"
    " WHEN EXISTS (SELECT 1 FROM state WHERE key = 'sharing') BEGIN"
    " INSERT INTO shared (session, name) VALUES (new.id, lower(hex(randomblob(16)))); END",
    "CREATE TRIGGER session_goes_on AFTER UPDATE OF is_active ON sessions"
    " WHEN new.is_active > old.is_active BEGIN"
    " UPDATE shared SET told = 2 WHERE session = new.id AND told = 1; END",
)


def is_sharing(database: Database) -> bool:
    """Tell whether the mirror is linked."""
    return bool(database.execute("SELECT 1 FROM state WHERE key = 'sharing'").fetchone())


def note_fresh(database: Database) -> None:
    """Open the minutes that the readings of `temp.fresh`, just folded, belong to.

    A reading that comes when its minute has been sent changes what was sent: such a session is
    shared again. Call it within the transaction that folds.
    """
    rows = database.execute(
        "SELECT f.session, f.start, m.total - f.total, o.state FROM temp.fresh f"
        " JOIN shared USING (session) JOIN minutes m USING (start, session) LEFT JOIN outbox o"
        " ON o.session = f.session AND o.kind = 'tally' AND o.width = 'minute'"
        " AND o.start = f.start"
    ).fetchall()
    late = {session for session, _, before, state in rows if before and state not in _CHANGEABLE}
    for session, start, _, state in rows:
        if session not in late and state is None:
            _open(database, session, start)
        elif session not in late and state != "open":
            _reopen(database, session, start)
    for session in {row[0] for row in rows}:
        database.execute("UPDATE shared SET told = 2 WHERE session = ? AND told = 1", [session])
    for session in late:
        share_again(database, session)


def _open(database: Database, session: int, start: int) -> None:
    database.execute(
        "INSERT INTO outbox (kind, session, width, start, at, state)"
        " VALUES ('tally', ?, 'minute', ?, ?, 'open')",
        [session, start, start],
    )


def _reopen(database: Database, session: int, start: int) -> None:
    database.execute(
        "UPDATE outbox SET state = 'open', item = NULL, bytes = 0, reason = ''"
        " WHERE session = ? AND kind = 'tally' AND width = 'minute' AND start = ?",
        [session, start],
    )


# A minute is over when its time is, when its session has gone on to another, or has ended.
_OVER: Final = """
SELECT o.id, o.session, o.start FROM outbox o WHERE o.state = 'open' AND (o.start < ?
  OR EXISTS (SELECT 1 FROM outbox n WHERE n.session = o.session AND n.kind = 'tally'
    AND n.width = 'minute' AND n.state = 'open' AND n.id > o.id)
  OR NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = o.session AND s.is_active))
"""
_ENDED: Final = (
    "SELECT t.session, t.told FROM shared t JOIN sessions s ON s.id = t.session"
    " WHERE t.told <> 1 AND NOT s.is_active"
)


def close_what_is_over(database: Database, now_ms: int) -> int:
    """Make minutes that are over and sessions that have ended ready to be sent; return how many.

    Everything has to be folded. Call it within the transaction that folds.
    """
    for session, told in database.execute(_ENDED).fetchall():
        _tell_end(database, session, outdated=told == 2)
    over = database.execute(_OVER, [now_ms - MINUTE_MS - GRACE_MS]).fetchall()
    for number, session, start in over:
        tally = tally_of_row(database, session, start)
        if tally is None:  # retention was quicker, or it was forgotten
            database.execute("DELETE FROM outbox WHERE id = ?", [number])
        else:
            set_item(database, number, tally)
    return len(over)


def _tell_end(database: Database, session: int, *, outdated: bool) -> None:
    """Put a session's end into the outbox; one that differs from what was sent begins anew."""
    where = "session = ? AND kind = 'session'"
    found = database.execute(f"SELECT state FROM outbox WHERE {where}", [session]).fetchone()
    if outdated and (found is None or found[0] not in _CHANGEABLE):
        share_again(database, session)
    database.execute(f"DELETE FROM outbox WHERE {where}", [session])
    end = session_end(database, session)
    database.execute("UPDATE shared SET told = 1 WHERE session = ?", [session])
    if end is not None:
        add_item(database, end, session, end.ended)


def share_again(database: Database, session: int) -> None:
    """Begin anew with a session: erase what was sent, and send all that is kept of it.

    Call it within the transaction that makes what was sent wrong.
    """
    erase(database, session)
    database.execute(
        "UPDATE shared SET name = lower(hex(randomblob(16))), sent = 0, told = 0 WHERE session = ?",
        [session],
    )
    database.execute(
        "INSERT INTO outbox (kind, session, width, start, at, state)"
        " SELECT 'tally', m.session, 'minute', m.start, m.start, 'open' FROM totals t"
        " JOIN minutes m ON m.session = t.session"
        f" AND m.start BETWEEN t.first_at - {MINUTE_MS} AND t.last_at"
        " JOIN shared s ON s.session = t.session"
        " WHERE t.start = 0 AND t.session = ? ORDER BY m.start",
        [session],
    )


def erase(database: Database, session: int) -> None:
    """Have the collective erase what was sent of a session, and send nothing that waits."""
    found = database.execute("SELECT name, sent FROM shared WHERE session = ?", [session])
    name, sent = found.fetchone() or ("", 0)
    database.execute("DELETE FROM outbox WHERE session = ?", [session])
    if sent:
        add_item(database, Erasure(session=name), None, 0)


def forget_shared(database: Database, session: int) -> None:
    """Erase a session that is deleted here."""
    erase(database, session)
    database.execute("DELETE FROM shared WHERE session = ?", [session])


def forget_all_shared(database: Database) -> None:
    """Erase every session."""
    for (session,) in database.execute("SELECT session FROM shared").fetchall():
        forget_shared(database, session)


def add_item(database: Database, item: Item, session: int | None, at: int) -> None:
    """Put an item into the outbox."""
    text = msgspec.json.encode(item).decode()
    kind, width, start = _key(item)
    database.execute(
        "INSERT INTO outbox (kind, session, width, start, at, state, bytes, item)"
        " VALUES (?, ?, ?, ?, ?, 'ready', ?, ?)",
        [kind, session, width, start, at, len(text), text],
    )


def set_item(database: Database, number: int, item: Item) -> None:
    """Give an entry of the outbox its content."""
    text = msgspec.json.encode(item).decode()
    database.execute(
        "UPDATE outbox SET state = 'ready', bytes = ?, item = ? WHERE id = ?",
        [len(text), text, number],
    )


def _key(item: Item) -> tuple[str, str, int]:
    if isinstance(item, Tally):
        return "tally", item.width, item.start
    return ("session" if isinstance(item, SessionEnd) else "erase"), "", 0
