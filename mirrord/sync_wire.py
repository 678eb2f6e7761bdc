"""What a mirror and the collective say to each other, version 1 (docs/sync-protocol.md).

Only aggregates travel: what the readings of one session within a minute (or, after weeks without
a connection, an hour or a day) add up to, and what a finished session was like. Moods, valence and
arousal are whole numbers of ten-thousandths, times are milliseconds since 1970 (UTC): sums of both
are exact, so that the two ends can be compared number by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.model import MOODS

VERSION: Final = 1
MOST_ITEMS: Final = 500  # in one request
MOST_BYTES: Final = 1024 * 1024  # of one request, unpacked

Width = Literal["minute", "hour", "day"]
WIDTH_MS: Final[Mapping[Width, int]] = {
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
}
_LINE: Final = r"^[^\x00-\x1f\x7f/]+$"
_TOP: Final = 1 << 42  # the year 2109; also far above any count

SessionName = Annotated[str, Meta(min_length=1, max_length=100, pattern=_LINE)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
Sum = Annotated[int, Meta(ge=-(1 << 50), le=1 << 50)]
Moment = Annotated[int, Meta(ge=0, le=_TOP)]
Unit = Annotated[int, Meta(ge=-10_000, le=10_000)]  # ten-thousandths
Extreme = tuple[Unit, Moment]  # a value, and when it was first reached

_MOODS, _WORDS, _MEASURES = len(MOODS), len(WORDS), len(MEASURES)
PerMood = Annotated[tuple[Count, ...], Meta(min_length=_MOODS, max_length=_MOODS)]
PerWord = Annotated[tuple[Count, ...], Meta(min_length=_WORDS, max_length=_WORDS)]
PerMeasure = Annotated[tuple[Sum, ...], Meta(min_length=_MEASURES, max_length=_MEASURES)]
Extremes = Annotated[tuple[Extreme, ...], Meta(min_length=_MEASURES, max_length=_MEASURES)]
FourUnits = Annotated[tuple[Unit, ...], Meta(min_length=_MOODS, max_length=_MOODS)]
FourTimes = Annotated[tuple[Moment, ...], Meta(min_length=_MOODS, max_length=_MOODS)]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One thing to take over; the others do not depend on it."""


class Tally(_Item, frozen=True, tag="tally", kw_only=True):
    """What the readings of a session within one stretch of time add up to.

    The tuples are in the order of `MOODS`, `WORDS` and `MEASURES` (mirrord.analytics.aggregate).
    """

    session: SessionName
    start: Moment  # a whole multiple of the width
    width: Width = "minute"
    readings: Annotated[int, Meta(ge=1, le=10_000_000)]
    answered: Count = 0  # readings with an environment response
    dominant: PerMood
    expressions: PerWord
    sums: PerMeasure
    squares: PerMeasure
    lows: Extremes
    highs: Extremes
    is_historical: bool = False  # it is late: it never changes what is current


class SessionEnd(_Item, frozen=True, tag="session", kw_only=True):
    """A finished session: its ends, and how it went (mirrord.analytics.course)."""

    session: SessionName
    started: Moment
    ended: Moment
    readings: Count
    device_type: Annotated[str, Meta(min_length=1, max_length=50, pattern=_LINE)] = "mirror"
    first: FourUnits = (0,) * _MOODS
    last: FourUnits = (0,) * _MOODS
    mood_ms: FourTimes = (0,) * _MOODS
    # expression before, after (positions in WORDS), how often
    transitions: Annotated[tuple[tuple[Count, Count, Count], ...], Meta(max_length=_WORDS**2)] = ()
    calm: tuple[Moment, Moment] | None = None  # the longest calm stretch


class Erasure(_Item, frozen=True, tag="erase", kw_only=True):
    """Delete for good: a whole session, or the stretches of one or all that begin in a span.

    A session that was erased whole stays erased: what comes of it later is refused.
    """

    session: SessionName | None = None
    since: Moment | None = None
    until: Moment | None = None


Item = Tally | SessionEnd | Erasure


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /emotions/api/sync/, with `Authorization: Mirror <credential>`; may be gzipped.

    The items are taken over in their order, each for itself.
    """

    version: Literal[1] = 1
    sent_at: Moment  # by the mirror's clock
    items: Annotated[list[Item], Meta(min_length=1, max_length=MOST_ITEMS)]


Outcome = Literal["stored", "duplicate", "refused"]
Refusal = Literal["", "invalid", "clock", "erased", "differs", "limit"]


class Result(msgspec.Struct, frozen=True):
    """What became of one item; `retry` tells whether the same item may be taken later."""

    outcome: Outcome
    code: Refusal = ""
    reason: str = ""
    retry: bool = False


class BatchAnswer(msgspec.Struct, frozen=True):
    """One result for each item, in their order: what is stored or a duplicate is there to stay."""

    results: list[Result]
    server_time: Moment
    credential_expires: Moment


class Enrol(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /emotions/api/mirrors/enrol/, by nobody: a mirror asks to belong to somebody."""

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=_LINE)]
    version: Annotated[str, Meta(min_length=1, max_length=40, pattern=_LINE)] = "0"


class Enrolling(msgspec.Struct, frozen=True):
    """The code to confirm in the account, and the secret by which the mirror asks how it went."""

    code: str
    claim: str
    expires_in: int  # seconds
    page: str  # where the code is typed in


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /emotions/api/mirrors/claim/: how did it go?"""

    claim: Annotated[str, Meta(min_length=1, max_length=200)]


class Claimed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer; the last fields once it is "linked", and only until the credential was used."""

    state: Literal["waiting", "linked", "refused", "expired"]
    mirror: str = ""
    credential: str = ""
    expires: Moment = 0
    user: str = ""
    spaces: tuple[str, ...] = ()


class Credential(msgspec.Struct, frozen=True):
    """POST /emotions/api/mirrors/self/rotate/: the old one holds until the new one is used."""

    credential: str
    expires: Moment


class Itself(msgspec.Struct, frozen=True):
    """GET /emotions/api/mirrors/self/: what the collective knows of this mirror."""

    mirror: str
    name: str
    user: str
    spaces: tuple[str, ...]
    expires: Moment
    enrolled: Moment
    last_sync: Moment | None
    tallies: int
    sessions: int


class Erased(msgspec.Struct, frozen=True):
    """POST /emotions/api/mirrors/self/erase/ {"confirm": "erase"}: deleted, and unlinked.

    DELETE /emotions/api/mirrors/self/ unlinks alone and leaves what is stored.
    """

    tallies: int
    sessions: int
