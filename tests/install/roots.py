"""Fresh Debian systems in a folder, made from the mirror that this machine's apt uses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.packages import ROOT, run

_MAKE, _INSIDE = ROOT / "scripts/roots/make.sh", ROOT / "scripts/roots/inside.sh"
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


@dataclass(frozen=True, slots=True)
class Root:
    """A system in a folder."""

    path: Path

    def does(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in it, with mounts and processes of its own."""
        return subprocess.run(
            ["sh", str(_INSIDE), str(self.path), *words],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=2400,
        )

    def runs(self, *words: str, typed: str = "") -> str:
        """Run a command that has to succeed; return all that it said."""
        done = self.does(*words, typed=typed)
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


def debian(path: Path, arch: str, include: Iterable[str], *options: str, suite: str = "") -> Root:
    """Make a small system for a processor, of this machine's release if none is named.

    One for 32 bit comes without the security updates, which few mirrors keep for all.
    """
    env = os.environ | {"UPDATES": "yes" if arch in ("amd64", "arm64") else "no"}
    what = (suite or own_suite(), arch, path, ",".join(include))
    run("sh", _MAKE, *what, *options, env=env, timeout=2400)
    return Root(path)


def own_suite() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next(one.partition("=")[2] for one in lines if one.startswith("VERSION_CODENAME="))


def own_arch() -> str:
    return run("dpkg", "--print-architecture").stdout.strip()


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
    # Which devices a unit may open its systemd tells the kernel in a program for a cgroup v2.
    filters = "--system-call-filter=bpf"
    subprocess.run(
        ["systemd-nspawn", "--quiet", "--directory", str(root.path), "--boot", *alone, filters],
        env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=limit_s,
        check=False,
    )
    return (root.path / "probe.out").read_text()
