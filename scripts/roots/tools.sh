#!/bin/sh
# What systems in folders are made with: tools.sh COMMAND ARCH... installs what is missing and lets this
# kernel run programs of the other processors; without root it says the COMMAND that would.
set -eu
again=$1
shift
fail() { echo "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "This makes a fresh Debian in a folder, for which it has to be root: $again"
command -v apt-get >/dev/null || fail "This needs Debian, Raspberry Pi OS or another system with apt."
own=$(dpkg --print-architecture)
foreign=""
for arch in "$@"; do [ "$arch" = "$own" ] || foreign="$foreign $arch"; done

# What apt knows here tells where the archives are, too.
apt-get update -qq
missing=""
for package in mmdebstrap debian-archive-keyring ${EXTRA_TOOLS:-} ${foreign:+qemu-user-static arch-test}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "Installing$missing" >&2
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
fi

# A booted Debian has done this when QEMU was installed; a container has not.
door=/proc/sys/fs/binfmt_misc
for arch in $foreign; do
    case $arch in arm64) name=qemu-aarch64 ;; amd64) name=qemu-x86_64 ;; *) fail "$arch: no emulator is known" ;; esac
    if [ ! -e $door/register ]; then
        modprobe binfmt_misc 2>/dev/null || true
        mount -t binfmt_misc binfmt_misc $door 2>/dev/null || true
    fi
    [ -e $door/$name ] || cat "/usr/lib/binfmt.d/$name.conf" >$door/register 2>/dev/null ||
        fail "This kernel does not let QEMU run programs for $arch (binfmt_misc): use another computer, or one with $arch."
done
