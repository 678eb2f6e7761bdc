"""The Debian package in a system that is really booted: the unit as systemd runs it."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import pytest
import skimage.data

from tests.install.roots import Root, booted, debian
from tests.packages import run

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]
PROBE = """
is_up() { for _ in $(seq 120); do systemctl is-active --quiet mirrord && return; sleep 1; done; }
shown() { systemctl show --value --property "$1" mirrord; }
count() { python3 -c "import sqlite3
file = sqlite3.connect('/var/lib/mirrord/mirror.sqlite3')
print(file.execute('select count(*) from readings').fetchone()[0])"; }
filters() { grep Seccomp_filters /proc/$1/status | cut -f2; }
is_up
pid=$(shown MainPID)
echo "type $(shown Type), user $(stat -c %U:%u /proc/$pid), status $(shown StatusText)"
grep -E '^(CapEff|NoNewPrivs|Groups)' /proc/$pid/status
for _ in $(seq 60); do [ "$(count)" -gt 2 ] && break; sleep 1; done
echo "readings $(count)"
for child in $(cat /proc/$pid/task/*/children); do
    echo "vision $(filters $child) $(filters $pid)"
done
stat -c 'secret %a %u %s' /run/credentials/mirrord.service/secrets_mqtt.password
stat -c 'records %a %n' /var/lib/private/mirrord /var/lib/private/mirrord/*.sqlite3
mirrord code -c /etc/mirrord/mirrord.toml
before=$(shown WatchdogTimestampMonotonic); sleep 8; after=$(shown WatchdogTimestampMonotonic)
[ "$after" -gt "$before" ] && echo "the watchdog is fed"
kill -STOP "$pid"
for _ in $(seq 60); do [ "$(shown NRestarts)" -gt 0 ] && break; sleep 1; done
is_up
echo "restarts $(shown NRestarts), now $(shown ActiveState)"
journalctl --unit mirrord --no-pager
"""


@pytest.fixture(scope="module")
def root(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    depends = run("dpkg-deb", "-f", package, "Depends").stdout
    names = {one.split()[0] for one in depends.split(",")} | {"systemd", "systemd-sysv", "dbus"}
    arch = run("dpkg", "--print-architecture").stdout.strip()
    root = debian(tmp_path_factory.mktemp("booted") / "root", arch, sorted(names))
    (root.path / package.name).write_bytes(package.read_bytes())
    root.runs("apt-get", "install", "-y", f"/{package.name}")
    return prepared(root)


def prepared(root: Root) -> Root:
    """A face to look at, a secret, and a watchdog that need not be waited for as long."""
    face = root.path / "srv/face"
    face.mkdir(exist_ok=True)
    cv2.imwrite(str(face / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    settings = root.path / "etc/mirrord/mirrord.toml"
    settings.write_text(
        re.sub(r"^source = 0 ", 'source = "/srv/face" ', settings.read_text(), flags=re.M)
    )
    secret = root.path / "etc/mirrord/secrets/mqtt.password"
    secret.write_text("a secret\n")
    secret.chmod(0o600)
    sooner = root.path / "etc/systemd/system/mirrord.service.d/sooner.conf"
    sooner.parent.mkdir(parents=True, exist_ok=True)
    sooner.write_text("[Service]\nWatchdogSec=15\n")
    return root


def test_the_unit_starts_looks_is_watched_and_comes_back(root: Root):
    holds(booted(root, PROBE))


def holds(said: str) -> None:
    """See that all is as the documents promise."""
    assert re.search(r"type notify, user \S+:6[0-9]{4}, status Page at http://", said), said
    assert re.search(r"CapEff:\s*0+$", said, re.MULTILINE)
    assert re.search(r"NoNewPrivs:\s*1$", said, re.MULTILINE)
    assert int(re.findall(r"readings (\d+)", said)[0]) > 2, said
    vision, mirror = map(int, re.findall(r"vision (\d+) (\d+)", said)[0])
    assert vision > mirror  # its own filter, which refuses sockets
    assert re.search(r"secret 4[04]0 (\d+) 9", said)
    assert "records 700 /var/lib/private/mirrord\n" in said
    assert len(re.findall(r"records 600 \S+\.sqlite3", said)) == 2
    assert "Enter it at /welcome" in said
    assert "the watchdog is fed" in said
    assert "Watchdog timeout" in said
    assert "restarts 1, now active" in said
    assert "Traceback" not in said
