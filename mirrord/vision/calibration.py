"""How the networks' answers become probabilities that can be taken at their word.

The numbers were fitted by `tests/bench/fit.py` on two development sets; docs/vision.md says what
they were chosen for and what they give.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mirrord.vision.models import FACE_API, FER, ExpressionModel


class Voice(msgspec.Struct, frozen=True):
    """A network and the temperature that its logits are divided by (Guo et al. 2017).

    `mirrored`: it is asked twice, also with the face as in a mirror, and its mean answer counts.
    """

    model: ExpressionModel
    temperature: float
    mirrored: bool = False


class Ensemble(msgspec.Struct, frozen=True):
    """Voices whose tempered log-probabilities are added: a logarithmic opinion pool.

    `offsets` are added to the sum; they make up for what the voices together say too seldom or too
    often.
    """

    voices: tuple[Voice, ...]
    offsets: Mapping[str, float] = {}


class Certainty(msgspec.Struct, frozen=True):
    """How probabilities become a confidence: how often the named expression is the right one.

    The logarithms of the probabilities are divided by `temperature`; below `unsure` none is named.
    """

    temperature: float
    unsure: float


ENSEMBLES: Mapping[str, Ensemble] = {
    "fused": Ensemble(
        voices=(Voice(FER, 1.55, mirrored=True), Voice(FACE_API, 15.5)),
        offsets={
            "angry": -0.12,
            "disgust": 0.10,
            "fear": 0.26,
            "happy": 0.02,
            "sad": -0.08,
            "neutral": -0.17,
        },
    ),
    "fer": Ensemble(voices=(Voice(FER, 1.0),)),
    "face-api": Ensemble(voices=(Voice(FACE_API, 1.0),)),
}

CERTAINTIES: Mapping[str, Certainty] = {
    "fused": Certainty(temperature=1.0, unsure=0.4),
    "fer": Certainty(temperature=1.3, unsure=0.4),
    "face-api": Certainty(temperature=4.55, unsure=0.4),
    "fer-reference": Certainty(temperature=1.3, unsure=0.4),
}
