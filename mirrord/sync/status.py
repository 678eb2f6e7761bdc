"""How the sync stands, for the page and the command line."""

from __future__ import annotations

from typing import Literal

import msgspec

from mirrord.sync.link import Link

Problem = Literal["", "unreachable", "refused", "credential", "clock", "settings", "store"]


class SyncStatus(msgspec.Struct, frozen=True):
    """How it stands: `said` is one sentence about `problem`; `note` about what ended last."""

    state: Literal["off", "asking", "linked", "leaving", "erasing"] = "off"
    problem: Problem = ""
    said: str = ""
    again_at: float = 0.0  # seconds since 1970; 0 if nothing is to be tried again
    sent_ms: int = 0  # when the collective took something last, since the start
    note: str = ""

    def well(self, link: Link | None) -> SyncStatus:
        """Return it without a problem."""
        state = link.state if link else "off"
        return msgspec.structs.replace(self, state=state, problem="", said="", again_at=0.0)

    def failed(self, link: Link | None, problem: Problem, said: str, again: float) -> SyncStatus:
        """Return it with a problem."""
        state = link.state if link else "off"
        return msgspec.structs.replace(
            self, state=state, problem=problem, said=said, again_at=again
        )

    def sent_at(self, ms: int) -> SyncStatus:
        """Return it after the collective took something."""
        return msgspec.structs.replace(self, sent_ms=ms)

    def told(self, note: str) -> SyncStatus:
        """Return it with what is to be told about what has ended."""
        return msgspec.structs.replace(self, note=note)
