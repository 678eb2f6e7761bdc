"""What may be sent to the addresses of spaces."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from mirrord.credentials.forms import Form

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="a name of 1 to 60 characters, in one line",
    ),
]
Kind = Literal["home", "gallery", "festival"]
Role = Literal["viewer", "member", "owner"]
Least = Annotated[int, Meta(ge=3, le=1000, description="a whole number from 3 to 1000")]
WindowS = Annotated[
    int,
    Meta(ge=60, le=86_400, multiple_of=60, description="whole minutes in seconds, 60 to 86400"),
]
Epsilon = Annotated[
    float, Meta(ge=0, le=10, description="0 for no noise, or a number from 0.01 to 10")
]
LEAST_EPSILON: Final = 0.01  # below, nothing is left of any figure


class NewSpace(Form, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A space to be; what is left out is as the collective's settings say."""

    name: Name
    kind: Kind = "home"
    public: bool = False
    least: Least | UnsetType = UNSET
    window_s: WindowS | UnsetType = UNSET
    epsilon: Epsilon | UnsetType = UNSET


class Changes(Form, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; what is left out stays. `active` can only be ended."""

    name: Name | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    public: bool | UnsetType = UNSET
    least: Least | UnsetType = UNSET
    window_s: WindowS | UnsetType = UNSET
    epsilon: Epsilon | UnsetType = UNSET
    active: Literal[False] | UnsetType = UNSET


class NewRole(Form, frozen=True, forbid_unknown_fields=True):
    """What somebody is from now on."""

    role: Role


class NewInvite(Form, frozen=True, forbid_unknown_fields=True):
    """A link to be: what it makes of whoever follows it, how long and how often it holds."""

    role: Literal["viewer", "member"] = "member"
    days: Annotated[float, Meta(gt=0, le=90, description="a number of days, up to 90")] = 7.0
    uses: Annotated[int, Meta(ge=1, le=1000, description="a whole number from 1 to 1000")] = 1


class Join(Form, frozen=True, forbid_unknown_fields=True):
    """The secret of a link."""

    secret: Annotated[str, Meta(min_length=20, max_length=100, description="a link's secret")]
