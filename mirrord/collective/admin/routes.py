"""The addresses of administration, under /emotions/api/admin/."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import UNSET

from mirrord.api.mount import PREFIX
from mirrord.api.paging import page_of, window_of
from mirrord.api.reply import Rejected, json_response, success
from mirrord.api.validation import body_of, checked, query_of
from mirrord.collective.admin.acts import Acts
from mirrord.collective.admin.asked import ActiveChange, ListAsked, SessionEnded, UserChange
from mirrord.collective.admin.lists import LISTS
from mirrord.collective.database import Database
from mirrord.collective.doors import add
from mirrord.collective.identity import Doorman, identity

ADMIN: Final = f"{PREFIX}api/admin/"


class AdminRoutes:
    """The handlers; all of them are for administrators who have signed in with their password."""

    def __init__(self, database: Database, doorman: Doorman) -> None:
        self._database = database
        self._doorman = doorman

    def mount(self, app: web.Application) -> None:
        user, mirror = f"{ADMIN}users/{{account}}/", f"{ADMIN}mirrors/{{account}}/{{mirror}}/"
        space, session = f"{ADMIN}spaces/{{number}}/", f"{ADMIN}sessions/{{account}}/{{session}}/"
        for method, path, handler in (
            ("GET", f"{ADMIN}{{list}}/", self.listed),
            ("PUT", user, self.change_user),
            ("DELETE", user, self.delete_user),
            ("PUT", mirror, self.set_mirror),
            ("DELETE", mirror, self.delete_mirror),
            ("PUT", space, self.set_space),
            ("DELETE", space, self.delete_space),
            ("PUT", session, self.end_session),
            ("DELETE", session, self.delete_session),
            ("DELETE", f"{ADMIN}readings/{{account}}/{{id}}/", self.delete_reading),
            ("DELETE", f"{ADMIN}collective/{{number}}/{{start}}/", self.delete_figure),
        ):
            add(app, method, path, "admin", handler)

    async def listed(self, request: web.Request) -> web.StreamResponse:
        """A page of a list."""
        known = LISTS.get(request.match_info["list"])
        if known is None:
            raise Rejected(f"list: there are {', '.join(LISTS)}", 404)
        query = query_of(request)
        asked = checked(query, ListAsked, words=True)
        window = window_of(asked)
        found = await self._database.read(lambda of: known.found(of, asked, window))
        address = str(request.url.origin().with_path(request.path))
        return json_response(page_of(found, asked, address, query))

    async def change_user(self, request: web.Request) -> web.StreamResponse:
        form = checked(await body_of(request), UserChange)
        changes = {k: v for k, v in msgspec.structs.asdict(form).items() if v is not UNSET}
        await self._acts(request).change_user(_number(request, "account"), changes)
        self._doorman.forget()
        return success("Changed.", None)

    async def delete_user(self, request: web.Request) -> web.StreamResponse:
        gone = await self._acts(request).delete_user(_number(request, "account"))
        self._doorman.forget()
        return success("Deleted.", {"deleted": gone})

    async def set_mirror(self, request: web.Request) -> web.StreamResponse:
        form = checked(await body_of(request), ActiveChange)
        where = _number(request, "account"), _number(request, "mirror")
        await self._acts(request).set_mirror(*where, form.active)
        return success("Changed.", None)

    async def delete_mirror(self, request: web.Request) -> web.StreamResponse:
        where = _number(request, "account"), _number(request, "mirror")
        gone = await self._acts(request).delete_mirror(*where)
        return success("Deleted.", {"deleted": gone})

    async def set_space(self, request: web.Request) -> web.StreamResponse:
        form = checked(await body_of(request), ActiveChange)
        await self._acts(request).set_space(_number(request, "number"), form.active)
        return success("Changed.", None)

    async def delete_space(self, request: web.Request) -> web.StreamResponse:
        await self._acts(request).delete_space(_number(request, "number"))
        return success("Deleted.", None)

    async def end_session(self, request: web.Request) -> web.StreamResponse:
        checked(await body_of(request), SessionEnded)
        where = _number(request, "account"), _number(request, "session")
        await self._acts(request).end_session(*where)
        return success("Ended.", None)

    async def delete_session(self, request: web.Request) -> web.StreamResponse:
        where = _number(request, "account"), _number(request, "session")
        gone = await self._acts(request).delete_session(*where)
        return success("Deleted.", {"deleted": gone})

    async def delete_reading(self, request: web.Request) -> web.StreamResponse:
        account = _number(request, "account")
        await self._acts(request).delete_reading(account, _uuid(request.match_info["id"]))
        return success("Deleted.", None)

    async def delete_figure(self, request: web.Request) -> web.StreamResponse:
        where = _number(request, "number"), _number(request, "start")
        await self._acts(request).delete_figure(*where)
        return success("Deleted.", None)

    def _acts(self, request: web.Request) -> Acts:
        return Acts(self._database, identity(request))


def _number(request: web.Request, name: str) -> int:
    text = request.match_info[name]
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else -1


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Rejected("id: expected the id of a reading", 404) from None
