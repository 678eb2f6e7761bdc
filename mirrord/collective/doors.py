"""Which address is for whom. Every route has a rule; the application refuses to start without.

A rule is "public", a scope ("look" is everybody's; "read" and "control" take an account), "account"
(somebody who has signed in with their password, no token), "mirror", "admin", or a role within the
space that the path names: "viewer" (of a public space: everybody), "member", "owner".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from aiohttp import web

from mirrord.api.addresses import addresses
from mirrord.api.caller import Scope
from mirrord.api.mount import PREFIX
from mirrord.api.reply import Handler
from mirrord.api.resource import Resource

SpaceRole = Literal["viewer", "member", "owner"]
Rule = Literal["public", "account", "mirror", "admin"] | Scope | SpaceRole
SPACE_ROLES: Final[tuple[SpaceRole, ...]] = ("viewer", "member", "owner")

Doors = dict[tuple[str, str], Rule]
DOORS: web.AppKey[Doors] = web.AppKey("doors", dict)


def add(app: web.Application, method: str, path: str, rule: Rule, handler: Handler) -> None:
    """Add a route with its rule; with a slash at its end it answers without, too."""
    for address in addresses(path):
        app.router.add_route(method, address, handler)
        app[DOORS][method, address] = rule
        if method == "GET":
            app.router.add_route("HEAD", address, handler)
            app[DOORS]["HEAD", address] = rule


def allow(app: web.Application, resources: Iterable[Resource]) -> None:
    """Take over the scopes of resources that `mirrord.api.mount` has added."""
    for one in resources:
        path = PREFIX + one.path
        for address in addresses(path):
            for method in ("GET", "HEAD") if one.method == "GET" else (one.method,):
                app[DOORS][method, address] = one.scope


def allow_paths(app: web.Application, prefix: str, rule: Rule) -> None:
    """Give the routes below a prefix that have no rule yet this one."""
    for method, path in routes(app):
        if path.startswith(prefix):
            app[DOORS].setdefault((method, path), rule)


def routes(app: web.Application) -> list[tuple[str, str]]:
    """Return the method and the path, as the router names it, of all that is answered."""
    found = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    }
    return sorted(found)


def rule_of(request: web.Request) -> Rule | None:
    """Return the rule of a request; None where it leads nowhere."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    return request.app[DOORS][request.match_info.route.method, resource.canonical]


async def check_doors(app: web.Application) -> None:
    """Refuse to start with a route that has no rule."""
    bare = [f"{method} {path}" for method, path in routes(app) if (method, path) not in app[DOORS]]
    if bare:
        raise AssertionError(f"without a rule: {', '.join(bare)}")
