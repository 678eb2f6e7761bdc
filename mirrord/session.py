"""When a session begins and ends. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Session:
    """A stay in front of the mirror."""

    id: str
    started: datetime  # UTC
    started_s: float  # monotonic


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody appeared."""

    session: Session


@dataclass(frozen=True, slots=True)
class Ended:
    """They have been gone for long enough; `at` is when they were last seen (UTC)."""

    session: Session
    at: datetime


class SessionKeeper:
    """Opens a session when somebody appears, ends it after `end_s` without anybody.

    Durations come from the monotonic clock alone, so a wall clock that jumps moves no border.
    """

    def __init__(self, end_s: float) -> None:
        self._end_s = end_s
        self._seen_s = 0.0
        self.current: Session | None = None

    @property
    def seconds(self) -> float:
        """How long the current session has lasted, up to when somebody was last seen."""
        return 0.0 if self.current is None else self._seen_s - self.current.started_s

    def change(self, end_s: float) -> None:
        """Go on with another pause before a session ends."""
        self._end_s = end_s

    def update(self, present: bool, now_s: float, now: datetime) -> Began | Ended | None:
        """Take in whether somebody is there, and say what that changed."""
        if present:
            self._seen_s = max(self._seen_s, now_s)
            if self.current is None:
                self._seen_s = now_s
                self.current = Session(str(uuid4()), now, now_s)
                return Began(self.current)
        elif self.current is not None and now_s - self._seen_s >= self._end_s:
            return self.end(now_s, now)
        return None

    def end(self, now_s: float, now: datetime) -> Ended | None:
        """End the current session, if there is one, at the time somebody was last seen."""
        session, self.current = self.current, None
        if session is None:
            return None
        at = now - timedelta(seconds=max(0.0, now_s - self._seen_s))
        return Ended(session, max(at, session.started))
