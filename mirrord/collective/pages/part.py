"""The pages as a part of the application: documents, their files and words, and the QR codes."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import segno
from aiohttp import web
from msgspec import Meta

from mirrord.api.mount import PREFIX
from mirrord.api.reply import Handler, success
from mirrord.api.validation import body_of, checked
from mirrord.collective.doors import Rule, add, allow_paths
from mirrord.collective.gate import is_document
from mirrord.collective.pages.documents import FILES, LOCALE
from mirrord.pages.catalogue import COMMON, Words, load
from mirrord.pages.charts import POLICY, plotly
from mirrord.pages.files import font
from mirrord.pages.preload import preloads
from mirrord.pages.words import AUTO, answered, words_for

WORDS: web.AppKey[Words] = web.AppKey("words", Words)
NAVIGATION: Final = {"world": "/", "spaces": "/spaces", "account": "/account"}
# Address, document, who may open it, and whether it draws charts.
DOCUMENTS: Final[tuple[tuple[str, str, Rule, bool], ...]] = (
    ("/", "world.html", "public", True),
    ("/space/{space}", "world.html", "viewer", True),
    ("/login", "door.html", "public", False),
    ("/register", "door.html", "public", False),
    ("/join", "join.html", "public", False),
    ("/account", "account.html", "account", False),
    ("/link", "link.html", "account", False),
    ("/spaces", "spaces.html", "account", False),
    ("/spaces/{space}", "manage.html", "viewer", False),
    ("/admin", "admin.html", "admin", False),
    ("/admin/{list}", "admin.html", "admin", False),
)


class _Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be drawn."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]


class Pages:
    """The routes of the pages."""

    def mount(self, app: web.Application) -> None:
        app[WORDS] = load(COMMON, LOCALE)
        for path, name, rule, charts in DOCUMENTS:
            add(app, "GET", path, rule, _document(name, charts))
        add(app, "POST", f"{PREFIX}api/qr/", "account", _qr)
        add(app, "GET", "/charts/plotly.js", "public", plotly)
        app.router.add_get("/words/{page}", _words)
        app.router.add_get("/fonts/{name}", font)
        app.router.add_get("/static/{name:.+}", FILES.send)
        for folder in ("/words/", "/fonts/", "/static/"):
            allow_paths(app, folder, "public")


@web.middleware
async def show_missing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a person with a page where there is none for them; a program in the one shape."""
    response = await handler(request)
    if response.status not in (403, 404) or not is_document(request):
        return response
    body = FILES["missing.html"].read_bytes()
    return web.Response(body=body, status=response.status, content_type="text/html")


def _document(name: str, charts: bool) -> Handler:
    headers = {"Link": preloads(FILES, name), "Cache-Control": "no-cache"}
    if charts:
        headers["Content-Security-Policy"] = POLICY

    async def send(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(FILES[name], headers=headers)

    return send


async def _words(request: web.Request) -> web.StreamResponse:
    return answered(words_for(request, request.app[WORDS], AUTO, NAVIGATION))


async def _qr(request: web.Request) -> web.StreamResponse:
    """Draw a QR code of a text that comes in the body, so that no log has it."""
    text = checked(await body_of(request), _Drawn).text
    return success("The code.", drawn(text))


def drawn(text: str) -> dict[str, object]:
    """Return how many squares wide a QR code is, and the SVG path of its dark ones."""
    matrix = segno.make(text, error="m", micro=False).matrix
    border = 4  # that the standard asks for
    path = "".join(
        f"M{x + border} {y + border}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    return {"size": len(matrix) + 2 * border, "path": path}
