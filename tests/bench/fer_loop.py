"""The loop that the `fer` package's own examples show: every frame of a clip, its default detector.

    python fer_loop.py CLIP [FRAMES]

Runs in an environment that has fer. Starts the clip again when it ends, for ever or for FRAMES
frames, and prints one JSON line a frame: `frame`, `ms`, `faces`.
"""

import json
import os
import sys
import time
import warnings

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
warnings.simplefilter("ignore")

import cv2
import numpy as np
from fer.fer import FER


def frames(clip):
    """Yield the frames of a clip, again and again."""
    while True:
        capture = cv2.VideoCapture(clip)
        found, frame = capture.read()
        if not found:
            sys.exit(f"{clip}: no film that OpenCV can play")
        while found:
            yield frame
            found, frame = capture.read()
        capture.release()


def main(clip, limit=None):
    """Judge frame after frame."""
    detector = FER()
    for number, frame in enumerate(frames(clip)):
        if number == limit:
            return
        began = time.perf_counter()
        faces = detector.detect_emotions(frame)
        spent_ms = (time.perf_counter() - began) * 1e3
        said = [{"box": np.asarray(face["box"]).tolist(), **face["emotions"]} for face in faces]
        print(json.dumps({"frame": number, "ms": round(spent_ms, 2), "faces": said}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else None)
