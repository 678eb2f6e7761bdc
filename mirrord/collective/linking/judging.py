"""Judges what a mirror sends before anything is stored: its form, its sums, its time."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mirrord.collective.tally import flaw
from mirrord.runtime.settings import explain
from mirrord.sync_wire import WIDTH_MS, Erasure, Item, Result, SessionEnd, Tally

AHEAD_MS: Final = 600_000  # a clock may be so far ahead
_BEGINNING: Final = 1_577_836_800_000  # 2020: before, no mirror was
_KINDS: Final[dict[str, type[msgspec.Struct]]] = {
    "tally": Tally,
    "session": SessionEnd,
    "erase": Erasure,
}


def judged(item: Any, now: int) -> Item | Result:
    """Return an item as what it is, or why it is refused."""
    kind = item.get("kind") if isinstance(item, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        return invalid(f"kind: expected one of {', '.join(_KINDS)}")
    wanted = _KINDS[kind]
    try:
        found: Any = msgspec.convert(item, wanted)
    except msgspec.ValidationError as error:
        return invalid(explain(str(error), item, wanted, thing="field")[1])
    return _problem(found, now) or found


def invalid(reason: str) -> Result:
    """Return the refusal of what will never be taken."""
    return Result("refused", "invalid", reason[:300])


def _problem(item: Item, now: int) -> Result | None:
    if isinstance(item, Tally):
        return _problem_of_tally(item, now)
    if isinstance(item, SessionEnd):
        if item.ended < item.started:
            return invalid("ended: is before started")
        return _of_no_time(item.started, item.ended, now)
    return None


def _problem_of_tally(item: Tally, now: int) -> Result | None:
    width = WIDTH_MS[item.width]
    if item.start % width:
        return invalid(f"start: is no whole multiple of a {item.width}")
    if said := flaw(item):
        return invalid(said)
    moments = [at for _, at in (*item.lows, *item.highs)]
    if not all(item.start <= at < item.start + width for at in moments):
        return invalid("lows, highs: lie outside the stretch")
    return _of_no_time(item.start, item.start, now)


def _of_no_time(first: int, last: int, now: int) -> Result | None:
    if first < _BEGINNING:
        return Result("refused", "clock", "it is of before 2020: is the clock set?", retry=False)
    if last > now + AHEAD_MS:
        ahead = (last - now) // 1000
        return Result("refused", "clock", f"it lies {ahead} s in the future", retry=True)
    return None
