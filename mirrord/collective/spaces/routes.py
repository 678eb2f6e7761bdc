"""The addresses of spaces, under /emotions/api/spaces/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.asked import Listed
from mirrord.api.caller import caller_of, require
from mirrord.api.mount import PREFIX
from mirrord.api.paging import page_of, window_of
from mirrord.api.reply import Rejected, json_response, success
from mirrord.api.validation import body_of, checked, query_of
from mirrord.collective.bus import Bus
from mirrord.collective.database import Database
from mirrord.collective.doors import SpaceRole, add
from mirrord.collective.identity import address_of, identity
from mirrord.collective.limits import take
from mirrord.collective.settings import PrivacySettings, Settings
from mirrord.collective.spaces import book, forms, invites, members
from mirrord.collective.spaces.keeper import entered, number_of
from mirrord.credentials.forms import Form

T = TypeVar("T")
F = TypeVar("F", bound=Form)
SPACES: Final = f"{PREFIX}api/spaces/"
_ONE: Final = f"{SPACES}{{space}}/"
_TRIES: Final = 30  # links from one address in ten minutes
_WHILE_S: Final = 600.0


class SpaceRoutes:
    """The handlers. Each checks the caller's role once more, in the transaction of what it does."""

    def __init__(self, database: Database, bus: Bus, settings: Settings) -> None:
        self._database = database
        self._bus = bus
        self._privacy = settings.privacy
        self._most = settings.limits.spaces

    def mount(self, app: web.Application) -> None:
        add(app, "GET", SPACES, "look", self.listed)
        add(app, "POST", SPACES, "control", self.create)
        add(app, "POST", f"{SPACES}join/", "control", self.join)
        add(app, "GET", _ONE, "viewer", self.one)
        add(app, "PATCH", _ONE, "owner", self.change)
        add(app, "DELETE", _ONE, "owner", self.remove)
        add(app, "POST", f"{_ONE}leave/", "viewer", self.leave)
        add(app, "GET", f"{_ONE}members/", "member", self.members)
        add(app, "PUT", f"{_ONE}members/{{account}}/", "owner", self.set_role)
        add(app, "DELETE", f"{_ONE}members/{{account}}/", "owner", self.expel)
        add(app, "GET", f"{_ONE}invites/", "owner", self.invites)
        add(app, "POST", f"{_ONE}invites/", "owner", self.invite)
        add(app, "DELETE", f"{_ONE}invites/{{id}}/", "owner", self.revoke)
        add(app, "GET", f"{_ONE}mirrors/", "member", self.mirrors)
        add(app, "PUT", f"{_ONE}mirrors/{{mirror}}/", "member", self.add_mirror)
        add(app, "DELETE", f"{_ONE}mirrors/{{mirror}}/", "member", self.take_mirror)

    async def admits(self, secret: str) -> bool:
        """Tell whether a link invites somebody who has no account yet."""
        return await self._database.read(lambda of: invites.holds(of, secret))

    async def listed(self, request: web.Request) -> web.StreamResponse:
        """The public ones and the caller's, in pages."""
        query = query_of(request)
        asked = checked(query, Listed, words=True)
        caller = caller_of(request)
        found = await self._database.read(lambda of: book.listed(of, caller, window_of(asked)))
        address = str(request.url.origin().with_path(request.path))
        return json_response(page_of(found, asked, address, query))

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = checked(await body_of(request), forms.NewSpace)
        values = _complete(form, self._privacy)
        who = identity(request)
        number = await self._database.write(lambda to: book.create(to, who, values, self._most))
        return success("Made.", await self._shown(request, str(number)), 201)

    async def join(self, request: web.Request) -> web.StreamResponse:
        """Follow a link."""
        await take(self._bus, f"links:{address_of(request)}", _TRIES, _WHILE_S)
        form = checked(await body_of(request), forms.Join)
        account = identity(request).account
        number = await self._database.write(lambda to: invites.join(to, account, form.secret))
        return success("Joined.", await self._shown(request, str(number)))

    async def one(self, request: web.Request) -> web.StreamResponse:
        return success("The space.", await self._shown(request, request.match_info["space"]))

    async def change(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request, forms.Changes)
        changes = _given(form)
        await self._do(request, "owner", lambda to, row: book.change(to, row, changes))
        return success("Changed.", await self._shown(request, request.match_info["space"]))

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Delete it with all its figures."""
        await self._do(request, "owner", lambda to, row: book.remove(to, row.space))
        return success("Deleted.", None)

    async def leave(self, request: web.Request) -> web.StreamResponse:
        account = identity(request).account
        await self._do(
            request, "viewer", lambda to, row: members.remove_one(to, row.space, account)
        )
        return success("You have left.", None)

    async def members(self, request: web.Request) -> web.StreamResponse:
        space = number_of(request.match_info["space"])
        found = await self._database.read(lambda of: members.listed(of, space))
        return success("Who is in the space.", found)

    async def set_role(self, request: web.Request) -> web.StreamResponse:
        role = (await _form(request, forms.NewRole)).role
        account = number_of(request.match_info["account"])
        await self._do(
            request, "owner", lambda to, row: members.set_role(to, row.space, account, role)
        )
        return success("Changed.", None)

    async def expel(self, request: web.Request) -> web.StreamResponse:
        account = number_of(request.match_info["account"])
        await self._do(request, "owner", lambda to, row: members.remove_one(to, row.space, account))
        return success("Taken out.", None)

    async def invites(self, request: web.Request) -> web.StreamResponse:
        space = number_of(request.match_info["space"])
        found = await self._database.read(lambda of: invites.listed(of, space))
        return success("The links that hold.", found)

    async def invite(self, request: web.Request) -> web.StreamResponse:
        """Answer a new link, once."""
        form = await _form(request, forms.NewInvite)
        made = await self._do(request, "owner", lambda to, row: invites.make(to, row.space, form))
        return success("Pass it on now: nobody can show it again.", made, 201)

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        handle = request.match_info["id"]
        await self._do(request, "owner", lambda to, row: invites.revoke(to, row.space, handle))
        return success("Revoked.", None)

    async def mirrors(self, request: web.Request) -> web.StreamResponse:
        """The caller's own: whose else are in a space is nobody's business."""
        space, account = number_of(request.match_info["space"]), identity(request).account
        found = await self._database.read(lambda of: members.mirrors_in(of, space, account))
        return success("Your mirrors.", found)

    async def add_mirror(self, request: web.Request) -> web.StreamResponse:
        mirror, account = number_of(request.match_info["mirror"]), identity(request).account
        await self._do(
            request,
            "member",
            lambda to, row: members.add_mirror(to, row.space, account, mirror, self._most),
        )
        return success("It counts in the space from now on.", None)

    async def take_mirror(self, request: web.Request) -> web.StreamResponse:
        mirror, account = number_of(request.match_info["mirror"]), identity(request).account
        await self._do(
            request,
            "member",
            lambda to, row: members.take_mirror(to, row.space, account, mirror),
        )
        return success("It counts in the space no more.", None)

    async def _do(
        self,
        request: web.Request,
        role: SpaceRole,
        job: Callable[[AsyncConnection, Any], Awaitable[T]],
    ) -> T:
        """Change something in a space, if the caller still has the role when it is done."""
        caller, space = require(request, "control"), request.match_info["space"]

        async def within(to: AsyncConnection) -> T:
            return await job(to, await entered(to, caller, space, role))

        return await self._database.write(within)

    async def _shown(self, request: web.Request, space: str) -> dict[str, Any]:
        caller = caller_of(request)
        return book.shown(
            await self._database.read(lambda of: entered(of, caller, space, "viewer"))
        )


async def _form(request: web.Request, kind: type[F]) -> F:
    """Return what was sent, of whoever may change something."""
    require(request, "control")
    return checked(await body_of(request), kind)


def _complete(form: forms.NewSpace, privacy: PrivacySettings) -> dict[str, Any]:
    """Return a space's columns. Raises Rejected for fewer contributors than the settings ask."""
    found = {**msgspec.to_builtins(privacy), **_given(form)}
    if found["least"] < privacy.least:
        said = f"least: takes at least {privacy.least} here"
        raise Rejected(said, details={"least": said})
    return found


def _given(form: forms.NewSpace | forms.Changes) -> dict[str, Any]:
    """Return what was said, by the names of the columns. Raises Rejected."""
    found = {k: v for k, v in msgspec.structs.asdict(form).items() if v is not UNSET}
    if 0 < found.get("epsilon", 0) < forms.LEAST_EPSILON:
        said = "epsilon: expected 0 for no noise, or a number from 0.01 to 10"
        raise Rejected(said, details={"epsilon": said})
    return found
