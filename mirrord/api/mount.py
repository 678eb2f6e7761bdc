"""The route table on an application: each row becomes a route, checked as the row says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from mirrord.api.addresses import addresses
from mirrord.api.caller import require
from mirrord.api.paging import Page, page_of
from mirrord.api.reply import Handler, json_response, success
from mirrord.api.resource import Resource
from mirrord.api.validation import body_of, checked, query_of

PREFIX = "/emotions/"


def mount(app: web.Application, resources: Iterable[Resource], source: Any) -> None:
    """Add the routes, answered from `source`: the records, or what else these resources tell of.

    Each is answered with and without its last slash.
    """
    for resource in resources:
        handler = _handler(resource, source)
        path = PREFIX + resource.path
        for address in addresses(path):
            app.router.add_route(resource.method, address, handler)
            if resource.method == "GET":
                app.router.add_route("HEAD", address, handler)


def _handler(resource: Resource, source: Any) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        caller = require(request, resource.scope)
        asked = await _asked(request, resource)
        found = await resource.answerer(source, caller, asked)
        if resource.paged:
            return json_response(_page(request, found, asked))
        return success(resource.summary, found, resource.status)

    return answer


async def _asked(request: web.Request, resource: Resource) -> msgspec.Struct:
    query: dict[str, Any] = {**query_of(request)}
    if not resource.has_body:
        return checked(_joined(query, request), resource.asked, words=True)
    checked(query, _NoQuery)
    return checked(_joined(await body_of(request), request), resource.asked)


class _NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change is asked for in the body, never in the query."""


def _joined(data: dict[str, Any], request: web.Request) -> dict[str, Any]:
    """Add what the path names; a body or a query that names it too is refused as unknown."""
    clash = {name: value for name, value in data.items() if name in request.match_info}
    checked(clash, _NoQuery)
    return {**data, **request.match_info}


def _page(request: web.Request, found: Any, asked: Any) -> Page[Any]:
    address = str(request.url.origin().with_path(request.path))
    return page_of(found, asked, address, query_of(request))
