"""The routes that tell of the resources: the OpenAPI document and the page made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

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
    """Add the routes. What they tell is no secret, so they ask for no right themselves.

    They are written when somebody first asks, in a thread: that takes a third of a second on a Pi.
    """
    table = tuple(resources)

    @cache
    def told() -> dict[str, Any]:
        return document(table, version, anybody)

    papers: dict[str, tuple[Callable[[], bytes], str]] = {
        "openapi.json": (cache(lambda: msgspec.json.encode(told())), "application/json"),
        "docs/": (cache(lambda: handbook(told())), "text/html"),
        "docs/handbook.css": (_STYLE.read_bytes, "text/css"),
    }
    for path, (body, kind) in papers.items():
        app.router.add_get(PREFIX + path, _sender(body, kind))
    app.router.add_get(PREFIX + "docs", _to_docs)


def _sender(body: Callable[[], bytes], kind: str) -> Handler:
    async def send(_request: web.Request) -> web.StreamResponse:
        charset = "utf-8" if kind.startswith("text/") else None
        written = await asyncio.to_thread(body)
        return web.Response(body=written, content_type=kind, charset=charset)

    return send


async def _to_docs(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect(PREFIX + "docs/")
