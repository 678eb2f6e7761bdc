"""What an export contains: named columns, never an account or a secret.

The names are those of the REST interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["text", "number", "integer", "flag", "time"]
Row = Sequence[Any]  # in the order of the columns; times as ISO 8601 in UTC; None where unknown
Page = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what its values are."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """What one export holds: its columns, and from which on they belong to a nested object."""

    name: str
    columns: tuple[Column, ...]
    nested: str = ""  # the name of the object ...
    nested_from: int = 1_000  # ... and its first column

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def objects(self, page: Page) -> Iterator[dict[str, Any]]:
        """Yield each row as an object; a nested one that has no value at all is null."""
        names, start = self.names, self.nested_from
        for row in page:
            plain = dict(zip(names[:start], row[:start], strict=True))
            if self.nested:
                inner = row[start:]
                known = any(value is not None for value in inner)
                plain[self.nested] = dict(zip(names[start:], inner, strict=True)) if known else None
            yield plain


def _columns(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


READING: Final = (
    *_columns("text", "id", "session_id"),
    *_columns("time", "timestamp"),
    *_columns("number", "joy", "calm", "energy", "melancholy"),
    *_columns("text", "dominant_emotion"),
    *_columns("number", "emotion_intensity"),
    *_columns("integer", "track"),
    *_columns("number", "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    *_columns("text", "expression"),
    *_columns("number", "confidence", "valence", "arousal"),
)
ENVIRONMENT: Final = (
    *_columns("flag", "present"),
    *_columns("text", "lighting_color"),
    *_columns("number", "lighting_intensity"),
    *_columns("text", "background_color", "audio_tone"),
    *_columns("number", "audio_frequency", "audio_volume", "audio_major", "audio_tempo"),
    *_columns("number", "audio_articulation"),
    *_columns("text", "visual_pattern"),
    *_columns("integer", "particle_count"),
    *_columns("number", "animation_speed", "temperature", "humidity"),
    *_columns("text", "air_quality"),
    *_columns("number", "transition_s"),
    *_columns("time", "created_at"),
)
SESSIONS: Final = Table(
    "sessions",
    (
        *_columns("text", "session_id"),
        *_columns("time", "start_time", "last_activity"),
        *_columns("flag", "is_active"),
        *_columns("integer", "total_readings"),
        *_columns("number", "average_joy", "average_calm"),
        *_columns("number", "average_energy", "average_melancholy"),
        *_columns("text", "device_type"),
    ),
)
CORRECTIONS: Final = Table(
    "corrections",
    (
        *_columns("text", "id"),
        *_columns("time", "at"),
        *_columns("number", "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
        *_columns("text", "should_be"),
        *_columns("time", "undone_at"),
    ),
)
READINGS: Final = Table("readings", READING)
READINGS_AND_ENVIRONMENT: Final = Table(
    "readings", READING + ENVIRONMENT, "environment", len(READING)
)
