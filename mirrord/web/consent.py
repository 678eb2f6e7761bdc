"""Consent over HTTP: what was agreed to, agreeing, withdrawing (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import web

from mirrord.api.asked import Nothing
from mirrord.api.caller import Caller
from mirrord.api.mount import mount
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource
from mirrord.consent import Consent, Entry, Room

# Regulation (EU) 2024/1689, Article 5(1)(f), in force since 2 February 2025.
_BANNED: Final = (
    "Reading the emotions of people at work or in education is forbidden in the European Union "
    "since 2 February 2025 (AI Act, Article 5(1)(f)); the mirror does not do it anywhere."
)
_NOT_ALL: Final = "everybody who uses the room has to agree, and visitors have to be told"

Place = Annotated[
    Literal["home", "shared", "work", "education"],
    msgspec.Meta(
        description="where the mirror hangs: home; shared, a room whose people all agree; at work "
        "or in education it is refused"
    ),
]
Yes = Annotated[bool, msgspec.Meta(description="true, or nothing is agreed to")]


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The house rules, agreed to: everybody who uses the room agrees, and visitors are told."""

    place: Place
    everybody_agrees: Yes
    visitors_are_told: Yes


class Agreed(msgspec.Struct, frozen=True):
    """What was agreed to. `allows`: the camera may look; `needed`: it looks at a room."""

    state: Literal["needed", "kept", "given", "withdrawn"]
    needed: bool
    allows: bool
    at: datetime | None
    trouble: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Consenting:
    """The running mirror, as consent sees it: agreeing opens its eye, withdrawing closes it."""

    consent: Consent
    source: Callable[[], int | str]
    agree: Callable[[str, Room], Awaitable[None]]
    withdraw: Callable[[str], Awaitable[None]]

    def agreed(self) -> Agreed:
        consent = self.consent
        shown: dict[str, Any] = consent.shown(self.source())
        entries = consent.entries
        at = entries[-1].at if entries else None
        return Agreed(**{**shown, "at": at}, trouble=consent.trouble, entries=entries)


async def read(mirror: Consenting, _caller: Caller, _asked: Nothing) -> Agreed:
    """Answer what was agreed to, and by whom."""
    return mirror.agreed()


async def agree(mirror: Consenting, caller: Caller, asked: Agreement) -> Agreed:
    """Agree, unless the place is one where nobody may."""
    if asked.place in ("work", "education"):
        raise Rejected(f"place: {_BANNED}", 409, {"place": _BANNED})
    wrong = [key for key in ("everybody_agrees", "visitors_are_told") if not getattr(asked, key)]
    if wrong:
        raise Rejected(f"{wrong[0]}: {_NOT_ALL}", 409, dict.fromkeys(wrong, _NOT_ALL))
    room: Room = "home" if asked.place == "home" else "shared"
    await mirror.agree(caller.user or "", room)
    return mirror.agreed()


async def withdraw(mirror: Consenting, caller: Caller, _asked: Nothing) -> Agreed:
    """Withdraw: the camera goes off and stays off."""
    await mirror.withdraw(caller.user or "")
    return mirror.agreed()


_PATH: Final = "api/consent/"
CONSENT: Final = (
    Resource("GET", _PATH, "read", "What was agreed to.", Nothing, Agreed, read),
    Resource(
        "POST",
        _PATH,
        "control",
        "The house rules are agreed to.",
        Agreement,
        Agreed,
        agree,
        conflicts=True,
    ),
    Resource("DELETE", _PATH, "control", "The consent is withdrawn.", Nothing, Agreed, withdraw),
)


def consent_part(mirror: Consenting) -> Callable[[web.Application], None]:
    """Return the part that asks for consent."""
    return lambda app: mount(app, CONSENT, mirror)
