"""The addresses of mirrors: for those who own them, and for themselves (docs/sync-protocol.md)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from mirrord.api.mount import PREFIX
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import body_of, checked
from mirrord.collective.bus import Bus
from mirrord.collective.caller import mirror_of
from mirrord.collective.database import Database
from mirrord.collective.doors import add
from mirrord.collective.identity import address_of, identity
from mirrord.collective.limits import take
from mirrord.collective.linking.credentials import Credentials
from mirrord.collective.linking.enrol import Enrolment
from mirrord.collective.linking.ingest import take_over
from mirrord.collective.linking.shelf import MirrorShelf
from mirrord.collective.numbers import now_ms
from mirrord.collective.settings import Settings
from mirrord.sync_wire import MOST_ITEMS, BatchAnswer, Claim, Credential, Enrol

API: Final = f"{PREFIX}api/"
MIRRORS: Final = f"{API}mirrors/"
_ENROLMENTS: Final = 30  # from one address in ten minutes
_CODES: Final = 10  # that one account may try in ten minutes
_WHILE_S: Final = 600.0


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that a mirror shows, and whether it is wanted."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]
    accept: bool = True


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that a mirror shows."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mirror's name."""

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f/]+$")]


class Erase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That it is meant: nothing brings it back."""

    confirm: Literal["erase"]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `mirrord.sync_wire.Batch` whose items are judged one by one."""

    version: Literal[1]
    sent_at: Annotated[int, Meta(ge=0, le=1 << 42)]
    items: Annotated[list[Any], Meta(min_length=1, max_length=MOST_ITEMS)]


class MirrorRoutes:
    """The handlers."""

    def __init__(self, database: Database, bus: Bus, settings: Settings) -> None:
        self._database = database
        self._bus = bus
        self._page = f"{settings.server.public_url}/link"
        self.credentials = Credentials(database, settings.accounts.credential_days)
        self._enrolment = Enrolment(database, self.credentials, settings.limits.mirrors)
        self._shelf = MirrorShelf(database)

    def mount(self, app: web.Application) -> None:
        add(app, "POST", f"{MIRRORS}enrol/", "public", self.enrol)
        add(app, "POST", f"{MIRRORS}claim/", "public", self.claim)
        add(app, "GET", f"{MIRRORS}self/", "mirror", self.itself)
        add(app, "DELETE", f"{MIRRORS}self/", "mirror", self.leave)
        add(app, "POST", f"{MIRRORS}self/rotate/", "mirror", self.rotate)
        add(app, "POST", f"{MIRRORS}self/erase/", "mirror", self.erase)
        add(app, "POST", f"{API}sync/", "mirror", self.sync)
        add(app, "GET", MIRRORS, "read", self.mine)
        add(app, "POST", f"{MIRRORS}ask/", "account", self.ask)
        add(app, "POST", f"{MIRRORS}confirm/", "account", self.confirm)
        add(app, "PUT", f"{MIRRORS}{{mirror}}/", "account", self.rename)
        add(app, "DELETE", f"{MIRRORS}{{mirror}}/", "account", self.revoke)

    async def enrol(self, request: web.Request) -> web.StreamResponse:
        """Begin: the answer has the code to show."""
        await take(self._bus, f"enrol:{address_of(request)}", _ENROLMENTS, _WHILE_S)
        asked = checked(await body_of(request), Enrol)
        page = self._page if self._page.startswith("http") else _here(request) + self._page
        return success("Show this code.", await self._enrolment.begin(asked, page), 201)

    async def claim(self, request: web.Request) -> web.StreamResponse:
        """How did it go?"""
        asked = checked(await body_of(request), Claim)
        return success("How it went.", await self._enrolment.claim(asked.claim))

    async def itself(self, request: web.Request) -> web.StreamResponse:
        return success("This mirror.", await self._shelf.itself(mirror_of(request)))

    async def rotate(self, request: web.Request) -> web.StreamResponse:
        """A new credential; the old one holds until the new one is used."""
        new = await self.credentials.rotate(mirror_of(request))
        return success("The next credential.", Credential(*new))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Unlink; what was sent stays."""
        who = mirror_of(request)
        await self._shelf.revoke(who.account, who.mirror)
        return success("Unlinked.", None)

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """Unlink, and delete what was sent."""
        checked(await body_of(request), Erase)
        return success("Erased.", await self._shelf.erase(mirror_of(request)))

    async def sync(self, request: web.Request) -> web.StreamResponse:
        """Take over a batch; each item gets its own answer."""
        who = mirror_of(request)
        sent = checked(await body_of(request), Sent)
        results = await self._database.write(lambda to: take_over(to, who, sent.items))
        return success("Taken over.", BatchAnswer(results, now_ms(), who.expires))

    async def mine(self, request: web.Request) -> web.StreamResponse:
        return success("Your mirrors.", await self._shelf.of_account(identity(request).account))

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Which mirror shows this code?"""
        code = (await self._code(request, Asking)).code
        return success("The mirror that shows it.", (await self._enrolment.look(code)).shown())

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Let it belong to the account, or not."""
        form = await self._code(request, Code)
        if not form.accept:
            await self._enrolment.refuse(form.code)
            return success("Refused.", None)
        mirror = await self._enrolment.confirm(identity(request).account, form.code)
        return success("Linked.", {"id": str(mirror)}, 201)

    async def rename(self, request: web.Request) -> web.StreamResponse:
        name = checked(await body_of(request), Name).name
        return self._known(
            await self._shelf.rename(identity(request).account, _number(request), name)
        )

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """End its credential; what it has sent stays."""
        return self._known(await self._shelf.revoke(identity(request).account, _number(request)))

    async def _code(self, request: web.Request, kind: Any) -> Any:
        await take(self._bus, f"codes:{identity(request).account}", _CODES, _WHILE_S)
        return checked(await body_of(request), kind)

    def _known(self, done: bool) -> web.StreamResponse:
        if not done:
            raise Rejected("mirror: you have no such mirror", 404)
        return success("Done.", None)


def _number(request: web.Request) -> int:
    text = request.match_info["mirror"]
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else -1


def _here(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"
