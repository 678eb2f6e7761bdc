#!/bin/sh
# Runs a command in a system in a folder: inside.sh FOLDER COMMAND...
# Its mounts and its processes are its own, and end with it: nothing stays mounted, whatever happens.
#   READS="FROM:TO ..."    folders and files of this machine that it sees there
#   WRITES="FROM:TO ..."   folders that it may write, too
set -eu
if [ -z "${APART:-}" ]; then
    export APART=yes
    exec unshare --mount --pid --fork --kill-child sh "$0" "$@"
fi
root=$1
shift

show() {
    from=${1%%:*} to=$root${1#*:}
    if [ -d "$from" ]; then mkdir -p "$to"; else touch "$to"; fi
    mount --bind "$from" "$to"
}
mkdir -p "$root/proc" "$root/tmp"
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
for pair in ${READS:-}; do
    show "$pair"
    mount -o remount,bind,ro "$root${pair#*:}"
done
for pair in ${WRITES:-}; do show "$pair"; done
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 /usr/sbin/chroot "$root" "$@"
