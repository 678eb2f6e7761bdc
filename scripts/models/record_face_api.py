"""Records what the real @vladmandic/face-api says of real faces. Needs Node.

python scripts/models/record_face_api.py PACKAGE_DIRECTORY SKIMAGE_DATA OUTPUT.json
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from parity_faces import entries, face, picture, rounded, write

# face-api's words in the order of FER2013's labels.
WORDS = ("angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral")


def main(package: str, data: str, output: str) -> None:
    """Record all faces."""
    pixels = b"".join(face(picture(entry, Path(data)))[:, :, ::-1].tobytes() for entry in entries())
    script = Path(__file__).with_suffix(".mjs")
    command = ["node", "--no-warnings", str(script), package]
    done = subprocess.run(command, input=pixels, stdout=subprocess.PIPE, check=True)
    answers = json.loads(done.stdout)
    faces = [
        {**entry, "probabilities": rounded(answer[word] for word in WORDS)}
        for entry, answer in zip(entries(), answers, strict=True)
    ]
    write(Path(output), faces)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
