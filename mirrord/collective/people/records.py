"""What an account and a key are. Times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mirrord.api.caller import Scope
from mirrord.collective.caller import How

SESSIONS: Final[tuple[How, ...]] = ("cookie", "login")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account, without the password."""

    account: int
    username: str
    email: str
    first_name: str
    last_name: str
    is_admin: bool
    active: bool
    contributes: bool
    joined: int

    def shown(self) -> dict[str, Any]:
        """Return it as it is answered."""
        return {
            "id": str(self.account),
            "username": self.username,
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "is_admin": self.is_admin,
            "contributes": self.contributes,
            "date_joined": iso(self.joined),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """A browser's session, a program's login, or a token, without its secret."""

    id: str
    account: int
    kind: How
    name: str
    scopes: frozenset[Scope]
    created: int
    seen: int
    expires: int
    address: str
    agent: str

    def shown(self, current: bool) -> dict[str, Any]:
        """Return it as it is answered."""
        return {
            "id": self.id,
            "kind": {"cookie": "browser", "login": "program", "api": "token"}[self.kind],
            "name": self.name,
            "scopes": [one for one in ("look", "read", "control") if one in self.scopes],
            "created": iso(self.created),
            "seen": iso(self.seen),
            "expires": iso(self.expires),
            "address": self.address,
            "user_agent": self.agent,
            "current": current,
        }


def iso(ms: int) -> str:
    """Return a time as ISO 8601, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")
