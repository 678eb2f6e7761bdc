"""Asking a collective: one connection for each request, nothing followed, nothing believed."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, TypeVar

import aiohttp
import msgspec

import mirrord
from mirrord.errors import ConfigError
from mirrord.sync.counting import Meter

T = TypeVar("T")
_MOST_BYTES: Final = 2 * 1024 * 1024  # of an answer
_LONGEST_WAIT_S: Final = 86_400.0
_SMALL: Final = 512  # what is shorter is not worth packing
# What a request takes beside its body: its head, and what TLS adds.
HEAD_BYTES: Final = 2_048


class _Envelope(msgspec.Struct):
    """The one shape of the collective's answers."""

    success: bool = False
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a request: `status` 0 if nothing did, and then whether it arrived is unknown."""

    status: int
    said: str  # one sentence
    data: bytes = b"null"
    retry_after_s: float | None = None
    date_ms: int | None = None  # the collective's clock
    sent: int = 0  # bytes, all of them

    @property
    def worked(self) -> bool:
        return 200 <= self.status < 300

    def as_(self, kind: type[T]) -> T | None:
        """Return the data, None if it is not what was promised."""
        try:
            return msgspec.json.decode(self.data, type=kind)
        except (msgspec.DecodeError, RecursionError):
            return None


class Collective:
    """One collective at `url`. Each request has its own connection.

    So no answer can be taken for another's: not a late one, and not one that came twice.
    """

    def __init__(self, url: str, ca_file: str = "", timeout_s: float = 30.0) -> None:
        self.url = url
        self._ca_file = ca_file
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, 15.0))

    async def ask(self, method: str, path: str, body: object = None, credential: str = "") -> Heard:
        """Send a request and return what came of it; only a mistake in the settings is raised."""
        data, headers = _packed(body)
        if credential:
            headers["Authorization"] = f"Mirror {credential}"
        meter = Meter()
        try:
            heard = await self._send(method, path, data, headers, meter)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            heard = Heard(0, _sentence(error))
        return Heard(
            heard.status, heard.said, heard.data, heard.retry_after_s, heard.date_ms, meter.sent
        )

    async def _send(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str], meter: Meter
    ) -> Heard:
        trust = await self._trust()
        connector = aiohttp.TCPConnector(
            force_close=True, ssl=trust, socket_factory=meter.socket, use_dns_cache=False
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent",),
                auto_decompress=False,
            ) as session,
            session.request(
                method, self.url + path, data=data, headers=headers, allow_redirects=False
            ) as response,
        ):
            return await _heard(response)

    async def _trust(self) -> ssl.SSLContext | bool:
        if not self.url.startswith("https:"):
            return False
        try:
            return await asyncio.to_thread(_authorities, self._ca_file)
        except OSError as error:
            reason = error.strerror or error
            raise ConfigError(f"[sync] ca_file: {self._ca_file} cannot be used: {reason}") from None


@lru_cache(maxsize=4)
def _authorities(ca_file: str) -> ssl.SSLContext:
    """Return whom to trust; reading hundreds of authorities takes its time, so it is done once."""
    return ssl.create_default_context(cafile=ca_file or None)


def _packed(body: object) -> tuple[bytes | None, dict[str, str]]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": f"mirrord/{mirrord.__version__}",
    }
    if body is None:
        return None, headers
    data = msgspec.json.encode(body)
    headers["Content-Type"] = "application/json"
    if len(data) >= _SMALL:
        headers["Content-Encoding"] = "gzip"
        data = gzip.compress(data, 6, mtime=0)
    return data, headers


async def _heard(response: aiohttp.ClientResponse) -> Heard:
    wait_s = _seconds(response.headers.get("Retry-After"), response.headers.get("Date"))
    date_ms = _moment(response.headers.get("Date"))
    if 300 <= response.status < 400:
        where = response.headers.get("Location", "elsewhere")[:100]
        said = f"It points to {where}; link the mirror with the address that is meant."
        return Heard(response.status, said, b"null", wait_s, date_ms)
    body = await _bounded(response)
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, RecursionError):
        said = f"It answered {response.status} and what no collective says."
        return Heard(
            response.status if response.status >= 400 else 0, said, b"null", wait_s, date_ms
        )
    said = envelope.message[:300] or f"It answered {response.status}."
    return Heard(response.status, said, bytes(envelope.data), wait_s, date_ms)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _MOST_BYTES:
            raise ValueError("it answered without end")
    return bytes(body)


def _seconds(text: str | None, date: str | None) -> float | None:
    """Return a Retry-After (RFC 9110, 10.2.3) in seconds; a date counts from the answer's own."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_WAIT_S)
    until, now = _moment(text), _moment(date)
    if until is None or now is None:
        return None
    return min(max(until - now, 0) / 1000, _LONGEST_WAIT_S)


def _moment(text: str | None) -> int | None:
    try:
        return int(parsedate_to_datetime(text or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _sentence(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return (
            "Its certificate is not valid: it may be somebody else, or this computer's clock is"
            " wrong."
        )
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return "It did not answer in time."
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "Its name is not known: is there a connection to the internet?"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"It cannot be reached ({error.strerror or 'no connection'})."
    if isinstance(error, ValueError):
        return "It answered what cannot be read."
    return "The connection broke off."
