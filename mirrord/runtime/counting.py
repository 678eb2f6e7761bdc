"""Sockets that count what is sent: every byte, also those of TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any


class Meter:
    """How many bytes have left through the sockets that it made."""

    def __init__(self) -> None:
        self.sent = 0

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make a socket for an address as `getaddrinfo` gives it."""
        family, kind, protocol = info[:3]
        made = _Counted(family, kind, protocol)
        made.meter = self
        return made


class _Counted(socket.socket):
    """What the operating system takes is counted, no more and no less."""

    __slots__ = ("meter",)
    meter: Meter

    def send(self, data: Any, flags: int = 0, /) -> int:
        sent = super().send(data, flags)
        self.meter.sent += sent
        return sent

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        self.meter.sent += memoryview(data).nbytes
        super().sendall(data, flags)

    def sendmsg(self, buffers: Iterable[Any], *rest: Any) -> int:
        sent = super().sendmsg(buffers, *rest)
        self.meter.sent += sent
        return sent
