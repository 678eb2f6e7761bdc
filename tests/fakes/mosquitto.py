"""Mosquitto on a free port of 127.0.0.1, started and killed at will."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from mirrord.simulator.broker import free_port

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


class Mosquitto:
    """A broker of its own settings: `users` (name to password), `acl` and `tls` (a folder).

    With `wants_certificate` it lets in only who shows one of its authority.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        acl: str = "",
        tls: Path | None = None,
        wants_certificate: bool = False,
    ) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        lines = ["user root"] if os.geteuid() == 0 else []
        lines += [f"listener {self.port} {self.host}", "persistence false", "log_dest none"]
        lines += [f"allow_anonymous {'false' if users else 'true'}"]
        if users:
            lines.append(f"password_file {self._passwords(users)}")
        if acl:
            (folder / "acl").write_text(acl)
            (folder / "acl").chmod(0o600)
            lines.append(f"acl_file {folder / 'acl'}")
        if tls:
            lines += [f"cafile {tls / 'ca.crt'}", f"certfile {tls / 'broker.crt'}"]
            lines += [f"keyfile {tls / 'broker.key'}"]
            lines += [f"require_certificate {str(wants_certificate).lower()}"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            command("mosquitto"),
            "-c",
            str(self._folder / "mosquitto.conf"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(10):
            while not await self._answers():
                assert self._process.returncode is None, "mosquitto did not start"
                await asyncio.sleep(0.02)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()
        self._process = None

    def _passwords(self, users: Mapping[str, str]) -> Path:
        path = self._folder / "passwords"
        path.touch(mode=0o600)
        for name, password in users.items():
            subprocess.run(
                [command("mosquitto_passwd"), "-b", str(path), name, password], check=True
            )
        return path

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def command(name: str) -> str:
    """Return the path of a program that scripts/setup_tests.sh has installed."""
    found = shutil.which(name, path=PATH)
    assert found, f"{name} is missing: run `make test`, or apt-get install mosquitto"
    return found


def certificates(folder: Path, name: str = "127.0.0.1") -> Path:
    """Make an authority of one's own, a broker's certificate for an address, and a mirror's."""
    folder.mkdir(exist_ok=True)
    (folder / "san").write_text(f"subjectAltName=IP:{name}\nbasicConstraints=CA:FALSE\n")
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl(folder, *new, "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=A test")
    _openssl(folder, *new, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=broker")
    _openssl(folder, *new, "-keyout", "mirror.key", "-out", "mirror.csr", "-subj", "/CN=mirror")
    for one in ("broker", "mirror"):
        sign = ["x509", "-req", "-in", f"{one}.csr", "-CA", "ca.crt", "-CAkey", "ca.key"]
        _openssl(folder, *sign, "-CAcreateserial", "-out", f"{one}.crt", "-extfile", "san")
    return folder


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run([command("openssl"), *words], cwd=folder, check=True, capture_output=True)
