"""What somebody asked, as the struct that says what may be asked; the one way to check it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from mirrord.api.reply import Rejected
from mirrord.runtime.settings import explain

T = TypeVar("T", bound=msgspec.Struct)
BODY_S: Final = 10.0
_MOST_PARAMETERS: Final = 32


def checked(data: Mapping[str, Any], kind: type[T], *, words: bool = False) -> T:
    """Return `data` as `kind`; with `words`, numbers may be written as text, as in a query.

    Raises Rejected naming the parameter and what was expected.
    """
    for key, value in data.items():
        # To Python's regular expressions a text may end in a line break and still match.
        if isinstance(value, str) and value.endswith("\n"):
            said = f"{key}: must not end in a line break"
            raise Rejected(said, details={key: said})
    try:
        return msgspec.convert(data, kind, strict=not words)
    except msgspec.ValidationError as error:
        key, said = explain(str(error), data, kind, thing="parameter")
        raise Rejected(said, details={key: said} if key else None) from None


def query_of(request: web.Request) -> dict[str, str]:
    """Return the query's parameters. Raises Rejected where it is no UTF-8 or repeats one."""
    raw = request.raw_path.partition("?")[2]
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeError:
        raise Rejected("The query is not encoded in UTF-8.") from None
    except ValueError:
        raise Rejected(f"The query has more than {_MOST_PARAMETERS} parameters.") from None
    query = dict(pairs)
    if len(query) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Rejected(f"{twice}: is given more than once", details={twice: "give it once"})
    return query


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises Rejected; HTTPException for time and size."""
    if request.content_type != "application/json":
        raise Rejected("Send the body as JSON, with Content-Type: application/json.", 415)
    try:
        async with asyncio.timeout(BODY_S):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise Rejected("The body did not arrive whole, or is not encoded as it says.") from None
    return object_in(body)


def object_in(text: bytes | str) -> dict[str, Any]:
    """Return the JSON object that a text holds. Raises Rejected."""
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Rejected(f"This is no valid JSON: {error}.") from None
    except RecursionError:
        raise Rejected("The JSON is nested too deeply.") from None
    if not isinstance(data, dict):
        raise Rejected('Send a JSON object, such as {"joy": 0.5}.')
    return data
