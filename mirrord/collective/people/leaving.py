"""Takes everything of one's account along, or erases it."""

from __future__ import annotations

from aiohttp import web

from mirrord.api.reply import success
from mirrord.api.validation import body_of, checked
from mirrord.collective.database import Database
from mirrord.collective.doors import add
from mirrord.collective.identity import COOKIE, Doorman, address_of, identity
from mirrord.collective.people import forms
from mirrord.collective.people.desk import Desk
from mirrord.collective.people.erasing import erase
from mirrord.collective.people.everything import everything
from mirrord.collective.people.routes import AUTH


class LeavingRoutes:
    """The handlers."""

    def __init__(self, database: Database, desk: Desk, doorman: Doorman) -> None:
        self._database = database
        self._desk = desk
        self._doorman = doorman

    def mount(self, app: web.Application) -> None:
        add(app, "GET", f"{AUTH}export/", "account", self.export)
        add(app, "POST", f"{AUTH}erase/", "account", self.erase)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Send everything of the account, a line of JSON for each record."""
        account = identity(request).account
        response = web.StreamResponse(
            headers={"Content-Disposition": 'attachment; filename="mood-mirror-account.jsonl"'}
        )
        response.content_type = "application/x-ndjson"
        response.enable_compression()
        await response.prepare(request)
        async for line in everything(self._database, account):
            await response.write(line)
        await response.write_eof()
        return response

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """Delete the account with all that is its own; it takes the password once more."""
        form = checked(await body_of(request), forms.Confirmed)
        caller = identity(request)
        await self._desk.check_password(caller.account, form.password, address_of(request))
        gone = await erase(self._database, caller.account)
        self._doorman.forget()
        response = success("Deleted for good.", {"deleted": gone})
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return response
