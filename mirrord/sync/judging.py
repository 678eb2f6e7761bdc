"""What an answer means for each item that was sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from mirrord.store.outbox import Fate, Taken
from mirrord.sync.client import Heard
from mirrord.sync_wire import BatchAnswer, Erasure, Result

Verdict = BatchAnswer | Literal["split", "credential", "again"]
# The request as a whole was understood, and is at fault: one of its items is.
_AT_FAULT: Final = frozenset({400, 413, 422})
_REASONS: Final = {
    "invalid": "The collective cannot read it.",
    "clock": "Its time is too far from the collective's.",
    "differs": "The collective has something else for the same time.",
    "limit": "The account has no more room.",
}


def verdict(heard: Heard, count: int) -> Verdict:
    """Return what to do about a batch of `count` items; the answer to each, if it was taken."""
    answer = heard.as_(BatchAnswer) if heard.worked else None
    if answer is not None and len(answer.results) == count:
        return answer
    if heard.status in _AT_FAULT:
        return "split"
    return "credential" if heard.status in (401, 403) else "again"


def fates(
    taken: Sequence[Taken], answer: BatchAnswer, *, may_begin_anew: bool
) -> list[tuple[int, Fate, str]]:
    """Return what becomes of each item."""
    return [
        (one.number, *_fate(one, result, may_begin_anew))
        for one, result in zip(taken, answer.results, strict=True)
    ]


def _fate(one: Taken, result: Result, may_begin_anew: bool) -> tuple[Fate, str]:
    if result.outcome != "refused":
        return "stored", ""
    if result.code == "erased":  # a person deleted it, here or there: it stays so
        return "stored", ""
    if result.code == "differs" and may_begin_anew and not isinstance(one.item, Erasure):
        return "again", ""
    reason = (result.reason or _REASONS.get(result.code, "The collective refused it."))[:300]
    return ("later" if result.retry else "aside"), reason
