#!/bin/sh
# Records again what the real packages say of real faces, and compares that with tests/data.
# Makes .peers/fer-env, which takes 7.5 GB and some minutes; FER_PYTHON=... uses one that exists.
set -eu
say() { printf '\033[1m%s\033[0m\n' "$*"; }
peers=.peers
fer_python=${FER_PYTHON:-$peers/fer-env/bin/python}
mkdir -p "$peers/parity"

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }
older_python() {
    for candidate in python3.12 python3.11 "${PYTHON:-python3}" .venv/bin/python; do
        if suits "$candidate"; then echo "$candidate"; return; fi
    done
    say "fer needs Python 3.11 or 3.12, and there is neither. Install one." >&2
    exit 1
}
if ! "$fer_python" -c 'import fer' 2>/dev/null; then
    python=$(older_python)
    say "Installing the real fer 25.10.3 into $peers/fer-env (7.5 GB)"
    "$python" -m venv "$peers/fer-env"
    "$peers/fer-env/bin/python" -m pip install --progress-bar on 'setuptools<81' 'numpy<2' 'fer==25.10.3'
    fer_python=$peers/fer-env/bin/python
fi
if [ ! -f "$peers/face-api/package.json" ]; then
    say "Fetching the real face-api 1.7.15"
    archive=$(cd "$peers" && npm pack --silent @vladmandic/face-api@1.7.15)
    mkdir -p "$peers/face-api"
    tar -xzf "$peers/$archive" -C "$peers/face-api" --strip-components=1
fi

data=$(.venv/bin/python -c 'import skimage, pathlib; print(pathlib.Path(skimage.__file__).parent / "data")')
say "Asking fer"
"$fer_python" scripts/models/record_fer.py "$data" "$peers/parity/fer.json"
say "Asking face-api"
.venv/bin/python scripts/models/record_face_api.py "$peers/face-api" "$data" "$peers/parity/face_api.json"
for name in fer face_api; do
    .venv/bin/python scripts/models/compare.py "tests/data/${name}_parity.json" "$peers/parity/$name.json"
done
say "Running fer-reference"
"$fer_python" -c 'import msgspec' 2>/dev/null || "$fer_python" -m pip install --quiet 'msgspec<1'
PYTHONPATH=".${PYTHONPATH:+:$PYTHONPATH}" "$fer_python" scripts/models/check_reference.py "$data"
