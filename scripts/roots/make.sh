#!/bin/sh
# Makes a small Debian in a folder: make.sh SUITE ARCH FOLDER PACKAGES [OPTIONS of mmdebstrap]
# Its archives, and the way to them, are those that apt has here.
#   UPDATES=no   without the updates and the security archive
set -eu
suite=$1 arch=$2 folder=$3 packages=$4
shift 4

archive() {
    apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
        sed -n "s/^$1|//p" | head -n 1
}
debian=$(archive Debian)
security=$(archive Debian-Security)
[ -n "$debian" ] || { echo "apt knows no archive of Debian's here: run apt-get update" >&2; exit 1; }
while IFS= read -r line; do
    [ -z "$line" ] || set -- "$@" "--aptopt=${line%;}"
done <<OPTIONS
$(apt-config dump | grep -E '^Acquire::(http|https|Check|Retries)' | grep -v '"";$')
OPTIONS
# Otherwise bookworm brings all of Perl, to merge /usr afterwards.
hook=/usr/share/mmdebstrap/hooks/merged-usr
case "$suite $*" in *extract*) ;; bookworm*) [ ! -d $hook ] || set -- "$@" --hook-dir=$hook ;; esac
# If the power fails meanwhile, the folder is thrown away.
set -- "$@" --dpkgopt=force-unsafe-io "$suite" "$folder" "deb $debian $suite main"
if [ "${UPDATES:-yes}" != no ]; then
    set -- "$@" "deb $debian $suite-updates main"
    [ -z "$security" ] || set -- "$@" "deb $security $suite-security main"
fi
said=$(mmdebstrap --quiet --mode=root --architectures="$arch" --variant=minbase --include="$packages" "$@" 2>&1) ||
    { echo "$said" >&2; exit 1; }
