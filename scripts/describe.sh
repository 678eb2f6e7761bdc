#!/bin/sh
# Writes release.json and SHA256SUMS for the files in a folder: those of `make release`, or packages of
# several machines that were put together.
set -eu
OUT=${1:?the folder of the files}
.venv/bin/python scripts/describe.py "$OUT"
(cd "$OUT" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS && cat SHA256SUMS)
