"""The one-time code: whoever can read it has the mirror's console, and so is its owner."""

from __future__ import annotations

import hmac
import time
from typing import Final

from sqlite_utils import Database

from mirrord.accounts.opening import writing
from mirrord.accounts.records import Unacceptable
from mirrord.credentials import secrets

VALID_S: Final = 3600.0
MOST_WRONG: Final = 10  # of 2**39 codes
_NEXT: Final = "run `mirrord code` for a new one, or start the mirror again"


def since_boot() -> float:
    """Return seconds since the machine was started, the same in every process.

    The clock of a Pi may jump by months shortly after its start; this one does not.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def make_code(database: Database, now: float) -> str:
    """Make a code that takes the place of any earlier one."""
    code = secrets.new_code()
    values = [secrets.digest(secrets.plain_code(code)), now + VALID_S]
    with writing(database):
        database.execute(
            "REPLACE INTO code (one, digest, expires, wrong) VALUES (1, ?, ?, 0)", values
        )
    return code


def drop_code(database: Database) -> None:
    """Make every code void."""
    with writing(database):
        database.execute("DELETE FROM code")


def try_code(database: Database, typed: str, now: float) -> None:
    """Raise Unacceptable unless it is the code; a wrong one counts."""
    wrong: Unacceptable | None = None
    with writing(database):
        wrong = _judged(database, typed, now)
        if wrong is not None:
            database.execute("UPDATE code SET wrong = wrong + 1")
    if wrong is not None:
        raise wrong


def use_code(database: Database, typed: str, now: float) -> None:
    """Use the code up, within the caller's transaction. Raises Unacceptable as `try_code`."""
    wrong = _judged(database, typed, now)
    if wrong is not None:
        raise wrong
    database.execute("DELETE FROM code")


def _judged(database: Database, typed: str, now: float) -> Unacceptable | None:
    row = database.execute("SELECT digest, expires, wrong FROM code").fetchone()
    if row is None:
        return Unacceptable("code", f"there is none to compare with; {_NEXT}")
    digest, expires, wrong = row
    if not now < expires <= now + VALID_S:  # the second: of before the machine's last start
        return Unacceptable("code", f"has expired; {_NEXT}")
    if wrong >= MOST_WRONG:
        return Unacceptable("code", f"was given wrongly {MOST_WRONG} times; {_NEXT}")
    if not hmac.compare_digest(secrets.digest(secrets.plain_code(typed)), digest):
        return Unacceptable("code", "is not the one that the mirror's console shows")
    return None
