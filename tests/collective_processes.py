"""The collective as it runs: processes of the command, which can be killed and started again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.redis_kit import free_port

START_S = 90.0
WIDE = dict.fromkeys(("address_per_minute", "account_per_minute", "mirror_per_minute"), 1_000_000)
WIDE["sockets_per_address"] = 1_000_000


class ApiProcess:
    """One `mirrord collective serve`."""

    def __init__(self, folder: Path, database: str, bus: str = "", **tables: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._file = folder / f"collective-{self.port}.toml"
        self._log = folder / f"collective-{self.port}.log"
        self._process: asyncio.subprocess.Process | None = None
        server = {"port": self.port, "access_log": False}
        given = {
            "server": server,
            "database": {"url": database},
            "bus": {"url": bus},
            "limits": WIDE,
            **tables,
        }
        self._file.write_text("".join(_table(name, table) for name, table in given.items()))

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mirrord", "collective", "serve", "-c", str(self._file)),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self._process.stdout.readline()
        assert str(self.port).encode() in line, self.log

    async def kill(self) -> None:
        """End it at once; nothing is told to anybody."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    async def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        await self._process.communicate()
        return self._process.returncode or 0


@asynccontextmanager
async def api_processes(
    folder: Path, count: int, database: str, bus: str = "", **tables: Any
) -> AsyncIterator[list[ApiProcess]]:
    """Run so many on one database and one bus."""
    found = [ApiProcess(folder, database, bus, **tables) for _ in range(count)]
    try:
        await asyncio.gather(*(one.start() for one in found))
        yield found
    finally:
        await asyncio.gather(*(one.kill() for one in found))


def _table(name: str, table: Mapping[str, Any]) -> str:
    def value(one: Any) -> str:
        return str(one).lower() if isinstance(one, bool) else repr(one).replace("'", '"')

    lines = "".join(f"{key} = {value(one)}\n" for key, one in table.items())
    return f"[{name}]\n{lines}"
