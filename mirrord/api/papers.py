"""The routes that tell of the resources: the OpenAPI document and the page made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from mirrord.api.caller import Scope
from mirrord.api.handbook import handbook
from mirrord.api.mount import PREFIX
from mirrord.api.openapi import document
from mirrord.api.reply import Handler
from mirrord.api.resource import Resource

_STYLE: Final = Path(__file__).with_name("static") / "handbook.css"


def mount_papers(
    app: web.Application,
    resources: Iterable[Resource],
    version: str,
    anybody: Collection[Scope] = (),
) -> None:
    """Add the routes. What they tell is no secret, so they ask for no right themselves."""
    told = document(resources, version, anybody)
    papers = {
        "openapi.json": (msgspec.json.encode(told), "application/json"),
        "docs/": (handbook(told), "text/html"),
        "docs/handbook.css": (_STYLE.read_bytes(), "text/css"),
    }
    for path, (body, kind) in papers.items():
        app.router.add_get(PREFIX + path, _sender(body, kind))
    app.router.add_get(PREFIX + "docs", _to_docs)


def _sender(body: bytes, kind: str) -> Handler:
    async def send(_request: web.Request) -> web.StreamResponse:
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=body, content_type=kind, charset=charset)

    return send


async def _to_docs(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect(PREFIX + "docs/")
