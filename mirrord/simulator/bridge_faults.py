"""The ways in which a simulated bridge can misbehave on the wire."""

from __future__ import annotations

import asyncio
from typing import Literal

from aiohttp import web

Misbehaviour = Literal["hang", "slow", "truncate", "garbage", "busy", "overloaded"]
# Those in which a command still takes effect, only its answer does not arrive.
EFFECTIVE = ("slow", "truncate")
SLOW_S = 1.0  # between two bytes


async def misbehave(
    how: Misbehaviour, request: web.BaseRequest, answer: web.Response
) -> web.StreamResponse:
    """Give `answer` in the wrong way.

    hang: never. slow: a byte a second. truncate: half of it, then the connection is cut.
    garbage: text that is no JSON. busy: status 429. overloaded: error 901.
    """
    match how:
        case "hang":
            await asyncio.Event().wait()
        case "slow" | "truncate":
            return await _in_pieces(how, request, answer)
        case "busy":
            return web.Response(status=429, text="Too Many Requests")
        case "overloaded":
            said = "Internal error, 503"
            error = {"type": 901, "address": "/", "description": said}
            return web.json_response([{"error": error}])
    return web.Response(text="<html>It works!</html>", content_type="text/html")


async def _in_pieces(
    how: Misbehaviour, request: web.BaseRequest, answer: web.Response
) -> web.StreamResponse:
    body = answer.body if isinstance(answer.body, bytes) else b""
    stream = web.StreamResponse(headers={"Content-Type": "application/json"})
    stream.content_length = len(body)
    await stream.prepare(request)
    if how == "truncate":
        await stream.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.close()
        return stream
    for at in range(len(body)):
        await stream.write(body[at : at + 1])
        await asyncio.sleep(SLOW_S)
    return stream
