"""How far the shipped networks are from what the real packages said of real faces.

    python -m tests.parity

Prints one JSON object. A program of its own, so that it can run on another OpenCV.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from mirrord.vision.models import FACE_API, FER
from mirrord.vision.network import Network, log_softmax
from scripts.models.parity_faces import face, picture

RECORDED = Path(__file__).parent / "data"
PICTURES = Path(skimage.data.__file__).parent


def differences() -> dict[str, dict[str, float]]:
    """Return each network's largest difference of a probability, and how often the best agrees."""
    # fer widens a box by ten pixels to each side: it sees the whole picture.
    return {
        "fer": _compare(Network(FER), "fer_parity.json", whole=True),
        "face-api": _compare(Network(FACE_API), "face_api_parity.json", whole=False),
    }


def _compare(network: Network, file: str, *, whole: bool) -> dict[str, float]:
    entries = json.loads((RECORDED / file).read_text("utf-8"))
    pictures = [picture(entry, PICTURES) for entry in entries]
    faces = pictures if whole else [face(one) for one in pictures]
    ours = np.array([np.exp(log_softmax(network.logits(one))) for one in faces])
    theirs = np.array([entry["probabilities"] for entry in entries])
    return {
        "faces": len(entries),
        "difference": float(abs(ours - theirs).max()),
        "same_best": float((ours.argmax(1) == theirs.argmax(1)).mean()),
    }


if __name__ == "__main__":
    print(json.dumps({"opencv": cv2.__version__, **differences()}))
