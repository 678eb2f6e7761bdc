"""The documents that the mirror serves, and which of them the navigation shows."""

from __future__ import annotations

from aiohttp import web

from mirrord.pages.preload import preloads
from mirrord.web.reply import FILES, Handler

PAGES: web.AppKey[dict[str, str]] = web.AppKey("pages", dict)
"""Name and address of every page of the navigation, in the order in which parts added them."""


def add_document(
    app: web.Application, path: str, name: str, *, listed: bool = True, policy: str | None = None
) -> None:
    """Serve `static/<name>.html` at `path`; `listed` pages stand in everyone's navigation.

    `policy` is a content security policy of the page's own, if it needs a wider one.
    """
    app.router.add_get(path, _document(f"{name}.html", policy))
    if listed:
        app[PAGES][name] = path


def _document(file: str, policy: str | None) -> Handler:
    headers = {"Link": preloads(FILES, file)}
    if policy:
        headers["Content-Security-Policy"] = policy

    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(FILES[file], headers=headers)

    return send
