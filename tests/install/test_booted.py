"""The Debian package in a system that is really booted: the unit as systemd runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import skimage.data

from tests.install.roots import Root, booted, own_arch
from tests.install.vision_probe import PROBE as VISION
from tests.install.vision_probe import attack, with_webcam
from tests.packages import newer

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

HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
COLLECTIVE = """
shown() { systemctl show --value --property "$1" mirrord-collective; }
systemctl start mirrord-collective
echo "without settings: $(shown ActiveState), $(shown ConditionResult)"
cp /usr/share/doc/mood-mirror/examples/collective.toml /etc/mirrord/
systemctl start mirrord-collective && echo "started: $(shown Type), $(shown StatusText)"
python3 -c "import urllib.request as ask
print('answer', ask.urlopen('http://127.0.0.1:8090/health/ready', timeout=10).read().decode())"
echo "user $(stat -c %U:%u /proc/$(shown MainPID))"
grep -E '^(CapEff|NoNewPrivs)' /proc/$(shown MainPID)/status
cd /var/lib/private
stat -c 'records %a %n' mirrord-collective mirrord-collective/*.sqlite3
systemctl stop mirrord-collective
echo "stopped: $(shown ActiveState), $(shown Result), status $(shown ExecMainStatus)"
journalctl --unit mirrord-collective --no-pager
"""
UPGRADE = """
is_up() { for _ in $(seq 120); do systemctl is-active --quiet mirrord && return; sleep 1; done; }
count() { python3 -c "import sqlite3
file = sqlite3.connect('/var/lib/mirrord/mirror.sqlite3')
print(file.execute('select count(*) from readings').fetchone()[0])"; }
is_up
kept=$(count)
systemctl enable --now mirrord-collective 2>/dev/null
echo | apt-get install -y /*+deb*.deb >/apt.out 2>&1 || tail -n 20 /apt.out
is_up
echo "upgraded: $(mirrord --version), $(systemctl is-active mirrord mirrord-collective | xargs)"
[ "$kept" -gt 0 ] && [ "$(count)" -ge "$kept" ] && echo "the readings are kept"
grep '^source' /etc/mirrord/mirrord.toml
apt-get purge -y mood-mirror 2>&1 | tail -n 1
rm /*+deb*.deb /etc/systemd/system/mirrord*.service.d -r
grep -l 'mood[-]mirror' /proc/[0-9]*/cmdline
find / -xdev '(' -name '*mirrord*' -o -name '*mood-mirror*' ')'
ls -d /opt/* /var/lib/private/* 2>/dev/null
journalctl --boot --unit mirrord --unit mirrord-collective --no-pager
"""


@pytest.fixture(scope="module")
def root(package: Path, system: Callable[..., Root]) -> Root:
    root = system(own_arch(), ["systemd", "systemd-sysv", "dbus"])
    (root.path / package.name).write_bytes(package.read_bytes())
    root.runs("apt-get", "update")
    root.runs("apt-get", "install", "-y", f"/{package.name}")
    (root.path / package.name).unlink()
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


@pytest.fixture(scope="module")
def seen_by_a_camera(root: Root) -> str:
    """What a booted mirror says whose camera is a device."""
    return booted(with_webcam(root), VISION)


def test_the_vision_process_is_a_unit_of_its_own_that_comes_and_goes(seen_by_a_camera: str):
    said = seen_by_a_camera
    assert "never: " not in said, said
    assert "no socket without the mirror" in said
    assert "socket 660 root video" in said
    assert "it sees\nchildren of the mirror: 0\n" in said, said
    assert re.search(r"^user \S+:6[0-9]{4}$", said, re.MULTILINE)
    assert re.search(r"CapEff:\s*0+$", said, re.MULTILINE)
    assert "Simulated Webcam" in said
    assert "has to be in the group of /run/mirrord-vision.sock" in said
    assert "Watchdog timeout" in said
    assert "it sees again, restarts of the mirror: 0" in said
    assert "/run/mirrord-vision.sock is closed" in said
    assert "it sees once more" in said
    assert "\n/srv/webcam/video0\n" in said  # the device is open, and
    assert "off: 200\noff is off\n" in said, said
    assert "left: " not in said
    assert "Traceback" not in said


def test_who_has_the_network_opens_no_camera_and_who_has_the_camera_nothing_else(
    seen_by_a_camera: str,
):
    said = seen_by_a_camera
    system, mirror, vision = re.findall(r"net:\[\d+\]", said)
    assert system == mirror != vision
    without, mirror, vision = (
        json.loads(attack(said, unit)) for unit in ("nobody", "mirrord", "mirrord-vision")
    )
    assert without["camera"] == vision["camera"] == "ENXIO"  # no driver: it may be opened
    assert mirror["camera"] == "EPERM"
    assert vision["writable"] == []
    assert {Path(one).name for one in vision["devices"]} <= HARMLESS
    assert (vision["interfaces"], vision["internet"]) == (["lo"], "EAFNOSUPPORT")
    assert vision["page"]
    assert (mirror["page"], mirror["internet"]) == ("", "")
    assert vision["user"] > 60000 < mirror["user"]


def test_the_collective_s_unit_starts_answers_and_stops_cleanly(root: Root):
    said = booted(root, COLLECTIVE)
    assert "without settings: inactive, no" in said
    assert "started: notify, Serving at http://127.0.0.1:8090" in said, said
    assert 'answer {"status": "ready", "bus": "fine"}' in said, said
    assert re.search(r"user \S+:6[0-9]{4}", said)
    assert re.search(r"CapEff:\s*0+$", said, re.MULTILINE)
    assert re.search(r"NoNewPrivs:\s*1$", said, re.MULTILINE)
    assert "records 700 mirrord-collective\n" in said
    assert re.search(r"records 600 mirrord-collective/collective\.sqlite3", said)
    assert "stopped: inactive, success, status 0" in said, said
    assert "Traceback" not in said


def test_an_upgrade_goes_on_where_it_was_and_a_purge_ends_all(
    root: Root, package: Path, tmp_path: Path
):
    next_one = newer(package, tmp_path, "9.9")
    (root.path / next_one.name).write_bytes(next_one.read_bytes())
    said = booted(root, UPGRADE)
    assert "upgraded: mirrord, version 9.9, active active" in said, said
    assert "the readings are kept" in said, said
    assert 'source = "/srv/face"' in said
    assert "deleting all records" in said
    assert not re.search(r"^/", said, re.MULTILINE), said
    assert "Traceback" not in said
