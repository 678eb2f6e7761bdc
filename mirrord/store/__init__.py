"""What the mirror remembers, in one SQLite file (docs/storage.md)."""

from mirrord.analytics.aggregate import Aggregate, Spread
from mirrord.store.records import (
    CameraRecord,
    ReadingRecord,
    ResponseRecord,
    SessionRecord,
    StoreStatus,
)
from mirrord.store.store import Store

__all__ = [
    "Aggregate",
    "CameraRecord",
    "ReadingRecord",
    "ResponseRecord",
    "SessionRecord",
    "Spread",
    "Store",
    "StoreStatus",
]
