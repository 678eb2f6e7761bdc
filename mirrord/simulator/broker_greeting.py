"""The first words of a client, read before amqtt reads them.

amqtt takes a CONNECT of MQTT 5 for one of 3.1.1 and waits for more of it, for ever. Brokers that
speak 3.1.1 say at once that they know no other version.
"""

from __future__ import annotations

import asyncio
from typing import Final

SPOKEN: Final = 4  # MQTT 3.1.1
_CONNECT: Final = 0x10
_NAME: Final = b"\x00\x04MQTT"
_REFUSAL: Final = b"\x20\x02\x00\x01"  # CONNACK: this version of MQTT is not spoken here
_LONGEST: Final = 4  # bytes of a packet's length


class Again:
    """A stream whose beginning has been read already, and is read again."""

    def __init__(self, head: bytes, rest: asyncio.StreamReader) -> None:
        self._head, self._rest = head, rest

    async def readexactly(self, count: int) -> bytes:
        head, self._head = self._head[:count], self._head[count:]
        if len(head) == count:
            return head
        return head + await self._rest.readexactly(count - len(head))

    async def read(self, count: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or await self._rest.read(count)

    def feed_eof(self) -> None:
        self._rest.feed_eof()


async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Again | None:
    """Return the stream for amqtt, or None for a client that is turned away.

    Raises asyncio.IncompleteReadError if the client hangs up.
    """
    head = await reader.readexactly(2)
    while head[-1] & 0x80 and len(head) <= _LONGEST:
        head += await reader.readexactly(1)
    length = _length(head[1:])
    if head[0] != _CONNECT or length <= len(_NAME):
        return Again(head, reader)
    hello = await reader.readexactly(len(_NAME) + 1)
    if not hello.startswith(_NAME) or hello[-1] <= SPOKEN:
        return Again(head + hello, reader)
    await _discard(reader, length - len(hello))  # else the kernel would take the answer back
    writer.write(_REFUSAL)
    await writer.drain()
    return None


async def _discard(reader: asyncio.StreamReader, count: int) -> None:
    while count > 0 and (some := await reader.read(min(count, 65_536))):
        count -= len(some)


def _length(encoded: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(encoded))
