"""What may be sent about an account, to a mirror as to the collective."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mirrord.credentials.people import NewUser

Text = Annotated[str, Meta(max_length=300, description="text of at most 300 characters")]
Days = Annotated[float, Meta(gt=0, le=3650, description="a number of days, up to 3650")]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body: nothing but what is known."""

    def __repr__(self) -> str:  # a password must not stand in a log
        return type(self).__name__


class SignIn(Form, frozen=True, forbid_unknown_fields=True):
    """A name and a password."""

    username: Text
    password: Text


class Newcomer(Form, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who is to become a user; the password twice."""

    username: Text
    password: Text
    password_confirm: Text
    email: Text = ""
    first_name: Text = ""
    last_name: Text = ""

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
