#!/bin/sh
# Prints the package's copyright file: our licence, the networks', and where those of the libraries are.
set -eu
home=$1
cat <<TEXT
Mood Mirror

TEXT
cat LICENSE
for licence in mirrord/vision/models/*.LICENSE; do
    printf '\n\nThe network %s\n\n' "$(basename "$licence" .LICENSE).onnx"
    cat "$licence"
done
printf '\n\nThe libraries in /opt/mood-mirror, each with its licence in its .dist-info folder there\n\n'
# One process for all of them: where the processor is emulated, starting one is what takes time.
awk '
function show() { if (name) print "  " name " " version ": " (licence ? substr(licence, 1, 70) : "see its files") }
FNR == 1 { show(); name = version = licence = ""; over = 0 }
/^$/ { over = 1 }
over { next }
/^Name: / { name = substr($0, 7) }
/^Version: / { version = substr($0, 10) }
/^License-Expression: / && !licence { licence = substr($0, 21) }
/^License: / && !licence { licence = substr($0, 10) }
sub(/^Classifier: License :: (OSI Approved :: )?/, "") && !licence { licence = $0 }
END { show() }' "$home"/lib/python3*/site-packages/*.dist-info/METADATA
