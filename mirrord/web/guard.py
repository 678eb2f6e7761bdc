"""Who may talk to the page: its own addresses and its own scripts, nobody else's."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp import web

from mirrord.pages.policy import CONTENT_POLICY
from mirrord.web.reply import Handler, failure

HOSTS: web.AppKey[set[str]] = web.AppKey("hosts", set)

# Endings that the public DNS can never answer for: a stranger's page cannot take such a name.
_PRIVATE = ("", ".local", ".lan", ".home.arpa", ".internal", ".localdomain")

_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), "
        "fullscreen=(self), screen-wake-lock=(self)"
    ),
    "Referrer-Policy": "no-referrer",
    "Server": "mirrord",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def own_names() -> set[str]:
    """Return the names by which browsers at home reach this machine."""
    name = socket.gethostname().lower().split(".")[0]
    return {name + ending for ending in _PRIVATE}


def is_own_host(header: str | None, names: set[str]) -> bool:
    """Tell whether a Host header names this machine: a rebound foreign name does not."""
    if not header:
        return False
    try:
        host = (urlsplit("//" + header).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost") or host in names:
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_same_origin(request: web.Request) -> bool:
    """Tell whether the page itself asks. A program that is no browser sends neither header."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def bears_token(request: web.Request) -> bool:
    """Tell whether a program asks by its token alone.

    A browser sends a foreign page's token only after asking first (CORS), which is never granted.
    """
    return "Authorization" in request.headers and "Cookie" not in request.headers


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse foreign names (DNS rebinding), and changes that a foreign page asks for."""
    if not is_own_host(request.headers.get("Host"), request.app[HOSTS]):
        return failure(
            403,
            "The mirror does not answer to that name; use its IP address, its host name, "
            "or set [web] host to the name.",
        )
    is_socket = request.path == "/live" or request.path.startswith("/ws/")
    changes = request.method not in ("GET", "HEAD", "OPTIONS") or is_socket
    if changes and not is_same_origin(request) and not bears_token(request):
        return failure(403, "Only the mirror's own page may do that.")
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add to every answer what keeps browsers strict; a document may widen its own policy."""
    own_policy = response.headers.get("Content-Security-Policy", CONTENT_POLICY)
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = own_policy
    response.headers.setdefault("Cache-Control", _cache_rule(request.path))


def _cache_rule(path: str) -> str:
    if path.startswith("/fonts/"):
        return "public, max-age=86400"
    return "no-cache" if path.startswith("/static/") else "no-store"
