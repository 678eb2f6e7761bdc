"""A network between a driver and its peer, that remembers what went over it."""

from __future__ import annotations

from mirrord.simulator import proxy


class TcpProxy(proxy.TcpProxy):
    """`sent` has every byte that went to the target."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.sent = bytearray()

    def passed(self, piece: bytes) -> None:
        self.sent += piece
