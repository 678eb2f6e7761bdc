"""The page's address as a code for a phone's camera, and the notice for whoever comes to visit.

Both are for people without an account: they tell what stands on the notice, and no more.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import msgspec
import segno
from aiohttp import web

from mirrord.api.asked import Nothing
from mirrord.api.reply import success
from mirrord.api.validation import checked, query_of
from mirrord.web.access.gate import DOORMAN
from mirrord.web.pages import add_document

CODE: Final = "/address.svg"
NOTICE: Final = "/notice"
FACTS: Final = "/notice/facts"


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the code leads: with `first`, to the first start as long as there is no owner."""

    first: bool = False


class Facts(msgspec.Struct, frozen=True):
    """What the notice says. `address` is empty where nobody else can open the page."""

    name: str
    address: str
    others: tuple[str, ...]  # the same page, where the name is not understood
    keep_days: float
    smart_home: bool  # hears of the mood
    collective: bool  # gets figures by the minute


Telling = Callable[[], Facts]
_FACTS: web.AppKey[Telling] = web.AppKey("notice")


def address_part(tell: Telling) -> Callable[[web.Application], None]:
    """Return the part with the notice, its facts and the code."""

    def add(app: web.Application) -> None:
        app[_FACTS] = tell
        add_document(app, NOTICE, "notice", listed=False)
        app.router.add_get(FACTS, _facts)
        app.router.add_get(CODE, _code)

    return add


def code_of(url: str) -> segno.QRCode:
    """Return the QR code of an address."""
    return segno.make_qr(url, error="m")


async def _facts(request: web.Request) -> web.Response:
    checked(query_of(request), Nothing, words=True)
    return success("What visitors are told.", request.app[_FACTS]())


async def _code(request: web.Request) -> web.Response:
    """Answer a drawing. There is no one-time code in it: it hangs on the wall."""
    asked = checked(query_of(request), Asked, words=True)
    address = request.app[_FACTS]().address
    if not address:
        raise web.HTTPNotFound
    begins = asked.first and not await _has_owner(request.app)
    url = f"{address}welcome" if begins else address
    drawn = io.BytesIO()
    code_of(url).save(drawn, kind="svg", xmldecl=False, light="#fff", border=3, scale=8)
    return web.Response(body=drawn.getvalue(), content_type="image/svg+xml")


async def _has_owner(app: web.Application) -> bool:
    doorman = app.get(DOORMAN)
    return doorman is None or await doorman.has_owner()
