"""What the mirror remembers, in one SQLite file (docs/storage.md)."""

from mirrord.store.records import (
    Aggregate,
    CameraRecord,
    ReadingRecord,
    ResponseRecord,
    SessionRecord,
    Spread,
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
