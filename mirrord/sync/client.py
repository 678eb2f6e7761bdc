"""Asking a collective: one connection for each request, nothing followed, nothing believed."""

from __future__ import annotations

import gzip
import ssl
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import msgspec

import mirrord
from mirrord.errors import ConfigError
from mirrord.runtime.counting import Meter
from mirrord.runtime.outward import TROUBLE, Answer, moment_ms, send, sentence, trust_of

T = TypeVar("T")
_MOST_BYTES: Final = 2 * 1024 * 1024  # of an answer
_SMALL: Final = 512  # what is shorter is not worth packing


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
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


class Collective:
    """One collective at `url`."""

    def __init__(self, url: str, ca_file: str = "", timeout_s: float = 30.0) -> None:
        self.url = url
        self._ca_file = ca_file
        self._timeout_s = timeout_s

    async def ask(self, method: str, path: str, body: object = None, credential: str = "") -> Heard:
        """Send a request and return what came of it; only a mistake in the settings is raised."""
        data, headers = _packed(body)
        if credential:
            headers["Authorization"] = f"Mirror {credential}"
        meter = Meter()
        try:
            answer = await send(
                method,
                self.url + path,
                meter,
                headers=headers,
                data=data,
                trust=await self._trust(),
                timeout_s=self._timeout_s,
                most_bytes=_MOST_BYTES,
            )
            heard = _heard(answer)
        except TROUBLE as error:
            heard = Heard(0, sentence(error))
        return replace(heard, sent=meter.sent)

    async def _trust(self) -> ssl.SSLContext | bool:
        try:
            return await trust_of(self.url, self._ca_file)
        except OSError as error:
            reason = error.strerror or error
            raise ConfigError(f"[sync] ca_file: {self._ca_file} cannot be used: {reason}") from None


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


def _heard(answer: Answer) -> Heard:
    wait_s, date_ms = answer.retry_after_s, moment_ms(answer.headers.get("Date"))
    if answer.elsewhere:
        where = answer.headers.get("Location", "elsewhere")[:100]
        said = f"It points to {where}; link the mirror with the address that is meant."
        return Heard(answer.status, said, b"null", wait_s, date_ms)
    try:
        envelope = msgspec.json.decode(answer.body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = f"It answered {answer.status} and what no collective says."
        return Heard(answer.status if answer.status >= 400 else 0, said, b"null", wait_s, date_ms)
    said = envelope.message[:300] or f"It answered {answer.status}."
    return Heard(answer.status, said, bytes(envelope.data), wait_s, date_ms)
