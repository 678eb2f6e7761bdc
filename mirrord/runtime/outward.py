"""Requests that leave the house: one connection each, every byte counted, nothing followed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

import aiohttp

from mirrord.runtime.counting import Meter

# What a request takes beside its body: its head, and what TLS adds (its first message alone has
# 1.7 kB where it offers keys that hold against quantum computers, too).
HEAD_BYTES: Final = 4_096
TROUBLE: Final = (aiohttp.ClientError, OSError, ValueError)  # what `send` raises
_CONNECT_S: Final = 15.0
_LONGEST_WAIT_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. One that points elsewhere has no body: nobody reads it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def elsewhere(self) -> bool:
        return 300 <= self.status < 400

    @property
    def retry_after_s(self) -> float | None:
        """Return how long to wait (RFC 9110, 10.2.3); a date counts from the answer's own."""
        text, now = self.headers.get("Retry-After"), moment_ms(self.headers.get("Date"))
        if text is None:
            return None
        if text.strip().isdecimal():
            return min(float(text), _LONGEST_WAIT_S)
        until = moment_ms(text)
        if until is None or now is None:
            return None
        return min(max(until - now, 0) / 1000, _LONGEST_WAIT_S)


async def send(
    method: str,
    url: str,
    meter: Meter,
    *,
    headers: Mapping[str, str],
    data: bytes | None = None,
    trust: ssl.SSLContext | bool,
    timeout_s: float,
    most_bytes: int,
) -> Answer:
    """Send a request over a connection of its own; no cookie is kept, no redirection followed.

    So no answer can be taken for another's: not a late one, and not one that came twice.
    """
    connector = aiohttp.TCPConnector(
        force_close=True, ssl=trust, socket_factory=meter.socket, use_dns_cache=False
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, _CONNECT_S)),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent",),
            auto_decompress=False,
            middlewares=(_once,),
        ) as session,
        session.request(method, url, data=data, headers=headers, allow_redirects=False) as response,
    ):
        answer = Answer(response.status, response.headers)
        body = b"" if answer.elsewhere else await _bounded(response, most_bytes)
        return Answer(response.status, response.headers, body)


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let a connection that breaks off be known: aiohttp would ask once more without a word."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


async def trust_of(url: str, ca_file: str = "") -> ssl.SSLContext | bool:
    """Return whom to trust for an address. Raises OSError if `ca_file` cannot be used."""
    if not url.startswith("https:"):
        return False
    return await asyncio.to_thread(_authorities, ca_file)


@lru_cache(maxsize=4)
def _authorities(ca_file: str) -> ssl.SSLContext:
    """Return whom to trust; reading hundreds of authorities takes its time, so it is done once."""
    return ssl.create_default_context(cafile=ca_file or None)


async def _bounded(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most_bytes:
            raise ValueError("it answered without end")
    return bytes(body)


def moment_ms(text: str | None) -> int | None:
    """Return a date of HTTP in ms since 1970, None if it is none."""
    try:
        return int(parsedate_to_datetime(text or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


_SAID: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    (
        (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError),
        "Its certificate is not valid: it may be somebody else, or this computer's clock is wrong.",
    ),
    ((TimeoutError,), "It did not answer in time."),
    (
        (aiohttp.ClientConnectorDNSError,),
        "Its name is not known: is there a connection to the internet?",
    ),
    (
        (aiohttp.ClientConnectorSSLError,),
        "It does not speak HTTPS there: in the home network its address may begin http://.",
    ),
)


def sentence(error: Exception) -> str:
    """Say what went wrong with a request."""
    for kinds, said in _SAID:
        if isinstance(error, kinds):
            return said
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"It cannot be reached ({error.strerror or 'no connection'})."
    if isinstance(error, ValueError):
        return "It answered what cannot be read."
    return "The connection broke off."
