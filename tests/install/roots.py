"""Fresh Debian systems in a folder, made from the mirror that this machine's apt uses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.packages import run

# Comes and goes with apt and dpkg themselves.
_NOISE = (
    "/var/lib/dpkg",
    "/var/lib/apt",
    "/var/cache",
    "/var/log",
    "/tmp",
    "/proc",
    "/dev",
    "/run",
)
_INSIDE = """
mkdir -p "$0/proc" "$0/tmp"
mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 /usr/sbin/chroot "$0" "$@"
"""


@dataclass(frozen=True, slots=True)
class Root:
    """A system in a folder."""

    path: Path

    def does(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, with mounts and processes of its own."""
        shell = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _INSIDE)
        return subprocess.run(
            [*shell, str(self.path), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def runs(self, *words: str) -> str:
        """Run a command that has to succeed; return all that it said."""
        done = self.does(*words)
        assert done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def files(self) -> set[str]:
        """Return the path of everything in it, but for what apt and dpkg keep for themselves."""
        found = set()
        for folder, folders, files in os.walk(self.path):
            here = "/" + os.path.relpath(folder, self.path)
            folders[:] = [one for one in folders if not os.path.join(here, one).startswith(_NOISE)]
            found |= {os.path.normpath(f"{here}/{name}") for name in (*folders, *files)}
        return found


def debian(path: Path, arch: str, include: Iterable[str], *options: str) -> Root:
    """Make a small system of this machine's release for a processor.

    Those of other processors come without the security updates, which few mirrors keep for all.
    """
    release = _release()
    command = ["mmdebstrap", "--mode=root", f"--architectures={arch}", "--variant=minbase"]
    command += [f"--include={','.join(include)}", *_as_this_machine(), *options]
    own = arch == run("dpkg", "--print-architecture").stdout.strip()
    run(*command, release, path, *_sources(release, updates=own), timeout=1800)
    return Root(path)


def _release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next(one.partition("=")[2] for one in lines if one.startswith("VERSION_CODENAME="))


def _sources(release: str, updates: bool) -> Sequence[str]:
    """Return Debian's own archives as apt has them, the release and its security updates."""
    shown = "$(REPO_URI)|$(CODENAME)|$(SUITE)|$(COMPONENT)|$(LABEL)|$(RELEASE)"
    said = run("apt-get", "indextargets", "--format", shown, "Created-By: Packages").stdout
    rows = {tuple(line.split("|")) for line in said.splitlines()}
    found = sorted(
        f"deb {where} {suite} {component}"
        for where, _, _, component, label, suite in rows
        if label in ("Debian", "Debian-Security")
        and (suite == release or (updates and suite.startswith(release)))
    )
    assert found, "apt knows no Debian archive: run `apt-get update`"
    return found


def _as_this_machine() -> list[str]:
    """Return what apt was told of the way to its archives and of its clock."""
    kept = ("Acquire::http", "Acquire::https", "Acquire::Check", "Acquire::Retries")
    said = run("apt-config", "dump").stdout.splitlines()
    lines = [line for line in said if line.startswith(kept) and not line.endswith('"";')]
    return [f"--aptopt={line.rstrip(';')}" for line in lines]


_PROBE = """[Unit]
After=mirrord.service
[Service]
Type=exec
ExecStart=/bin/sh -c 'sh /probe.sh >/probe.out 2>&1; systemctl poweroff'
[Install]
WantedBy=multi-user.target
"""


def booted(root: Root, script: str, limit_s: float = 600) -> str:
    """Boot the system (its own systemd, without a network), run a script, shut it down.

    Return what the script said.
    """
    (root.path / "probe.sh").write_text(script)
    units = root.path / "etc/systemd/system"
    (units / "probe.service").write_text(_PROBE)
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    wanted = units / "multi-user.target.wants/probe.service"
    if not wanted.is_symlink():
        wanted.symlink_to("../probe.service")
    alone = ("--private-network", "--register=no", "--keep-unit", "--console=pipe")
    subprocess.run(
        ["systemd-nspawn", "--quiet", "--directory", str(root.path), "--boot", *alone],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=limit_s,
        check=False,
    )
    return (root.path / "probe.out").read_text()
