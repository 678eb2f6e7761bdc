"""The tables. The first column of every key says to whom a row belongs.

So the same tables can be spread over machines (Citus) or partitions by that column, and every
question names it. Times are milliseconds since 1970 (UTC); moods, valence and arousal whole numbers
of ten-thousandths, so that sums are exact. An extreme and its time share one integer,
value * MOMENT + time (the time of a high counted downwards), so that the least or the greatest of
many brings along the earliest time at which it was reached.

A change of the tables is a migration under `migrations/versions`; one that was released is never
edited.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.model import MOODS

MOMENT: Final = 1 << 42
NO_MIRROR: Final = 0  # the column `mirror` of what a program gave by hand
WORLD: Final = 1  # the space that everybody who contributes is in

metadata = MetaData()

DOMINANT: Final = tuple(f"dominant_{mood}" for mood in MOODS)
SAW: Final = tuple(f"saw_{word}" for word in WORDS)
SUMS: Final = tuple(f"{name}_sum" for name in MEASURES)
SQUARES: Final = tuple(f"{name}_squares" for name in MEASURES)
LOWS: Final = tuple(f"{name}_low" for name in MEASURES)
HIGHS: Final = tuple(f"{name}_high" for name in MEASURES)
BUCKET: Final = ("total", *DOMINANT, *SAW, *SUMS)
TALLY: Final = (*BUCKET, "answered", *SQUARES, *LOWS, *HIGHS)
LED: Final = tuple(f"led_{mood}" for mood in MOODS)
PEAKS: Final = tuple(f"{mood}_high" for mood in MOODS)


def _numbers(*names: str, default: int | None = None) -> list[Column[int]]:
    filled = None if default is None else text(str(default))
    return [Column(name, BigInteger, nullable=False, server_default=filled) for name in names]


def _key(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, primary_key=True, autoincrement=False) for name in names]


accounts = Table(
    "accounts",
    metadata,
    *_key("account"),
    Column("username", String(60), nullable=False),
    Column("folded", String(200), nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("first_name", String(60), nullable=False),
    Column("last_name", String(60), nullable=False),
    Column("password", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("contributes", Boolean, nullable=False),  # what it sends counts in the world's figures
    *_numbers("joined"),
)

keys = Table(  # sessions of browsers, logins of programs, tokens
    "keys",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("id", String(16), nullable=False, unique=True),
    *_numbers("account"),
    Column("kind", String(8), nullable=False),
    Column("name", String(60), nullable=False),
    Column("scopes", String(40), nullable=False),
    *_numbers("created", "seen", "expires"),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Index("keys_of_account", "account", "kind"),
)

mirrors = Table(
    "mirrors",
    metadata,
    *_key("account", "mirror"),
    Column("name", String(60), nullable=False),
    Column("version", String(40), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("next_digest", LargeBinary(32)),  # takes the place of the other when it is used
    *_numbers("expires", "enrolled"),
    Column("next_expires", BigInteger),
    Column("last_sync", BigInteger),
    Column("active", Boolean, nullable=False),
)

enrolments = Table(  # mirrors that wait for somebody to confirm their code
    "enrolments",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),  # of the claim
    Column("code", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(60), nullable=False),
    Column("version", String(40), nullable=False),
    Column("state", String(8), nullable=False),  # waiting, linked, refused
    Column("account", BigInteger),
    Column("mirror", BigInteger),
    *_numbers("expires"),
    Index("enrolments_by_end", "expires"),
)

sessions = Table(
    "sessions",
    metadata,
    *_key("account", "session"),
    Column("session_id", String(100), nullable=False),
    *_numbers("mirror", "started", "last_activity"),
    Column("is_active", Boolean, nullable=False),
    Column("ended", Boolean, nullable=False),  # by a mirror's word: nothing more is to come
    Column("device_type", String(50), nullable=False),
    Column("browser", String(50)),
    Column("location_country", String(2)),
    Column("rows", Integer, nullable=False, server_default=text("0")),  # readings given one by one
    Column("course", Text),  # JSON: how it went so far (mirrord.collective.courses)
    *_numbers(*(name for name in TALLY if name not in (*LOWS, *HIGHS)), default=0),
    *(Column(name, BigInteger) for name in (*LOWS, *HIGHS)),
    UniqueConstraint("account", "mirror", "session_id", name="session_names"),
    Index("sessions_by_name", "account", "session_id"),
    Index("sessions_by_end", "last_activity"),
    Index(
        "active_sessions",
        "account",
        "session",
        sqlite_where=text("is_active"),
        postgresql_where=text("is_active"),
    ),
)

readings = Table(  # given one by one, by programs; mirrors send aggregates alone
    "readings",
    metadata,
    *_key("account", "number"),
    Column("id", Uuid, nullable=False),
    *_numbers("session", "at"),
    *(Column(name, SmallInteger, nullable=False) for name in MEASURES),
    Column("dominant", SmallInteger, nullable=False),
    Column("response", Text, nullable=False),  # JSON: how a room would answer
    UniqueConstraint("account", "id", name="reading_ids"),
    Index("readings_of_session", "account", "session", "number"),
    Index("readings_by_time", "account", "at"),
)

tallies = Table(  # of one session within a minute; late ones may be an hour or a day wide
    "tallies",
    metadata,
    *_key("account", "session"),
    Column("width", SmallInteger, primary_key=True, autoincrement=False),  # 0 minute, 1 hour, 2 day
    *_key("start"),
    *_numbers(*TALLY),
    Index("tallies_by_time", "account", "start"),
    ForeignKeyConstraint(
        ["account", "session"], ["sessions.account", "sessions.session"], ondelete="CASCADE"
    ),
)

quarters = Table("quarters", metadata, *_key("account", "start"), *_numbers(*BUCKET))
hours = Table("hours", metadata, *_key("account", "start"), *_numbers(*BUCKET))

counters = Table(  # what lists count without a scan
    "counters",
    metadata,
    *_key("account"),
    Column("name", String(20), primary_key=True),
    *_numbers("value"),
)

tombstones = Table(  # sessions that a mirror has erased: what comes of them later is refused
    "tombstones",
    metadata,
    *_key("account", "mirror"),
    Column("session_id", String(100), primary_key=True),
    *_numbers("at"),
)

spaces = Table(
    "spaces",
    metadata,
    *_key("space"),
    Column("name", String(60), nullable=False),
    Column("kind", String(10), nullable=False),  # world, home, gallery, festival
    Column("public", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("least", Integer, nullable=False),  # contributors that a figure needs
    Column("window_s", Integer, nullable=False),
    Column("epsilon", Float, nullable=False),
    *_numbers("created"),
)

members = Table(
    "members",
    metadata,
    *_key("space", "account"),
    Column("role", String(8), nullable=False),  # owner, member, viewer
    *_numbers("joined"),
    Index("spaces_of_account", "account"),
)

invites = Table(
    "invites",
    metadata,
    *_key("space"),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("id", String(16), nullable=False),
    Column("role", String(8), nullable=False),
    *_numbers("created", "expires", "uses"),
    Index("invites_by_digest", "digest", unique=True),
)

mirror_spaces = Table(
    "mirror_spaces",
    metadata,
    *_key("space", "account", "mirror"),
    Index("spaces_of_mirror", "account", "mirror"),
)

contributions = Table(  # of one account to one window of a space; gone once that is published
    "contributions",
    metadata,
    *_key("space", "start", "account"),
    *_numbers("readings", *SUMS),
)

published = Table(  # a window of a space, worked out once and never again
    "published",
    metadata,
    *_key("space", "start"),
    Column("shown", Boolean, nullable=False),  # enough contributors; if not, the rest says nothing
    *(Column(name, Integer) for name in MEASURES),
    Column("contributors", Integer),  # coarse
    Column("readings", BigInteger),  # coarse
    *_numbers("at"),
)

published_hours = Table(  # sums over the shown windows
    "published_hours",
    metadata,
    *_key("space", "start"),
    Column("windows", Integer, nullable=False),
    *_numbers(*SUMS, "contributors", "readings", *LED, *PEAKS),
    *_numbers("contributors_low", "contributors_high"),
)

cohorts = Table(  # whose contributions a figure was made of; gone when it is no longer compared
    "cohorts",
    metadata,
    *_key("space", "start", "account"),
    Index("cohorts_of_account", "account", "start"),
)

audit = Table(
    "audit",
    metadata,
    *_key("number"),
    *_numbers("at"),
    Column("actor", BigInteger),  # an account; none for a command
    Column("actor_name", String(60), nullable=False),
    Column("act", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_by_time", "at"),
)
