"""A mood into an environment: what the room should be. Pure, and continuous in the mood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mirrord.colour import Lab, from_lab, mix
from mirrord.model import (
    MOODS,
    Affect,
    AudioTone,
    Environment,
    Measured,
    Mood,
    MoodName,
    VisualPattern,
)

# Colour and feeling: Jonauskaite et al. 2020 (yellow, orange: joy; green, blue: contentment and
# relief); the hues of energy (15 degrees) and melancholy (280) are those of the first version.
COLOURS: Mapping[MoodName, str] = {
    "joy": "#FFC93C",
    "calm": "#4FB8C9",
    "energy": "#FF5A2B",
    "melancholy": "#7B5BD6",
}
# What a lamp shows while little is known of the mood: a white barely warm, since a yellower one
# would turn green on its way to calm.
_REST_COLOUR = "#FFF1DD"
# The share of rest: it stands in for moods too faint to show, and fades as they grow.
_REST_WEIGHT = 0.06
TONES: Mapping[MoodName, AudioTone] = {
    "joy": "uplifting",
    "calm": "peaceful",
    "energy": "energetic",
    "melancholy": "melancholic",
}
PATTERNS: Mapping[MoodName, VisualPattern] = {
    "joy": "flowing_waves",
    "calm": "gentle_ripples",
    "energy": "dynamic_particles",
    "melancholy": "slow_drift",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How one part of the environment follows from the mood, for people who ask why.

    `formula` is in valence, arousal, intensity, the four moods and comfort_c, before the part's
    range; that of the colour is in words of OKLab. `sources` are keys of `SOURCES`.
    """

    part: str
    formula: str
    sources: tuple[str, ...] = ()


SOURCES: Mapping[str, str] = {
    "jonauskaite": "Jonauskaite et al. 2020",
    "valdez": "Valdez & Mehrabian 1994",
    "wilms": "Wilms & Oberfeld 2018",
    "eerola": "Eerola, Friberg & Bresin 2013",
    "iso7730": "ISO 7730:2005",
    "pad": "Russell & Mehrabian 1977",
    "words": "Warriner, Kuperman & Brysbaert 2013",
    "russell": "Russell 1980",
    "starcke": "Starcke et al. 2021",
}
RULES: tuple[Rule, ...] = (
    Rule(
        "lighting_color",
        "OKLab: sum(mood^2 * colour) / sum(mood^2); chroma * (0.9 + 0.15 * arousal)",
        ("jonauskaite", "valdez"),
    ),
    Rule("lighting_intensity", "0.5 + 0.3 * arousal + 0.2 * valence", ("wilms",)),
    Rule("audio_major", "0.5 + 0.5 * tanh(2 * valence)", ("eerola",)),
    Rule("audio_tempo_bpm", "84 + 36 * arousal + 12 * valence", ("eerola",)),
    Rule("audio_frequency_hz", "220 * 2 ** (0.7 * arousal + 0.4 * valence)", ("eerola",)),
    Rule("audio_volume", "0.14 + 0.08 * arousal", ("eerola",)),
    Rule("audio_articulation", "0.35 + 0.4 * arousal", ("eerola",)),
    Rule("temperature_c", "comfort_c + melancholy - energy", ("iso7730",)),
    Rule("humidity_pct", "45 + 5 * calm - 5 * energy"),
)
# Below this intensity no mood is clear enough to give the picture its pattern.
_CLEAR = 0.32
_TONIC_HZ = 220.0
_STEEPEST = math.tanh(2.0)
_HUMIDITY_PCT = 45.0


def respond(mood: Mood, measured: Measured, comfort_c: float = 23.4) -> Environment:
    """Return the room that expresses `mood`.

    `comfort_c` is the air temperature (°C) that the person finds neutral. Air quality is what a
    sensor measures, or None. Every number is continuous in the mood; only the words (tone,
    pattern) change at once.
    """
    affect = mood.affect
    lab = _lab(affect)
    return Environment(
        present=mood.present,
        lighting_color=from_lab(lab),
        lighting_intensity=_lighting_intensity(affect),
        background_color=from_lab((0.30 * lab[0], 0.45 * lab[1], 0.45 * lab[2])),
        audio_tone=TONES[affect.dominant_emotion],
        audio_frequency_hz=_frequency_hz(affect),
        audio_volume=_between(0.06, 0.22, 0.5 + 0.5 * affect.arousal),
        audio_major=0.5 + 0.5 * math.tanh(2.0 * affect.valence),
        audio_tempo_bpm=_clamp(84 + 36 * affect.arousal + 12 * affect.valence, 40, 140),
        audio_articulation=_clamp(0.35 + 0.4 * affect.arousal, 0, 1),
        visual_pattern=_pattern(mood),
        particle_count=round(_between(100, 2000, _liveliness(affect))),
        animation_speed=_between(0.1, 3.0, _half(affect.arousal) ** 2),
        temperature_c=_clamp(comfort_c + affect.melancholy - affect.energy, 18, 28),
        humidity_pct=_clamp(_HUMIDITY_PCT + 5 * affect.calm - 5 * affect.energy, 30, 70),
        air_quality=measured.air_quality,
        transition_s=2.0,
    )


def answered(audio_major: float, audio_articulation: float) -> tuple[float, float]:
    """Return the valence and arousal (-1..1) that a room with such a sound answered to.

    Key and articulation follow one each, whatever the mode, and no limit touches them. Arousal is
    found down to -.875, where articulation ends.
    """
    height = _clamp(2 * audio_major - 1, -_STEEPEST, _STEEPEST)
    return math.atanh(height) / 2, _clamp((audio_articulation - 0.35) / 0.4, -1, 1)


def _lab(affect: Affect) -> Lab:
    """Blend the moods' colours in OKLab, vivid where the mood is strong.

    Squared weights let the leading mood lead without a jump where two are level.
    Saturation grows with arousal (Valdez & Mehrabian 1994: A = -.31 B + .60 S).
    """
    rest = _REST_WEIGHT * max(0.0, 1 - affect.emotion_intensity) ** 2
    parts = [(COLOURS[name], getattr(affect, name) ** 2) for name in MOODS]
    light, green_red, blue_yellow = mix([*parts, (_REST_COLOUR, rest + 1e-6)])
    vivid = 0.9 + 0.15 * affect.arousal
    return light, vivid * green_red, vivid * blue_yellow


def _lighting_intensity(affect: Affect) -> float:
    """Brightness of a lit thing raises arousal (Wilms & Oberfeld 2018), so it expresses it too."""
    return _clamp(0.5 + 0.3 * affect.arousal + 0.2 * affect.valence, 0.1, 1.0)


def _frequency_hz(affect: Affect) -> float:
    """Register: high is happy and excited, low is sad (Eerola, Friberg & Bresin 2013)."""
    octaves = 0.7 * affect.arousal + 0.4 * affect.valence
    return _clamp(_TONIC_HZ * 2**octaves, 100, 1000)


def _pattern(mood: Mood) -> VisualPattern:
    if not mood.present or mood.affect.emotion_intensity < _CLEAR:
        return "ambient_float"
    return PATTERNS[mood.affect.dominant_emotion]


def _liveliness(affect: Affect) -> float:
    return 0.6 * _half(affect.arousal) + 0.4 * min(1.0, affect.emotion_intensity)


def _half(value: float) -> float:
    return (1 + value) / 2


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * _clamp(share, 0, 1)


def _clamp(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
