"""What the real `fer` package says of the development sets. Runs in an environment that has it.

    python fer_answers.py DIRECTORY

Prints one JSON object: for each of its ways a list with seven probabilities a face, or null where
it found none. On crops, its network alone is asked (its detectors find nothing in 48 pixels).
"""

import csv
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
warnings.simplefilter("ignore")

import cv2
import numpy as np
from fer.fer import FER


def of_crops(fer, images):
    """Return the probabilities for (n, 48, 48) grey faces, prepared as in `detect_emotions`."""
    faces = np.array([cv2.resize(image, (64, 64)) for image in images], np.float32)
    return np.asarray(fer._classify_emotions((faces / 255.0 - 0.5) * 2.0)).tolist()


def of_photo(fer, picture):
    """Return the probabilities for the largest face of a picture, or None."""
    faces = fer.detect_emotions(picture)
    if not faces:
        return None
    largest = max(faces, key=lambda face: face["box"][2] * face["box"][3])
    return list(largest["emotions"].values())


def main(directory):
    """Judge both sets."""
    directory = Path(directory)
    with np.load(directory / "expressions-dev.npz") as data:
        images = data["images"]
    with (directory / "photos-dev" / "labels.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    photos = [cv2.imread(str(directory / "photos-dev" / name)) for name in names]
    haar, mtcnn = FER(), FER(mtcnn=True)
    answers = {
        "crops": {"fer": of_crops(haar, images)},
        "photos": {
            "FER()": [of_photo(haar, photo) for photo in photos],
            "FER(mtcnn=True)": [of_photo(mtcnn, photo) for photo in photos],
        },
    }
    print(json.dumps(answers))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
