"""Which right each address takes. What is not named here takes the most: reading or controlling."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mirrord.api.caller import Scope
from mirrord.web.pages import PAGES

AUTH: Final = "/emotions/auth/"

# None tells anything about anybody: files, words, the ways in, and what visitors have to be told.
_PUBLIC_FOLDERS: Final = ("/static/", "/fonts/", "/words/")
_PUBLIC: Final = frozenset(
    {
        ("GET", "/login"),
        ("GET", "/welcome"),
        ("GET", "/notice"),
        ("GET", "/notice/facts"),
        ("GET", "/address.svg"),
        ("GET", f"{AUTH}me/"),
        ("POST", f"{AUTH}welcome/"),  # takes the one-time code
        ("POST", f"{AUTH}register/"),  # takes the code, or an owner
        ("POST", f"{AUTH}login/"),
        ("POST", f"{AUTH}session/"),
        ("DELETE", f"{AUTH}session/"),  # signing out of nothing does no harm
    }
)
# Documents without data, and the mood as it is now.
_LOOK: Final = frozenset({"/mirror", "/account", "/state", "/live"})
# What anybody who has signed in may do with their own account.
_OWN: Final = frozenset(
    {
        f"{AUTH}{name}"
        for name in (
            "logout/",
            "profile/",
            "profile/update/",
            "password/",
            "sessions/",
            "sessions/{id}/",
        )
    }
)


def rule_of(request: web.Request) -> Scope | None:
    """Return the right that a request takes; None if it takes none, or leads nowhere."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    return rule(request.method, resource.canonical, frozenset(request.app[PAGES].values()))


def rule(method: str, path: str, pages: frozenset[str] = frozenset()) -> Scope | None:
    """Return the right that a route takes, `path` as the router names it."""
    reads = method in ("GET", "HEAD")
    slashed = path.rstrip("/") + "/"
    asked = {("GET" if reads else method, one) for one in (path, slashed)}
    if path.startswith(_PUBLIC_FOLDERS) or asked & _PUBLIC:
        return None
    if slashed in _OWN or (reads and path in pages | _LOOK):
        return "look"
    return "read" if reads else "control"


def is_document(request: web.Request) -> bool:
    """Tell whether a person opens a page, who is shown the way in instead of a refusal."""
    if request.method != "GET" or request.path.startswith("/emotions/"):
        return False
    return "text/html" in request.headers.get("Accept", "")
