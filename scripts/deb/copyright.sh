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
for metadata in "$home"/lib/python3*/site-packages/*.dist-info/METADATA; do
    name=$(sed -n 's/^Name: //p;/^$/q' "$metadata" | head -n 1)
    version=$(sed -n 's/^Version: //p;/^$/q' "$metadata" | head -n 1)
    licence=$(sed -n -e 's/^License-Expression: //p' -e 's/^License: //p' -e 's/^Classifier: License :: \(OSI Approved :: \)\{0,1\}//p' -e '/^$/q' "$metadata" | head -n 1 | cut -c1-70)
    echo "  $name $version: ${licence:-see its files}"
done
