"""One value of a device that the mirror moves, confirms, and gives back. Pure."""

from __future__ import annotations

import logging
import math
from collections.abc import MutableMapping
from typing import Any

import msgspec

log = logging.getLogger(__name__)

TRIES = 2
SAME = 0.05  # closer than any device counts


class Record(msgspec.Struct):
    """What outlives a crash.

    found: the value before the mirror touched it. ours: what the device may report without a
    person's doing. held: a person has set it since, so it is left alone.
    """

    found: float
    ours: list[float]
    held: bool = False


class Steering:
    """Decides what to send for one value, from what is wished and what the device reports.

    The device's word counts, the latest most. A report of something that nobody here has asked
    for is a person's hand (or the device's own programme): the value is then left alone until
    `release`, and stays as that person wanted it. Times are monotonic seconds.
    """

    def __init__(
        self,
        memory: MutableMapping[str, Any],
        key: str,
        *,
        settle_s: float,
        echoes: bool = False,
        pause_s: float = 0.0,
    ) -> None:
        self._memory, self._key = memory, key
        self._settle_s, self._echoes, self._pause_s = settle_s, echoes, pause_s
        self._record = _load(memory.get(key))
        self._asked = self._record.ours[-1] if self._record else None
        self._before: float | None = None  # the report when we asked last
        self._sent_at = -math.inf
        self._tries = 0
        self._step = 0.5
        self._returning = False
        self._confirmed = False
        self.reported: float | None = None

    @property
    def held(self) -> bool:
        return self._record is not None and self._record.held

    @property
    def touched(self) -> bool:
        """Whether there is something to give back."""
        return self._record is not None and not self._record.held

    @property
    def restored(self) -> bool:
        """Whether nothing is left to do on the way out."""
        record = self._record
        if record is None or record.held:
            return True
        back = self._asked is not None and _same(self._asked, record.found)
        return back and self._confirmed

    def confirmed(self, now: float) -> bool | None:
        """Return whether the device took the last command; None while that is open."""
        if not self.touched:
            return None
        if self._confirmed:
            return True
        return False if self._tries >= TRIES and not self._settling(now) else None

    def hear(self, value: float, now: float) -> None:
        """Take in what the device reports."""
        self.reported = value
        record = self._record
        if record is None or record.held or self._asked is None:
            return
        if _same(value, self._asked):
            self._accept(value)
        elif self._confirmed and not self._unsure(now):
            self._by_hand(value)
        elif self._confirmed and self._before is not None and _same(value, self._before):
            self._confirmed = False  # what it said before was an echo
        elif any(_same(value, one) for one in record.ours):
            pass  # not there yet
        elif self._corrects(value, now):
            self._accept(value)
        else:
            self._by_hand(value)

    def ask(self, target: float, step: float, now: float) -> float | None:
        """Return what to send so that the device goes to `target`, or None."""
        if self.reported is None or self.held:
            return None
        self._step, self._returning = step, False
        if self._record is None or self._asked is None:
            if not self._differs(target):
                return None
            self._keep(Record(self.reported, [self.reported]))
            self._asked = self.reported
            self._confirmed = True
        if not _same(self._asked, target):
            arrived = self._confirmed and not self._differs(target)
            if arrived or now < self._sent_at + self._pause_s:
                return None
            self._tries = 0
        return self._send(target, now)

    def release(self, now: float) -> float | None:
        """Return what to send so that the device is as it was found, or None."""
        record = self._record
        if record is None or self.reported is None:
            return None
        if record.held or self._as_found(record, now):
            self._forget()
            return None
        if not self._returning:
            self._returning, self._tries = True, 0
        return self._send(record.found, now)

    def take_back(self) -> None:
        """Steer again what a person has set; that is how it is found from now on."""
        if self.held:
            self._forget()

    def retry(self) -> None:
        """The device is back: a command that it did not take may be sent again."""
        if not self._confirmed:
            self._tries, self._sent_at = 0, -math.inf

    def _send(self, value: float, now: float) -> float | None:
        record = self._record
        again = self._asked is not None and _same(self._asked, value)
        done = again and (self._confirmed or self._settling(now))
        if record is None or done or self._tries >= TRIES:
            return None
        ours = [one for one in record.ours if not _same(one, value)][-4:]
        self._keep(Record(record.found, [*ours, value]))
        self._asked, self._before, self._sent_at = value, self.reported, now
        self._confirmed = False
        self._tries += 1
        return value

    def _accept(self, value: float) -> None:
        if self._record is None:
            return
        self._confirmed = True
        if self._returning and not self._echoes:
            self._forget()
            return
        others = [one for one in self._record.ours if not _same(one, value)]
        self._keep(Record(self._record.found, [*others, value] if self._echoes else [value]))

    def _by_hand(self, value: float) -> None:
        record = self._record
        if record is None or self._asked is None:
            return
        if _same(self._asked, record.found):  # nothing of ours is there any more
            self._forget()
            return
        log.info("%s was set to %g by hand: left alone until nobody is there", self._key, value)
        self._keep(Record(record.found, record.ours, held=True))

    def _as_found(self, record: Record, now: float) -> bool:
        """Whether what was found is there again, and nothing else is still on its way."""
        asked_back = self._asked is not None and _same(self._asked, record.found)
        there = self.reported is not None and _same(self.reported, record.found)
        if self._settling(now):
            return asked_back and self._confirmed and not self._echoes
        return asked_back and (there or self._confirmed)

    def _unsure(self, now: float) -> bool:
        """Whether what the device has said may still have been an echo."""
        return self._echoes and self._settling(now)

    def _corrects(self, value: float, now: float) -> bool:
        """Whether the device rounds our value, or stops at a limit of its own on the way."""
        if self._asked is None or self._before is None or not self._settling(now):
            return False
        low, high = sorted((self._before, self._asked))
        return abs(value - self._asked) <= self._step + SAME or low < value < high

    def _differs(self, target: float) -> bool:
        return self.reported is not None and abs(target - self.reported) >= self._step - SAME

    def _settling(self, now: float) -> bool:
        return now < self._sent_at + self._settle_s

    def _keep(self, record: Record) -> None:
        self._record = record
        self._memory[self._key] = msgspec.to_builtins(record)

    def _forget(self) -> None:
        self._record = self._asked = self._before = None
        self._tries, self._returning, self._confirmed = 0, False, False
        self._memory.pop(self._key, None)


def _same(one: float, other: float) -> bool:
    return abs(one - other) < SAME


def _load(value: Any) -> Record | None:
    """Return a record from memory, or None where there is none or it is damaged."""
    try:
        record = msgspec.convert(value, Record)
    except msgspec.ValidationError:
        return None
    sound = record.ours and all(math.isfinite(one) for one in (record.found, *record.ours))
    return record if sound else None
