#!/bin/sh
# Makes .venv with the command `mirrord` in it. Needs no root; says what is missing and how to get it.
set -eu
PYTHON=${PYTHON:-python3}
say() { printf '\033[1m%s\033[0m\n' "$*"; }

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Mood Mirror needs Python 3.11 or newer; $PYTHON is not. Install it, or say: make PYTHON=python3.12 run"
    exit 1
fi
if [ "$(getconf LONG_BIT)" != 64 ]; then
    say "Mood Mirror needs a 64-bit system (its libraries have no 32-bit builds): use the 64-bit Raspberry Pi OS."
    exit 1
fi
if [ ! -x .venv/bin/python ]; then
    say "1/2  Making a virtual environment in .venv"
    # picamera2 comes with Raspberry Pi OS alone; the environment has to see the system's copy.
    site=""
    "$PYTHON" -c 'import picamera2' 2>/dev/null && site="--system-site-packages"
    if ! "$PYTHON" -m venv $site .venv; then
        rm -rf .venv
        say "Python cannot make environments here. Run: sudo apt install python3-venv"
        exit 1
    fi
fi
say "2/2  Installing the mirror and its libraries (about 400 MB on the disk, a minute or two)"
.venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
.venv/bin/python -m pip install --progress-bar on --editable . | grep -v '^Requirement already' || true
test -x .venv/bin/mirrord
# The vision process starts sooner so, and may not write bytecode itself.
.venv/bin/python -m compileall -q mirrord drivers
if ! .venv/bin/python -c 'import sounddevice' 2>/dev/null; then
    say "No sound yet: PortAudio is missing. Run: sudo apt install libportaudio2"
fi
