#!/bin/sh
# Installs Home Assistant in .hub, in the Python that it wants: about 700 MB, a minute or two.
# HUB_PYTHON names a Python 3.13 if `python3.13` is not on the path (uv fetches one otherwise).
set -eu
cd "$(dirname "$0")/.."

VERSION=2025.4.4  # the last for Python 3.13.0 and 3.13.1; set HUB_VERSION for another
VERSION=${HUB_VERSION:-$VERSION}
[ -x .hub/env/bin/hass ] && exit 0

echo "Installing Home Assistant $VERSION in .hub ..."
"${PYTHON:-python3}" -m venv .hub/uv
.hub/uv/bin/pip install --quiet uv
.hub/uv/bin/uv venv --quiet --python "${HUB_PYTHON:-3.13}" .hub/env
.hub/uv/bin/uv pip install --quiet --python .hub/env/bin/python "homeassistant==$VERSION"
# What it would install by itself when the page and MQTT are first used.
wanted() {
    .hub/env/bin/python - "$@" <<'PYTHON'
import json, pathlib, sys
import homeassistant.components as components
for folder in components.__path__:
    for name in sys.argv[1:]:
        manifest = json.loads((pathlib.Path(folder) / name / "manifest.json").read_text())
        print(*manifest.get("requirements", []), sep="\n")
PYTHON
}
wanted mqtt frontend recorder history camera stream image_upload conversation > .hub/wanted.txt
.hub/uv/bin/uv pip install --quiet --python .hub/env/bin/python -r .hub/wanted.txt
