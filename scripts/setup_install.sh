#!/bin/sh
# What `make test-install` makes fresh systems with.
set -eu
missing=""
for package in mmdebstrap qemu-user-static systemd-container; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ "$(id -u)" != 0 ]; then
    echo "make test-install makes systems in folders, for which it has to be root: sudo make test-install" >&2
    exit 1
fi
# Their archives are those that apt has here.
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
[ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
