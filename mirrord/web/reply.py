"""The one shape of answers (`mirrord.api.reply`), and a page where a person took a wrong turn."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from mirrord.api.reply import Handler, failure, json_response, speak_plainly, success
from mirrord.pages.files import Shelf

__all__ = [
    "FILES",
    "Handler",
    "failure",
    "json_response",
    "show_missing",
    "speak_plainly",
    "success",
]
FILES: Final = Shelf(Path(__file__).with_name("static"))


@web.middleware
async def show_missing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a person with a page where there is none; a program is told in the one shape."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        wants_page = "text/html" in request.headers.get("Accept", "")
        if not wants_page or request.path.startswith("/emotions/"):
            raise
        page = FILES["missing.html"].read_bytes()
        return web.Response(body=page, status=404, content_type="text/html")
