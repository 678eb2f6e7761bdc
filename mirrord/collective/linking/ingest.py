"""Takes over what a mirror sends: each item once, however often it comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.caller import NotAllowed
from mirrord.collective.caller import Mirror
from mirrord.collective.courses import of_session
from mirrord.collective.folding import WIDTHS, Space, contribute, fold, spaces_of, withdraw
from mirrord.collective.linking.erasing import erase
from mirrord.collective.linking.judging import judged
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.naming import open_session
from mirrord.collective.schema import TALLY, mirrors, sessions, tallies, tombstones
from mirrord.collective.tally import Row, tally_of_item
from mirrord.sync_wire import WIDTH_MS, Erasure, Item, Result, SessionEnd, Tally

STORED: Final = Result("stored")
DUPLICATE: Final = Result("duplicate")
_DIFFERS: Final = Result("refused", "differs", "something else is stored for this stretch already")
_ERASED: Final = Result("refused", "erased", "the session was erased")
_Key = tuple[int, int, int]  # session, width, start


async def take_over(to: AsyncConnection, who: Mirror, items: Sequence[Any]) -> list[Result]:
    """Return what became of each item, within one transaction."""
    await _lock(to, who)
    judgements = [judged(item, now_ms()) for item in items]
    results: dict[int, Result] = {
        place: one for place, one in enumerate(judgements) if isinstance(one, Result)
    }
    good = [(place, one) for place, one in enumerate(judgements) if not isinstance(one, Result)]
    into = await spaces_of(to, who.account, who.mirror, who.contributes)
    for kind, run in groupby(good, key=lambda one: type(one[1])):
        results.update(await _KINDS[kind](_Batch(to, who, into), list(run)))
    return [results[place] for place in range(len(items))]


class _Batch(msgspec.Struct):
    """What the steps of one request share."""

    to: AsyncConnection
    who: Mirror
    into: list[Space]


Run = list[tuple[int, Any]]  # items with their places in the request


async def _lock(to: AsyncConnection, who: Mirror) -> None:
    """One request of a mirror at a time; a second one waits here."""
    which = (mirrors.c.account == who.account) & (mirrors.c.mirror == who.mirror)
    which = which & mirrors.c.active
    done = await to.execute(update(mirrors).where(which).values(last_sync=now_ms()))
    if not done.rowcount:  # it was deleted, or unlinked, since it was let in
        raise NotAllowed("This mirror is not linked any more.", known=False)


async def _tallies(batch: _Batch, run: Run) -> dict[int, Result]:
    to, who = batch.to, batch.who
    erased = await _erased(to, who, {item.session for _, item in run})
    numbers = await _numbers(to, who, [item for _, item in run if item.session not in erased])
    keys = {place: _key(numbers, item) for place, item in run if item.session in numbers}
    there = await _there(to, who.account, set(keys.values()))
    results: dict[int, Result] = {}
    fresh: dict[_Key, tuple[Tally, Row]] = {}
    for place, item in run:
        if place not in keys:
            results[place] = _ERASED
            continue
        row, key = tally_of_item(item), keys[place]
        if key not in there:
            there[key] = row
            fresh[key] = (item, row)
            results[place] = STORED
        else:
            results[place] = DUPLICATE if there[key] == row else _DIFFERS
    await _store(batch, fresh)
    return results


async def _store(batch: _Batch, fresh: dict[_Key, tuple[Tally, Row]]) -> None:
    if not fresh:
        return
    to, account = batch.to, batch.who.account
    await fold(to, account, [(*key, row) for key, (_, row) in fresh.items()])
    await _note_activity(to, account, fresh)
    late = now_ms()
    current = [
        (item.start, row)
        for item, row in fresh.values()
        if item.width == "minute" and not item.is_historical
    ]
    await contribute(to, account, batch.into, current, late)


def _key(numbers: dict[str, int], item: Tally) -> _Key:
    return numbers[item.session], WIDTHS[item.width], item.start


async def _erased(to: AsyncConnection, who: Mirror, names: Iterable[str]) -> set[str]:
    query = select(tombstones.c.session_id).where(
        tombstones.c.account == who.account,
        tombstones.c.mirror == who.mirror,
        tombstones.c.session_id.in_(sorted(names)),
    )
    return set((await to.execute(query)).scalars())


async def _numbers(to: AsyncConnection, who: Mirror, items: Sequence[Tally]) -> dict[str, int]:
    """Return the numbers of the sessions, beginning those that are new."""
    first: dict[str, int] = {}
    for item in items:
        first[item.session] = min(first.get(item.session, item.start), item.start)
    query = select(sessions.c.session_id, sessions.c.session).where(
        sessions.c.account == who.account,
        sessions.c.mirror == who.mirror,
        sessions.c.session_id.in_(sorted(first)),
    )
    found = {name: int(number) for name, number in await to.execute(query)}
    for name in sorted(first.keys() - found.keys()):
        found[name], _ = await open_session(to, who.account, name, first[name], who.mirror)
    return found


async def _there(to: AsyncConnection, account: int, keys: set[_Key]) -> dict[_Key, Row]:
    """Return what is stored for these stretches."""
    place = tuple_(tallies.c.session, tallies.c.width, tallies.c.start)
    columns = [tallies.c[name] for name in ("session", "width", "start", *TALLY)]
    found: dict[_Key, Row] = {}
    wanted = sorted(keys)
    for at in range(0, len(wanted), 200):
        query = select(*columns).where(tallies.c.account == account)
        for row in (await to.execute(query.where(place.in_(wanted[at : at + 200])))).mappings():
            values = {name: int(row[name]) for name in TALLY}
            found[row["session"], row["width"], row["start"]] = values
    return found


async def _note_activity(
    to: AsyncConnection, account: int, fresh: dict[_Key, tuple[Tally, Row]]
) -> None:
    """A session that has not ended lasts as long as its tallies do."""
    ends: dict[int, tuple[int, int]] = {}
    for (session, _, _), (item, _) in fresh.items():
        first, last = ends.get(session, (item.start, 0))
        ends[session] = min(first, item.start), max(last, item.start + WIDTH_MS[item.width])
    for session, (first, last) in sorted(ends.items()):
        mine = (sessions.c.account == account) & (sessions.c.session == session)
        mine = mine & sessions.c.ended.is_(False)
        begins = mine & (sessions.c.started > first)
        await to.execute(update(sessions).where(begins).values(started=first))
        lasts = mine & (sessions.c.last_activity < last)
        await to.execute(update(sessions).where(lasts).values(last_activity=last))


async def _sessions(batch: _Batch, run: Run) -> dict[int, Result]:
    erased = await _erased(batch.to, batch.who, {item.session for _, item in run})
    return {
        place: _ERASED if item.session in erased else await _session(batch, item)
        for place, item in run
    }


async def _session(batch: _Batch, item: SessionEnd) -> Result:
    to, who = batch.to, batch.who
    number, _ = await open_session(to, who.account, item.session, item.started, who.mirror)
    values = {
        "started": item.started,
        "last_activity": max(item.started, item.ended),
        "is_active": False,
        "ended": True,
        "device_type": item.device_type,
        "course": of_session(item) if item.readings else None,
    }
    which = (sessions.c.account == who.account) & (sessions.c.session == number)
    columns = [sessions.c[name] for name in values]
    old = (await to.execute(select(*columns).where(which))).mappings().one()
    if dict(old) == values:
        return DUPLICATE
    await to.execute(update(sessions).where(which).values(**values))
    return STORED


async def _erasures(batch: _Batch, run: Run) -> dict[int, Result]:
    results = {}
    for place, item in run:
        gone = await erase(batch.to, batch.who, item)
        results[place] = STORED if gone else DUPLICATE
    if STORED in results.values():
        await withdraw(batch.to, batch.who.account, batch.into)
    return results


_KINDS: Final[dict[type[Item], Any]] = {
    Tally: _tallies,
    SessionEnd: _sessions,
    Erasure: _erasures,
}
