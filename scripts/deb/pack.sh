#!/bin/sh
# Packs what build.sh has laid out: pack.sh FOLDER. Any Debian can do that for any other.
#   DEB_OUT=dist   where to put the package
#   DEB_LEVEL=19   how hard to compress (1 to 19)
set -eu
stage=$1
out=${DEB_OUT:-dist}
field() { sed -n "s/^$1: //p" "$stage/DEBIAN/control"; }

mkdir -p "$out"
package=$out/mood-mirror_$(field Version)_$(field Architecture).deb
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH
# zstd: unpacked several times as fast as xz on a Pi, and both releases know it.
dpkg-deb --root-owner-group -Zzstd -z"${DEB_LEVEL:-19}" --build "$stage" "$package" >/dev/null
echo "$package"
