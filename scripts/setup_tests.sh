#!/bin/sh
# Installs what the tests talk to: test libraries, and peers that we did not write.
set -eu
say() { printf '\033[1m%s\033[0m\n' "$*"; }
PACKAGES="shellcheck systemd mosquitto redis-server postgresql pulseaudio pulseaudio-utils libasound2-plugins libportaudio2 chromium nodejs npm gcc libc6-dev python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good"

missing=""
for package in $PACKAGES; do
    command=$package
    case $package in
        systemd) command=systemd-analyze ;;
        nodejs) command=node ;;
        postgresql) command="" ; ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing $package" ;;
        libc6-dev) command="" ; [ -e /usr/include/stdio.h ] || missing="$missing $package" ;;
        pulseaudio-utils) command=parec ;;
        libasound2-plugins) command="" ; ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so >/dev/null 2>&1 || missing="$missing $package" ;;
        python3-gi) command="" ; /usr/bin/python3 -c "import gi" 2>/dev/null || missing="$missing $package" ;;
        gir1.2-gst-rtsp-server-1.0) command="" ; ls /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib >/dev/null 2>&1 || missing="$missing $package" ;;
        gstreamer1.0-plugins-good) command="" ; ls /usr/lib/*/gstreamer-1.0/libgstrtp.so >/dev/null 2>&1 || missing="$missing $package" ;;
        libportaudio2) command="" ; ls /usr/lib/*/libportaudio.so.2 >/dev/null 2>&1 || missing="$missing $package" ;;
    esac
    [ -z "$command" ] || PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null 2>&1 || missing="$missing $package"
done
root=""
[ "$(id -u)" = 0 ] || root="sudo"
if [ -n "$missing" ]; then
    say "The tests need$missing: $root apt-get install$missing"
    $root apt-get update -qq
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
# Chromium's engine without its windows: pages cost a third. Where there is none for this system, or
# none for the Chromium that is installed, the tests take that.
shell=chromium-headless-shell
if ! command -v $shell >/dev/null 2>&1 && apt-get install --simulate $shell >/dev/null 2>&1; then
    say "Quicker pages: $root apt-get install $shell"
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $shell ||
        say "It could not be installed; the tests go on with Chromium itself."
fi
say "Installing test libraries"
.venv/bin/python -m pip install --quiet --group test
say "Installing the peers"
mkdir -p .peers
cp tests/peers/package.json .peers/package.json
(cd .peers && npm install --silent --no-audit --no-fund --no-package-lock)
if [ ! -d .peers/opencv4 ]; then
    # The networks have to give the same numbers on OpenCV 4 and 5: the tests run both.
    .venv/bin/python -m pip install --quiet --no-deps --target .peers/opencv4 'opencv-python-headless==4.*'
fi
