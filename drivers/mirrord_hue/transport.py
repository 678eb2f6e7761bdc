"""One connection to a bridge: kept alive, bounded in time, over HTTPS with a pinned certificate."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mirrord.driver import MirrorError, Refused, Unavailable
from mirrord_hue.settings import Address

STEP_S = 3.0  # for one socket operation; the whole exchange is bounded by whoever calls `abort`
MAX_BYTES = 8 * 1024 * 1024  # a full bridge answers with some hundred kilobytes
_STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    retry_after: str | None
    body: bytes


class Link:
    """Talks to a bridge, one exchange at a time; `abort` may be called from another thread."""

    def __init__(self, address: Address, tls: bool, pin: str | None = None) -> None:
        self.who = f"the Hue bridge at {address}"
        self.certificate: str | None = None  # SHA-256 of the certificate seen, in hexadecimal
        self._address = address
        self._tls = _context() if tls else None
        self._pin = pin
        self._connection: http.client.HTTPConnection | None = None
        self._aborted: http.client.HTTPConnection | None = None

    def open(self) -> None:
        """Connect, if that was not done yet. Raises as `exchange` does."""
        with self._in_words():
            self._connected()

    def exchange(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request and return the answer. Raises Unavailable, or Refused for a wrong pin."""
        with self._in_words():
            return self._exchange(method, path, body)

    def abort(self) -> None:
        """End the exchange that is going on, if any."""
        connection = self._connection
        self._aborted = connection
        sock = connection.sock if connection is not None else None
        if sock is not None:
            with suppress(OSError):
                # Not the method of an SSLSocket, which would take its state from under the reader.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; the next exchange opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Close the connection after a failure, and say what happened."""
        try:
            yield
        except MirrorError:
            self.close()
            raise
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            self.close()
            # The path holds the key, and the library's message may hold the path.
            raise Unavailable(f"{self.who} {_reason(error)}") from None

    def _exchange(self, method: str, path: str, body: bytes | None) -> Answer:
        reused = self._connection is not None
        try:
            return self._once(method, path, body)
        except _STALE:
            # A bridge closes a connection that lay idle; a command says the same when said twice.
            if not reused or self._connection is self._aborted:
                raise
            self.close()
            return self._once(method, path, body)

    def _once(self, method: str, path: str, body: bytes | None) -> Answer:
        connection = self._connected()
        connection.request(method, path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            text = response.read(MAX_BYTES + 1)
            reusable = response.isclosed() and not response.will_close
        if not reusable:
            self.close()
        return Answer(response.status, response.getheader("Retry-After"), text)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is not None and self._connection is not self._aborted:
            return self._connection
        self.close()
        where = (self._address.host, self._address.port)
        if self._tls is None:
            connection = http.client.HTTPConnection(*where, timeout=STEP_S)
        else:
            connection = http.client.HTTPSConnection(*where, timeout=STEP_S, context=self._tls)
        connection.auto_open = 0  # a connection closed from another thread must stay closed
        self._connection = connection
        connection.connect()
        if connection is self._aborted:
            connection.close()
            raise ConnectionAbortedError
        self._check(connection.sock)
        return connection

    def _check(self, sock: socket.socket) -> None:
        """Compare the bridge's certificate with the one it was paired with, before the key goes."""
        if not isinstance(sock, ssl.SSLSocket):
            return
        self.certificate = hashlib.sha256(sock.getpeercert(binary_form=True) or b"").hexdigest()
        if self._pin is not None and not hmac.compare_digest(self._pin, self.certificate):
            raise Refused(
                f"{self.who} has another certificate than when it was paired; "
                "if it was reset or replaced, run `mirrord pair hue`"
            )


def _context() -> ssl.SSLContext:
    """Return a context for bridges, which sign their own certificates: the pin is the check."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "is not known by that name: check `bridge` under [drivers.hue]"
    if isinstance(error, TimeoutError):
        return "does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections; if it was only ever paired over HTTP, run `mirrord pair hue`"
    if isinstance(error, ssl.SSLError):
        return "does not speak HTTPS as it should"
    if isinstance(error, OSError) and not isinstance(error, _STALE):
        return f"cannot be reached: {error.strerror or 'the connection broke'}"
    return "broke off in the middle of an answer"
