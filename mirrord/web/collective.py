"""Linking with a collective on the Privacy page: what is sent, how it stands, what has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from aiohttp import web

from mirrord.api.addresses import addresses
from mirrord.api.asked import Nothing
from mirrord.api.caller import NotAllowed, require
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import body_of, checked, query_of
from mirrord.errors import ConfigError, Refused
from mirrord.store.ledger import Egress
from mirrord.web.access.people import signed_in
from mirrord.web.reply import Handler

ADDRESS: Final = "/emotions/api/collective/"
LEDGER: Final = f"{ADDRESS}ledger/"
RETRY: Final = f"{ADDRESS}retry/"


class Desk(Protocol):
    """What the page asks of the sync (`mirrord.sync.desk`)."""

    async def shown(self) -> dict[str, Any]:
        """Return how it stands."""

    async def link(self, url: str) -> None:
        """Ask a collective for a code. Raises MirrorError."""

    async def unlink(self, erase: bool) -> None:
        """End the link, or the waiting for it."""

    async def retry(self) -> None:
        """Send what was set aside once more, now."""

    async def ledger(self, limit: int) -> list[Egress]:
        """Return what left, the newest first."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With which collective to link; `agreed`: what will be sent was read."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    agreed: Literal[True]


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to end the link."""

    erase: bool = False


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the ledger."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 20


def owner_signed_in(request: web.Request) -> None:
    """Let an owner pass who has signed in. Raises NotAllowed.

    A token that leaks must not be able to send everything to a collective of its own.
    """
    caller = require(request, "control")
    if caller.role != "owner":
        raise NotAllowed(f"{caller.user} may not do that: it takes an owner.", known=True)
    if caller.user is not None:
        signed_in(request)


def collective_part(
    desk: Desk, owner: Callable[[web.Request], None] = owner_signed_in
) -> Callable[[web.Application], None]:
    """Return the part with the routes. Whoever reads sees it; owners alone change it."""

    async def state(request: web.Request) -> web.Response:
        require(request, "read")
        checked(query_of(request), Nothing, words=True)
        return success("How the mirror stands with the collective.", await desk.shown())

    async def link(request: web.Request) -> web.Response:
        owner(request)
        wanted = checked(await body_of(request), Wanted)
        try:
            await desk.link(wanted.url)
        except (ConfigError, Refused) as error:
            raise Rejected(str(error), details={"url": str(error)}) from None
        return success("Confirm the code in the account.", await desk.shown())

    async def unlink(request: web.Request) -> web.Response:
        owner(request)
        await desk.unlink(checked(await body_of(request), Ending).erase)
        return success("Nothing is sent any more.", await desk.shown())

    async def retry(request: web.Request) -> web.Response:
        owner(request)
        checked(await body_of(request), Nothing)
        await desk.retry()
        return success("It is sent once more.", await desk.shown())

    async def ledger(request: web.Request) -> web.Response:
        require(request, "read")
        listed = checked(query_of(request), Listed, words=True)
        return success("What left the house.", await desk.ledger(listed.limit))

    return _part(
        ("GET", ADDRESS, state),
        ("POST", ADDRESS, link),
        ("DELETE", ADDRESS, unlink),
        ("POST", RETRY, retry),
        ("GET", LEDGER, ledger),
    )


def _part(*routes: tuple[str, str, Handler]) -> Callable[[web.Application], None]:
    def add(app: web.Application) -> None:
        for method, path, handler in routes:
            for address in addresses(path):
                app.router.add_route(method, address, handler)

    return add
