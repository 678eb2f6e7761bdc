"""The words that the file keeps as numbers, and its units.

Files hold positions in these lists: append to them, never reorder them.
"""

from __future__ import annotations

from typing import Final

from mirrord.analytics.aggregate import UNIT

__all__ = ["AIR_WORDS", "EXPRESSION_WORDS", "MOOD_WORDS", "PATTERN_WORDS", "TONE_WORDS", "UNIT"]

EXPRESSION_WORDS: Final = (
    "angry",
    "disgust",
    "fear",
    "happy",
    "sad",
    "surprise",
    "neutral",
    "unsure",
)
MOOD_WORDS: Final = ("joy", "calm", "energy", "melancholy")
TONE_WORDS: Final = ("uplifting", "peaceful", "energetic", "melancholic")
PATTERN_WORDS: Final = (
    "dynamic_particles",
    "flowing_waves",
    "gentle_ripples",
    "slow_drift",
    "ambient_float",
)
AIR_WORDS: Final = ("excellent", "good", "moderate", "needs_improvement")
