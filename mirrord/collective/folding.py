"""A reading, or a mirror's aggregates, into all that is kept of them, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.caller import NotAllowed
from mirrord.collective.schema import (
    HIGHS,
    LOWS,
    SUMS,
    TALLY,
    WORLD,
    accounts,
    contributions,
    counters,
    hours,
    mirror_spaces,
    quarters,
    sessions,
    spaces,
    tallies,
)
from mirrord.collective.tally import HOUR_MS, QUARTER_MS, Row, added, bucket_row
from mirrord.collective.upsert import add_up

Space = tuple[int, int]
"""The number of a space, and how many seconds its windows last."""
GRACE_MS: Final = 60_000  # so long a window that is over waits for what is still to come
WIDTHS: Final = {"minute": 0, "hour": 1, "day": 2}


async def fold(
    to: AsyncConnection,
    account: int,
    found: Sequence[tuple[int, int, int, Row]],
    also: Mapping[str, Any] | None = None,
    **counted: int,
) -> None:
    """Add aggregates, each with its session, width and start, to an account's tallies and rollups.

    No two have the same session, width and start; `also` is set in the sessions' rows, `counted`
    added to what is counted of the account.
    """
    where = [{"account": account, "session": s, "width": w, "start": at} for s, w, at, _ in found]
    rows = [row for *_, row in found]
    await add_up(to, tallies, [{**key, **row} for key, row in zip(where, rows, strict=True)])
    await fold_rollups(to, account, [(at, row) for _, _, at, row in found])
    by_session: dict[int, list[Row]] = {}
    for session, _, _, row in found:
        by_session.setdefault(session, []).append(row)
    for session, many in sorted(by_session.items()):
        await _fold_session(to, account, session, added(many), also or {})
    total, answered = (sum(row[name] for row in rows) for name in ("total", "answered"))
    await count(to, account, total=total, answered=answered, **counted)


async def hold(to: AsyncConnection, account: int, *, alone: bool = False) -> None:
    """Keep an account from being erased while something of it is written. Raises NotAllowed.

    `alone`: others that hold it wait, too.
    """
    if await to.scalar(_HOLD_ALONE if alone else _HOLD, {"of_account": account}) is None:
        raise NotAllowed("There is no such account any more.", known=False)


async def fold_rollups(
    to: AsyncConnection, account: int, found: Sequence[tuple[int, Mapping[str, Any]]]
) -> None:
    """Add aggregates, each with its start, to the rollups by time."""
    for table, width in ((quarters, QUARTER_MS), (hours, HOUR_MS)):
        by_start: dict[int, list[Mapping[str, Any]]] = {}
        for at, row in found:
            by_start.setdefault(at // width * width, []).append(row)
        merged = ((start, bucket_row(added(many))) for start, many in by_start.items())
        await add_up(to, table, [{"account": account, "start": at, **row} for at, row in merged])


async def count(to: AsyncConnection, account: int, **by: int) -> None:
    """Add to what is counted of an account: readings, sessions, total, answered.

    `readings` are those given one by one, `total` all, `answered` those with a response.
    """
    rows = [{"account": account, "name": name, "value": value} for name, value in by.items()]
    await add_up(to, counters, rows)


async def contribute(
    to: AsyncConnection,
    account: int,
    into: Sequence[Space],
    found: Sequence[tuple[int, Row]],
    now: int,
) -> None:
    """Add aggregates, each with its time, to the windows of spaces that are open `now`."""
    rows: dict[tuple[int, int], Row] = {}
    for at, row in found:
        for space, window_s in into:
            width = window_s * 1000
            start = at // width * width
            if start + width + GRACE_MS <= now:
                continue
            new = {"readings": row["total"], **{name: row[name] for name in SUMS}}
            old = rows.setdefault((space, start), dict.fromkeys(new, 0))
            rows[space, start] = {name: old[name] + new[name] for name in new}
    await add_up(
        to,
        contributions,
        [
            {"space": space, "start": start, "account": account, **row}
            for (space, start), row in rows.items()
        ],
    )


async def withdraw(to: AsyncConnection, account: int, out_of: Sequence[Space]) -> None:
    """Take what an account has contributed to windows that are not published out of them."""
    numbers = [space for space, _ in out_of]
    which = (contributions.c.space.in_(numbers)) & (contributions.c.account == account)
    await to.execute(delete(contributions).where(which))


async def spaces_of(
    to: AsyncConnection, account: int, mirror: int | None, in_world: bool
) -> list[Space]:
    """Return the spaces that somebody's readings, or those of one mirror, count in."""
    mine = {"of_account": account, "world": WORLD if in_world else -1, "of_mirror": mirror}
    query = _OF_PROGRAM if mirror is None else _OF_MIRROR
    return [(int(space), int(width)) for space, width in await to.execute(query, mine)]


async def _fold_session(
    to: AsyncConnection, account: int, session: int, row: Row, also: Mapping[str, Any]
) -> None:
    """Add to a session's totals; its extremes are none before its first reading."""
    mine = {"of_account": account, "of_session": session}
    extremes = (await to.execute(_EXTREMES, mine)).first()
    values: Row = {f"new_{name}": row[name] for name in _ADDED}
    for place, name in enumerate(_BEST):
        old = extremes[place] if extremes else None
        best = min if name in LOWS else max
        values[f"new_{name}"] = row[name] if old is None else best(old, row[name])
    values |= {f"new_{name}": value for name, value in also.items()}
    await to.execute(_session_update(tuple(also)), {**mine, **values})


_OF_PROGRAM: Final = select(spaces.c.space, spaces.c.window_s).where(
    spaces.c.active, spaces.c.space == bindparam("world")
)
_OF_MIRROR: Final = select(spaces.c.space, spaces.c.window_s).where(
    spaces.c.active,
    (spaces.c.space == bindparam("world"))
    | spaces.c.space.in_(
        select(mirror_spaces.c.space).where(
            mirror_spaces.c.account == bindparam("of_account"),
            mirror_spaces.c.mirror == bindparam("of_mirror"),
        )
    ),
)
_BEST: Final = (*LOWS, *HIGHS)
_ADDED: Final = tuple(name for name in TALLY if name not in _BEST)
_ACTIVE: Final = select(accounts.c.account).where(
    accounts.c.account == bindparam("of_account"), accounts.c.active
)
_HOLD: Final = _ACTIVE.with_for_update(read=True)
_HOLD_ALONE: Final = _ACTIVE.with_for_update()
_MINE: Final = (sessions.c.account == bindparam("of_account")) & (
    sessions.c.session == bindparam("of_session")
)
_EXTREMES: Final = select(*(sessions.c[name] for name in _BEST)).where(_MINE).with_for_update()


@cache
def _session_update(also: tuple[str, ...]) -> Any:
    """Return the statement; making it takes longer than running it."""
    added = {name: sessions.c[name] + bindparam(f"new_{name}") for name in _ADDED}
    given: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*_BEST, *also)}
    return update(sessions).where(_MINE).values(**added, **given)
