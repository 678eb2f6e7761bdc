"""One shape for every answer, and no failure without a sentence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from mirrord.errors import ConfigError, MirrorError

log = logging.getLogger(__name__)
STATIC = Path(__file__).with_name("static")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    408: "The request did not arrive in time.",
    413: "The body is larger than 16 KiB.",
}


def json_response(data: object, status: int = 200) -> web.Response:
    """Return `data` as JSON; a number that JSON cannot say becomes null."""
    return web.Response(
        body=msgspec.json.encode(data), status=status, content_type="application/json"
    )


def success(message: str, data: object) -> web.Response:
    """Return the envelope of an answer that worked."""
    return json_response({"success": True, "message": message, "data": data, "status_code": 200})


def failure(status: int, message: str, details: dict[str, Any] | None = None) -> web.Response:
    """Return the envelope of an answer that did not."""
    body = {
        "success": False,
        "error": True,
        "message": message,
        "details": details or {},
        "status_code": status,
    }
    return json_response(body, status)


@web.middleware
async def speak_plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into the one shape, or into a page where a person looks at it."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _http_failure(request, error)
    except ConfigError as error:
        return failure(400, str(error))
    except MirrorError as error:
        return failure(503, str(error))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return failure(500, "The mirror could not answer; its log says why.")


def _http_failure(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        return error
    if error.status == HTTPStatus.NOT_FOUND and "text/html" in request.headers.get("Accept", ""):
        return web.Response(
            body=(STATIC / "missing.html").read_bytes(), status=404, content_type="text/html"
        )
    response = failure(error.status, _SENTENCES.get(error.status, error.text or error.reason))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
