"""The expressions that a face may show, and their order."""

from __future__ import annotations

from typing import Literal

Expression = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "unsure"]
# The order of FER2013's labels, which every classifier here answers in.
EXPRESSIONS: tuple[Expression, ...] = (
    "angry",
    "disgust",
    "fear",
    "happy",
    "sad",
    "surprise",
    "neutral",
)
UNSURE: Expression = "unsure"
