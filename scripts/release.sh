#!/bin/sh
# Writes a release into dist/: sources, wheel, Debian package of this machine's kind, SBOM,
# a description for mirrors that ask for newer versions, checksums.
set -eu
BIN=.venv/bin
OUT=${RELEASE_OUT:-dist}
say() { printf '\033[1m%s\033[0m\n' "$*"; }

rm -rf "$OUT"
mkdir -p "$OUT"
say "1/5  The sources and the wheel"
$BIN/python -m hatchling build -d "$OUT"
say "2/5  The Debian package (minutes: it is compressed well)"
DEB_WHEEL=$(echo "$OUT"/mood_mirror-*.whl) DEB_OUT=$OUT sh scripts/deb/build.sh
say "3/5  What is in it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb -x "$(echo "$OUT"/mood-mirror_*.deb)" "$work"
# The list is of the package's own libraries, not of those that this system happens to have.
sed -i 's/^include-system-site-packages = .*/include-system-site-packages = false/' "$work/opt/mood-mirror/pyvenv.cfg"
$BIN/cyclonedx-py environment --pyproject pyproject.toml --mc-type application \
    --output-reproducible --output-format JSON --output-file "$OUT/sbom.cdx.json" "$work/opt/mood-mirror/bin/python3"
say "4/5  Known vulnerabilities"
# One that is known ends this; that nobody could be asked goes along with the release.
.venv/bin/python scripts/audit.py >"$OUT/AUDIT.txt" || [ $? = 2 ]
cat "$OUT/AUDIT.txt"
say "5/5  What it says of itself, and checksums"
sh scripts/describe.sh "$OUT"
