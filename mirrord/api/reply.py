"""One shape for every answer, and no failure without a sentence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from mirrord.api.caller import NotAllowed
from mirrord.credentials.people import Unacceptable
from mirrord.errors import ConfigError, MirrorError

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SENTENCES: Final = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    408: "The request did not arrive in time.",
}


class Rejected(MirrorError):
    """A request that cannot be answered as it is; `details` has a sentence for each parameter."""

    def __init__(
        self, sentence: str, status: int = 400, details: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.details = dict(details or {})


class Success(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of an answer that worked."""

    success: bool = True
    message: str
    data: object
    status_code: int = 200


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of an answer that did not work; `details` has a sentence for each parameter."""

    success: bool = False
    error: bool = True
    message: str
    details: dict[str, Any]
    status_code: int


def json_response(data: object, status: int = 200) -> web.Response:
    """Return `data` as JSON; a number that JSON cannot say becomes null."""
    return web.Response(
        body=msgspec.json.encode(data), status=status, content_type="application/json"
    )


def success(message: str, data: object, status: int = 200) -> web.Response:
    """Return the envelope of an answer that worked."""
    return json_response(Success(message=message, data=data, status_code=status), status)


def failure(status: int, message: str, details: Mapping[str, object] | None = None) -> web.Response:
    """Return the envelope of an answer that did not."""
    body = Failure(message=message, details=dict(details or {}), status_code=status)
    return json_response(body, status)


@web.middleware
async def speak_plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into the one shape."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _http_failure(request, error)
    except MirrorError as error:
        return _own_failure(error)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return failure(500, "The mirror could not answer; its log says why.")


def _own_failure(error: MirrorError) -> web.Response:
    if isinstance(error, Rejected):
        return failure(error.status, str(error), error.details)
    if isinstance(error, NotAllowed):
        return _not_allowed(error)
    if isinstance(error, Unacceptable):
        return failure(400, str(error), {error.field: error.sentence})
    return failure(400 if isinstance(error, ConfigError) else 503, str(error))


def _not_allowed(error: NotAllowed) -> web.Response:
    response = failure(403 if error.known else 401, str(error))
    if not error.known:  # RFC 9110, 11.6.1: a 401 says how to sign in
        response.headers["WWW-Authenticate"] = "Token"
    return response


def _http_failure(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error  # a redirection is no failure
    if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        sentence = f"The body is larger than {request.client_max_size // 1024} KiB."
    else:
        sentence = _SENTENCES.get(error.status, error.text or error.reason)
    response = failure(error.status, sentence)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
