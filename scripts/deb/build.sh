#!/bin/sh
# Builds dist/mood-mirror_VERSION+debN_ARCH.deb for the Debian release and the processor that it runs on
# (`make.sh` runs it in a fresh one). An environment is bound to one minor version of Python, so there is
# one package for each release.
#   DEB_PYTHON=/usr/bin/python3   Debian's own Python, which the package will depend on
#   DEB_PIP=COMMAND               the pip that fills the environment
#   DEB_LIBRARIES=no              leave the libraries out: a package to look at, in seconds (tests)
#   DEB_WHEEL=FILE                the mirror's own wheel, if it is built already
#   DEB_STAGE=FOLDER              lay the files out there, and pack nothing
#   DEB_OUT, DEB_LEVEL            see pack.sh
set -eu
PYTHON=${DEB_PYTHON:-/usr/bin/python3}
HERE=scripts/deb
PIP="${DEB_PIP:-.venv/bin/python -m pip} --disable-pip-version-check"
HOME_DIR=opt/mood-mirror
umask 022

fail() { echo "build.sh: $*" >&2; exit 1; }
command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing: packages are built on Debian or Raspberry Pi OS"
[ -n "${DEB_PIP:-}" ] || [ -x .venv/bin/python ] || fail "there is no .venv: run make setup first"
minor=$("$PYTHON" -c 'import sys; print(sys.version_info.minor)') || fail "$PYTHON does not run: apt install python3"
[ "$minor" -ge 11 ] || fail "$PYTHON is 3.$minor: the mirror needs 3.11 or newer"
dpkg -S "$(readlink -f "$PYTHON")" >/dev/null 2>&1 || fail "$PYTHON is not Debian's own: set DEB_PYTHON"
[ "$(getconf LONG_BIT)" = 64 ] || fail "this system is 32-bit: the mirror is built for 64-bit systems only"
arch=$(dpkg --print-architecture)
case $arch in amd64 | arm64) ;; *) fail "$arch: there are libraries for amd64 and arm64 only" ;; esac
release=$(. /etc/os-release && echo "$VERSION_ID")
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
upstream=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mirrord/__init__.py)
# A candidate (1.0rc1) comes before its release (1.0), and bookworm's package before trixie's.
version=$(echo "$upstream" | sed -E 's/(a|b|rc)([0-9]+)$/~\1\2/')+deb$release

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=${DEB_STAGE:-$work/root}
mkdir -p "$stage/DEBIAN" "$stage/$HOME_DIR"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH

environment() {
    if [ -z "${DEB_WHEEL:-}" ]; then
        $PIP wheel --quiet --no-deps --wheel-dir "$work" .
        DEB_WHEEL=$(echo "$work"/mood_mirror-*.whl)
    fi
    "$PYTHON" -m venv --without-pip "$stage/$HOME_DIR"
    set -- --quiet --no-compile --no-warn-script-location
    [ "${DEB_LIBRARIES:-yes}" = yes ] || set -- "$@" --no-deps
    [ ! -f "$HERE/constraints-3.$minor.txt" ] || set -- "$@" --constraint "$HERE/constraints-3.$minor.txt"
    $PIP --python "$stage/$HOME_DIR/bin/python3" install "$@" "${DEB_WHEEL}[collective,parquet]"
}

# Nothing in it may name the place where it was built, and nothing is in it that nobody needs.
relocate() {
    home=$stage/$HOME_DIR
    find "$home/bin" -type f ! -name mirrord -delete
    sed -i "1s|^#!.*|#!/$HOME_DIR/bin/python3|" "$home/bin/mirrord"
    # picamera2 comes from the system alone, so the environment has to see the system's packages.
    sed -i -e '/^command = /d' -e 's/^include-system-site-packages = .*/include-system-site-packages = true/' "$home/pyvenv.cfg"
    site=$home/lib/python3.$minor/site-packages
    rm -f "$site"/mood_mirror-*.dist-info/direct_url.json
    (cd "$home" && rm -rf include lib64 .gitignore)
    find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
    find "$site" \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.c' -o -name '*.h' -o -name '*.a' \) -type f -delete
    find "$site" -name __pycache__ -type d -prune -exec rm -rf {} +
    # Of plotly the pages take the script alone; pip would only be of use to change what dpkg keeps.
    (cd "$site" && rm -rf pip pip-*.dist-info plotly/graph_objs plotly/labextension plotly/validators \
        plotly/express plotly/figure_factory plotly/matplotlylib plotly/package_data/datasets plotly/package_data/templates)
    if grep -rIlF -e "$work" -e "$stage" "$home" | grep .; then fail "these name the place where they were built"; fi
}

files() {
    install -D -m 644 config/mirrord.toml "$stage/etc/mirrord/mirrord.toml"
    # A mirror on a wall has no keyboard: its page is for the phones of the home, behind a password.
    sed -i 's/^host = "127.0.0.1"      /host = "0.0.0.0"        /' "$stage/etc/mirrord/mirrord.toml"
    install -d -m 700 "$stage/etc/mirrord/secrets"
    for unit in systemd/*; do
        install -D -m 644 "$unit" "$stage/usr/lib/systemd/system/$(basename "$unit")"
    done
    install -d "$stage/usr/bin"
    ln -s "/$HOME_DIR/bin/mirrord" "$stage/usr/bin/mirrord"
    doc=$stage/usr/share/doc/mood-mirror
    install -d "$doc"
    install -m 644 README.md docs/*.md "$doc"
    [ ! -d config ] || install -D -m 644 -t "$doc/examples" config/*.toml
    gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
    chmod 644 "$doc/changelog.gz"
    sh $HERE/copyright.sh "$stage/$HOME_DIR" >"$doc/copyright"
}

control() {
    for script in preinst postinst prerm postrm; do
        sed -e "s/@MINOR@/$minor/g" -e "s/@CODENAME@/$codename/g" "$HERE/$script" >"$stage/DEBIAN/$script"
        chmod 755 "$stage/DEBIAN/$script"
    done
    echo /etc/mirrord/mirrord.toml >"$stage/DEBIAN/conffiles"
    (cd "$stage" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
    size=$(du -sk --exclude=DEBIAN "$stage" | cut -f1)
    sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" \
        -e "s/@MINOR@/$minor/g" -e "s/@NEXT@/$((minor + 1))/" "$HERE/control" >"$stage/DEBIAN/control"
}

environment
relocate
files
control
[ -n "${DEB_STAGE:-}" ] || sh $HERE/pack.sh "$stage"
