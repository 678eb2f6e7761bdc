"""Debian's PostgreSQL, started for a test on a socket in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from mirrord.collective.database import Database
from mirrord.collective.migrations import upgrade

PATIENCE_S = 60.0
# It keeps nothing: a test that ends takes everything along.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10s",
    "log_min_messages": "fatal",
}


class Postgres:
    """One server; each database in it is a copy of one whose tables are made."""

    def __init__(self, folder: Path, options: dict[str, str]) -> None:
        self.folder = folder
        self._options = OPTIONS | options
        self._process: subprocess.Popen[bytes] | None = None
        self._has_template = False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def start(self) -> None:
        data = self.folder / "data"
        if not data.exists():
            made = [*_as_nobody(), program("initdb"), "-D", data, "-A", "trust", "-U", "postgres"]
            made += ["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
            subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)
        command = [*_as_nobody(), program("postgres"), "-D", data, "-k", self.folder]
        for name, value in self._options.items():
            command += ["-c", f"{name}={value}"]
        self._process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        ready = [program("pg_isready"), "-q", "-h", self.folder, "-U", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, "postgres did not start"
            assert time.monotonic() < end
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)
            self._process = None

    async def database(self) -> str:
        """Return the address of a new database with all tables."""
        name = f"test_{secrets.token_hex(6)}"
        if not self._has_template:
            await self.run("CREATE DATABASE made")
            async with Database.open(self.url("made"), 2) as database:
                await upgrade(database)
            self._has_template = True
        await self.run(f"CREATE DATABASE {name} TEMPLATE made STRATEGY file_copy")
        return self.url(name)

    async def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def run(self, statement: str) -> None:
        """Do something in the server's own database."""
        connection = await asyncpg.connect(
            host=str(self.folder), user="postgres", database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextlib.contextmanager
def postgres(**options: str) -> Iterator[Postgres]:
    """Run a server, in a folder that its user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="mood-pg-", dir="/tmp"))
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Postgres(folder, options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def program(name: str) -> str:
    """Return where Debian puts a program of PostgreSQL's, of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else name


def _as_nobody() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.getuid():
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
