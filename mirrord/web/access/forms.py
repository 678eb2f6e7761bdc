"""What may be sent to the accounts' addresses, and what is answered about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mirrord.accounts import Key, NewUser, Role, User

Text = Annotated[str, Meta(max_length=300, description="text of at most 300 characters")]
Days = Annotated[float, Meta(gt=0, le=3650, description="a number of days, up to 3650")]
Scopes = Annotated[list[Text], Meta(max_length=3, description="any of look, read, control")]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body: nothing but what is known."""

    def __repr__(self) -> str:  # a password must not stand in a log
        return type(self).__name__


class SignIn(Form, frozen=True, forbid_unknown_fields=True):
    """A name and a password."""

    username: Text
    password: Text


class Register(Form, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new user; the first one needs the one-time code, every other one an owner who asks."""

    username: Text
    password: Text
    password_confirm: Text
    email: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    role: Role = "guest"
    code: Text = ""

    def new_user(self) -> NewUser:
        names = (self.email, self.first_name, self.last_name)
        return NewUser(self.username, self.password, *names)


class Profile(Form, frozen=True, forbid_unknown_fields=True):
    """What somebody may change about themselves; what is left out stays as it is."""

    email: Text | UnsetType = UNSET
    first_name: Text | UnsetType = UNSET
    last_name: Text | UnsetType = UNSET


class NewPassword(Form, frozen=True, forbid_unknown_fields=True):
    """The password until now, and the new one twice."""

    current: Text
    password: Text
    password_confirm: Text


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
