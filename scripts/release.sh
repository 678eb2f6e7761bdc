#!/bin/sh
# Writes a release into dist/: sources, wheel, Debian packages, a list of what is in each, a
# description for mirrors that ask for newer versions, checksums. The packages are those that are
# there (make debs); if none is, this machine's own kind is built.
set -eu
BIN=.venv/bin
OUT=${RELEASE_OUT:-dist}
say() { printf '\033[1m%s\033[0m\n' "$*"; }
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH

mkdir -p "$OUT"
find "$OUT" -mindepth 1 -maxdepth 1 ! -name 'mood-mirror_*.deb' -exec rm -rf {} +
say "1/5  The sources and the wheel"
$BIN/python -m hatchling build -d "$OUT"
wheel=$(echo "$OUT"/mood_mirror-*.whl)
say "2/5  The Debian packages"
if ls "$OUT"/mood-mirror_*.deb 2>/dev/null; then
    $BIN/python scripts/deb/same.py "$wheel" "$SOURCE_DATE_EPOCH" "$OUT"/mood-mirror_*.deb
else
    DEB_WHEEL=$wheel DEB_OUT=$OUT sh scripts/deb/make.sh  # minutes: it is compressed well
fi
say "3/5  What is in each"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in "$OUT"/mood-mirror_*.deb; do
    dpkg-deb -x "$package" "$work/unpacked"
    # Its Python need not run here, and the list is of the package's own libraries alone.
    printf '#!/bin/sh\necho "[\\"%s\\"]"\n' "$(echo "$work"/unpacked/opt/mood-mirror/lib/python3*/site-packages)" >"$work/python"
    chmod 755 "$work/python"
    $BIN/cyclonedx-py environment --pyproject pyproject.toml --mc-type application \
        --output-reproducible --output-format JSON --output-file "${package%.deb}.cdx.json" "$work/python"
    rm -rf "$work/unpacked"
done
say "4/5  Known vulnerabilities"
# One that is known ends this; that nobody could be asked goes along with the release.
.venv/bin/python scripts/audit.py >"$OUT/AUDIT.txt" || [ $? = 2 ]
cat "$OUT/AUDIT.txt"
say "5/5  What it says of itself, and checksums"
sh scripts/describe.sh "$OUT"
