"""Pages of other sites that the settings name: they may ask with a token, never a cookie."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mirrord.api.reply import Handler

ORIGINS: web.AppKey[frozenset[str]] = web.AppKey("origins", frozenset)
_ASKED: Final = "Access-Control-Request-Method"
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}


def is_named(request: web.Request) -> bool:
    """Tell whether a page of a site that the settings name asks."""
    return request.headers.get("Origin", "") in request.app[ORIGINS]


@web.middleware
async def cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that asks beforehand; anybody else's question leads where it leads."""
    if request.method == "OPTIONS" and _ASKED in request.headers and is_named(request):
        return web.Response(status=204, headers=_PREFLIGHT)
    return await handler(request)


async def add_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Let a named site's page read the answer."""
    if request.app[ORIGINS]:
        response.headers["Vary"] = "Origin"
    if is_named(request):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
