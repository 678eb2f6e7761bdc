"""What a user, a session and a token are. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mirrord.credentials.people import NewUser, Unacceptable

__all__ = ["Key", "NewUser", "Unacceptable", "User"]

Role = Literal["owner", "guest"]
Scope = Literal["look", "read", "control"]
Kind = Literal["cookie", "login", "api"]
"""cookie: a browser's session. login: a program's, begun with a password. api: a token."""

SCOPES: Final[tuple[Scope, ...]] = ("look", "read", "control")
ROLES: Final[Mapping[Role, frozenset[Scope]]] = {
    "owner": frozenset(SCOPES),
    "guest": frozenset({"look"}),
}
SESSIONS: Final[tuple[Kind, ...]] = ("cookie", "login")


@dataclass(frozen=True, slots=True)
class User:
    """A user, without the password."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    role: Role
    joined: float


@dataclass(frozen=True, slots=True)
class Key:
    """A session or a token, without its secret."""

    id: str
    user: int
    kind: Kind
    name: str
    scopes: frozenset[Scope]
    created: float
    seen: float
    expires: float  # it ends then at the latest
    idle_s: float  # and so long after it was last seen
    address: str
    agent: str

    def ends(self) -> float:
        """Return when it ends if it is not used any more."""
        return min(self.expires, self.seen + self.idle_s)
