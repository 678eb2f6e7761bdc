"""How it stands with newer versions, for every viewer."""

from __future__ import annotations

from typing import Literal

import msgspec

import mirrord
from mirrord.updates.ways import Way


class Standing(msgspec.Struct, frozen=True):
    """`latest` is the newest version that is known of: what runs, if there is no newer one.

    `said` is one sentence about what hinders asking, or empty; it is no trouble of the mirror's.
    """

    state: Literal["off", "unknown", "current", "newer"] = "off"
    installed: str = mirrord.__version__
    latest: str = ""
    date: str = ""  # of the newer version
    notes: str = ""
    ways: tuple[Way, ...] = ()
    place: str = ""  # who is asked
    asked_at: float = 0.0  # of the last answer, seconds since 1970; 0 if there was none
    said: str = ""
    again_at: float = 0.0

    def failed(self, said: str, again_at: float) -> Standing:
        """Return it with what hindered: what was known before is still known."""
        return msgspec.structs.replace(self, said=said, again_at=again_at)
