"""What may be asked of administration."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mirrord.api.asked import Listed

Word = Annotated[str, Meta(min_length=1, max_length=100, description="text of 1 to 100 characters")]
Is = Annotated[bool, Meta(description="true or false")]


class ListAsked(Listed, frozen=True, kw_only=True):
    """Which page, of those that contain a text or are so and so."""

    search: Word | UnsetType = UNSET
    user: Word | UnsetType = UNSET
    kind: Word | UnsetType = UNSET
    space: Word | UnsetType = UNSET
    active: Is | UnsetType = UNSET
    admin: Is | UnsetType = UNSET
    public: Is | UnsetType = UNSET


class UserChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about an account."""

    active: bool | UnsetType = UNSET
    is_admin: bool | UnsetType = UNSET


class ActiveChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a mirror or a space counts."""

    active: bool


class SessionEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session can be ended, not begun again."""

    active: Literal[False]
