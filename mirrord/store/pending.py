"""What waits in memory for the next batch: bounded, the oldest readings give way first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from mirrord.store.entries import Entry, ReadingTaken, SettingSaved

MOST: Final = 10_000  # readings, at about a kilobyte each
_MOST_OTHERS: Final = 1_000


class Pending:
    """A queue of entries. Of each setting it keeps the newest value, and never lets it go."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._others: deque[Entry] = deque(maxlen=_MOST_OTHERS)
        self._entries: deque[Entry] = deque()
        self._settings: dict[str, SettingSaved] = {}
        self.dropped = 0  # readings that gave way

    def __len__(self) -> int:
        return len(self._settings) + len(self._others) + len(self._entries)

    def add(self, entry: Entry) -> None:
        if isinstance(entry, SettingSaved):
            self._settings[entry.key] = entry
            return
        self._entries.append(entry)
        self._bound()

    def take(self) -> Sequence[Entry]:
        """Return everything, in order of arrival but for settings, and forget it."""
        batch = (*self._settings.values(), *self._others, *self._entries)
        self._settings.clear()
        self._others.clear()
        self._entries.clear()
        return batch

    def put_back(self, batch: Sequence[Entry]) -> None:
        """Take back what could not be written, in front of what has come since."""
        newer = self.take()
        for entry in (*batch, *newer):
            self.add(entry)

    def _bound(self) -> None:
        while len(self._entries) > self._most:
            oldest = self._entries.popleft()
            if isinstance(oldest, ReadingTaken):
                self.dropped += 1
            else:  # where a session begins and ends outlasts its readings
                self._others.append(oldest)
