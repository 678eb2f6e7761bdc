#!/bin/sh
# Builds the Debian packages, each in a fresh system of its own kind, which is gone afterwards.
#   SUITE="bookworm trixie"   the releases (this machine's, if none is named)
#   ARCH="amd64 arm64"        the processors (likewise); another than this machine's is emulated
#   DEB_WHEEL, DEB_OUT, DEB_LEVEL: see build.sh and pack.sh
set -eu
umask 022
fail() { echo "make deb: $*" >&2; exit 1; }
command -v dpkg >/dev/null || fail "packages are built on Debian or Raspberry Pi OS"
own_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
own_arch=$(dpkg --print-architecture)
SUITE=${SUITE:-$own_suite} ARCH=${ARCH:-$own_arch}
HERE=scripts/deb
INSIDE=/mood-mirror-build
for suite in $SUITE; do
    case $suite in bookworm | trixie) ;; *) fail "SUITE is bookworm or trixie, not \"$suite\"" ;; esac
done
for arch in $ARCH; do
    case $arch in amd64 | arm64) ;; *) fail "ARCH is amd64 or arm64, not \"$arch\": 32-bit systems have no libraries" ;; esac
done
if [ "$(id -u)" != 0 ] && [ "$SUITE $ARCH" = "$own_suite $own_arch" ]; then
    echo "make deb: not root, so it is built in this system instead of a fresh one" >&2
    exec sh $HERE/build.sh
fi
# shellcheck disable=SC2086 # lists of names
sh scripts/roots/tools.sh "sudo make deb SUITE=\"$SUITE\" ARCH=\"$ARCH\"" $ARCH

work=$(mktemp -d "${TMPDIR:-/var/tmp}/mood-mirror.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
PIP=".venv/bin/python -m pip"
if [ -z "${DEB_WHEEL:-}" ]; then
    $PIP wheel --quiet --no-deps --wheel-dir "$work" .
    DEB_WHEEL=$(echo "$work"/mood_mirror-*.whl)
fi
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH
pip=$(.venv/bin/python -c 'import os, pip; print(os.path.dirname(pip.__file__))')
way=$(sh $HERE/network.sh $PIP)
# Programs of Python trust their own list of authorities; there may be more of them here.
authorities=/etc/ssl/certs/ca-certificates.crt
[ ! -e $authorities ] || way="$way PIP_CERT=$INSIDE/authorities.crt"

build() {
    root=$work/$1-$2
    mkdir "$root-files"
    sh scripts/roots/make.sh "$1" "$2" "$root" python3
    sees="$PWD:$INSIDE/sources $pip:$INSIDE/pip $(realpath "$DEB_WHEEL"):$INSIDE/$(basename "$DEB_WHEEL")"
    [ ! -e $authorities ] || sees="$sees $authorities:$INSIDE/authorities.crt"
    # shellcheck disable=SC2086,SC2016 # settings without spaces; $1 is the inner shell's
    READS=$sees WRITES="$root-files:$INSIDE/files" sh scripts/roots/inside.sh "$root" env $way \
        DEB_PIP="/usr/bin/python3 $INSIDE/pip" DEB_WHEEL="$INSIDE/$(basename "$DEB_WHEEL")" \
        DEB_STAGE=$INSIDE/files SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" \
        sh -c 'cd "$1" && exec sh scripts/deb/build.sh' build $INSIDE/sources
    sh $HERE/pack.sh "$root-files"
    rm -rf "$root" "$root-files"
}
for suite in $SUITE; do
    for arch in $ARCH; do
        began=$(date +%s)
        echo "A package for $suite on $arch" >&2
        package=$(build "$suite" "$arch")
        echo "$package: $(du -m "$package" | cut -f1) MB, $(($(date +%s) - began)) s" >&2
        echo "$package"
    done
done
