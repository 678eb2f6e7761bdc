"""A vision process that is a unit of its own: systemd starts one for each connection to a socket.

The daemon can then do without the camera, and the process without network and files: see
docs/decisions/0022-vision-unit.md. It ends when the connection does; one that hangs is killed by
systemd, whose watchdog it no longer feeds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import Final

from mirrord.errors import MirrorError
from mirrord.sight_pipe import CHUNK

log = logging.getLogger("mirrord.sight")

VARIABLE: Final = "MIRRORD_VISION_SOCKET"  # set by the unit of the mirror
CONNECT_S = 5.0
LET_GO_S = 9.0  # a little longer than the patience of systemd's watchdog
_AGAIN: Final = "`systemctl restart mirrord-vision.socket` starts it"
_LOG: Final = "`journalctl -u 'mirrord-vision@*'` says why"


class Visit:
    """A link to a process that systemd has started for this connection."""

    pid: int | None = None

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def order(self, line: bytes) -> None:
        """Tell it what to do."""
        self._writer.write(line)

    async def read(self) -> bytes:
        """Wait for what it says; nothing more comes after b""."""
        try:
            return await self._reader.read(CHUNK)
        except OSError:
            return b""

    def kill(self) -> None:
        """Leave that to systemd; `close` waits for it."""

    async def ended(self) -> str:
        """Say that it ended: only systemd knows how."""
        return f"the vision process ended without a word; {_LOG}"

    async def close(self) -> None:
        """Have it end. Its end of the connection closes when it is gone, and not before."""
        try:
            with contextlib.suppress(OSError):  # one that is gone already
                self._writer.write_eof()
            async with asyncio.timeout(LET_GO_S):
                while await self.read():
                    pass
        except TimeoutError:
            log.warning("vision: a process that hangs may still hold the camera; %s", _LOG)
        finally:
            self._writer.transport.abort()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()


def socket_path() -> str:
    """Return the address of the unit's socket; "" where the vision process is a child."""
    return os.environ.get(VARIABLE, "")


async def connect(path: str, order: bytes) -> Visit:
    """Have systemd start a process, and give it its order. Raises MirrorError."""
    try:
        async with asyncio.timeout(CONNECT_S):
            visit = Visit(*await asyncio.open_unix_connection(path))
    except TimeoutError:
        raise MirrorError(f"the vision process does not answer at {path}; {_AGAIN}") from None
    except PermissionError:
        raise MirrorError(
            f"the vision process is out of reach: the mirror has to be in the group of {path}"
        ) from None
    except OSError as error:
        raise MirrorError(
            f"there is no vision process: {path} is closed ({error.strerror}); {_AGAIN}"
        ) from None
    visit.order(order)
    return visit
