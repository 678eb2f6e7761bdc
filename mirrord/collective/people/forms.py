"""What may be sent to the accounts' addresses."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from mirrord.credentials import forms
from mirrord.credentials.forms import Days, Form, NewPassword, SignIn, Text

__all__ = ["Confirmed", "NewPassword", "NewToken", "Profile", "Register", "SignIn"]

Scopes = Annotated[
    list[Text], Meta(min_length=1, max_length=3, description="any of look, read, control")
]


class Register(forms.Newcomer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new account; `invite` where registration takes one."""

    invite: Text = ""


class Profile(forms.Profile, frozen=True, forbid_unknown_fields=True):
    """What somebody may change about themselves; what is left out stays as it is."""

    contributes: bool | UnsetType = UNSET


class NewToken(Form, frozen=True, forbid_unknown_fields=True):
    """A token to be."""

    name: Text
    scopes: Scopes
    days: Days = 90.0


class Confirmed(Form, frozen=True, forbid_unknown_fields=True):
    """The password once more, before what cannot be undone."""

    password: Text
