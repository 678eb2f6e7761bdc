"""What may be sent to the accounts' addresses, and what is answered about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Meta

from mirrord.accounts import Key, Role, User
from mirrord.credentials.forms import Days, Form, Newcomer, Text

Scopes = Annotated[list[Text], Meta(max_length=3, description="any of look, read, control")]


class Register(Newcomer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new user; the first one needs the one-time code, every other one an owner who asks."""

    role: Role = "guest"
    code: Text = ""


class NewToken(Form, frozen=True, forbid_unknown_fields=True):
    """A token to be."""

    name: Text
    scopes: Scopes
    days: Days = 90.0


def user_shown(user: User) -> dict[str, Any]:
    """Return a user as it is answered."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
        "date_joined": _iso(user.joined),
    }


def session_shown(key: Key, current: bool) -> dict[str, Any]:
    """Return a session as it is answered."""
    return {
        "id": key.id,
        "kind": "browser" if key.kind == "cookie" else "program",
        "address": key.address,
        "user_agent": key.agent,
        **_times(key),
        "current": current,
    }


def token_shown(key: Key, owner: str) -> dict[str, Any]:
    """Return a token as it is answered, without its secret."""
    scopes = [scope for scope in ("look", "read", "control") if scope in key.scopes]
    return {"id": key.id, "name": key.name, "user": owner, "scopes": scopes, **_times(key)}


def _times(key: Key) -> dict[str, str]:
    return {"created": _iso(key.created), "seen": _iso(key.seen), "expires": _iso(key.ends())}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
