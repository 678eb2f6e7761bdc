"""Compares recorded answers with new ones: the same faces, probabilities within 1e-5, same best.

python scripts/models/compare.py COMMITTED.json NEW.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

TOLERANCE = 1e-5
ANSWERS = ("probabilities", "default")


def main(committed: str, new: str) -> None:
    """Print the largest difference; end with status 1 if it is too large."""
    old_faces, new_faces = (json.loads(Path(name).read_text("utf-8")) for name in (committed, new))
    made = [
        [{key: value for key, value in face.items() if key not in ANSWERS} for face in faces]
        for faces in (old_faces, new_faces)
    ]
    if made[0] != made[1]:
        sys.exit(f"{new}: not the faces of {committed}")
    old, recent = (
        np.array([face["probabilities"] for face in fs]) for fs in (old_faces, new_faces)
    )
    difference = float(abs(old - recent).max())
    agree = float((old.argmax(1) == recent.argmax(1)).mean())
    print(f"{committed}: {len(old)} faces, difference {difference:.1e}, same best {agree:.0%}")
    if difference > TOLERANCE or agree < 1:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
