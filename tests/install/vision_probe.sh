# Run in a booted system whose mirror looks through a camera that is a device: says what it finds.
mirror() { systemctl show --value --property "$1" mirrord; }
instances() { systemctl list-units --plain --no-legend --state=active 'mirrord-vision@*' | cut -d' ' -f1; }
vision() { systemctl show --value --property MainPID "$(instances)"; }
until_true() {
    until=$(($(date +%s) + 60))
    while [ "$(date +%s)" -lt "$until" ]; do eval "$1" && return; sleep .2; done
    echo "never: $1"
    return 1
}
count() { python3 -c "import sqlite3
file = sqlite3.connect('/var/lib/mirrord/mirror.sqlite3')
print(file.execute('select count(*) from readings').fetchone()[0])"; }
more() { before=$(count); until_true '[ "$(count)" -gt "$((before + 2))" ]'; }
off() { python3 -c "import urllib.request as ask
head = {'Content-Type': 'application/json', 'Origin': 'http://127.0.0.1:8080'}
print('off:', ask.urlopen(ask.Request('http://127.0.0.1:8080/control', b'{\"camera\": false}', head)).status)"; }

until_true 'systemctl is-active --quiet mirrord'
systemctl stop mirrord
until_true '[ ! -e /run/mirrord-vision.sock ]' && echo "no socket without the mirror"
cd /var/lib/private/mirrord
echo '{"v": 1, "entries": [{"at": "2026-01-01T00:00:00Z", "what": "given", "by": "anna", "room": "home"}]}' >mirror.consent.json
chown --reference=mirror.sqlite3 mirror.consent.json
cd /
sed -i 's|^source = "/srv/face"|source = 0 |' /etc/mirrord/mirrord.toml
systemctl start mirrord
stat -c 'socket %a %U %G' /run/mirrord-vision.sock
more && echo "it sees"
echo "children of the mirror: $(cat /proc/$(mirror MainPID)/task/*/children | wc -w)"
echo "user $(stat -c %U:%u /proc/$(vision))"
echo "networks $(for pid in 1 $(mirror MainPID) $(vision); do readlink /proc/$pid/ns/net; done | xargs)"
grep -E '^(CapEff|NoNewPrivs)' /proc/$(vision)/status
ls -l /proc/$(vision)/fd | grep -o '/srv/webcam/video0' | sort -u
MIRRORD_VISION_SOCKET=/run/mirrord-vision.sock mirrord devices | grep Webcam
MIRRORD_VISION_SOCKET=/run/mirrord-vision.sock setpriv --reuid=daemon --regid=daemon --clear-groups \
    mirrord devices | grep -o 'has to be in the group of .*'

# The kernel of a test has no cameras: the node that stands for one is of V4L2's number, and what systemd
# allows of a class that this kernel lacks, it is told to allow of that node.
attacked() { systemctl start "attack-$1"; journalctl --boot --unit "attack-$1" --output cat --no-pager | grep '^{' | sed "s/^/$1 /"; }
mknod -m 660 /dev/video7 c 81 7 && chgrp video /dev/video7
kept='/^(Type|Standard|Watchdog|Notify|Restart|CollectMode|State|LoadCredential|ConditionPath)/d'
for unit in mirrord mirrord-vision@; do
    sed -E -e "$kept" -e '/^\[Service/aType=oneshot' -e 's|^ExecStart=.*|ExecStart=/usr/bin/python3 /srv/attack.py /dev/video7|' \
        -e 's|char-video4linux|/dev/video7|' /usr/lib/systemd/system/$unit.service >/run/systemd/system/attack-${unit%@}.service
done
systemctl daemon-reload
attacked mirrord-vision
attacked mirrord
python3 /srv/attack.py /dev/video7 | sed 's/^/nobody /; s/"writable": [^]]*/"writable": [/'

kill -STOP $(vision)
old=$(instances)
until_true '[ "$(instances)" != "$old" ] && [ -n "$(instances)" ]'
journalctl --unit "$old" --no-pager | grep -o 'Watchdog timeout'
more && echo "it sees again, restarts of the mirror: $(mirror NRestarts)"
systemctl stop mirrord-vision.socket; kill -9 $(vision)
until_true "mirrord status --json -c /etc/mirrord/mirrord.toml | grep -o '/run/mirrord-vision.sock is closed'"
systemctl start mirrord-vision.socket
more && echo "it sees once more"
off
until_true '[ -z "$(instances)" ]' && echo "off is off"
systemctl list-units --all --plain --no-legend 'mirrord-vision@*' | sed 's/^/left: /'
journalctl --boot --unit mirrord --unit 'mirrord-vision@*' --no-pager
sed -i 's|^source = 0 |source = "/srv/face"|' /etc/mirrord/mirrord.toml
