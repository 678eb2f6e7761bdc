"""A moment as a person writes it: a date, a date and time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from mirrord.errors import ConfigError

_AGO: Final = re.compile(r"([0-9]{1,9})\s*([mhdw])")
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_EXPECTED: Final = "2026-03-01, 2026-03-01T18:30, or how long ago: 90m, 24h, 7d, 2w"


def parse_moment(text: str, now: datetime, where: str, zone: tzinfo | None = None) -> datetime:
    """Return the moment (UTC) that `text` names; one without a zone is in `zone`, or local.

    Raises ConfigError naming `where` it was written.
    """
    try:
        ago = _AGO.fullmatch(text.strip())
        if ago:
            return now - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"{where}: {text[:40]!r} is no time; write {_EXPECTED}") from None
