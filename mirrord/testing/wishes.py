"""Environments to ask a driver for, far apart in everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mirrord.driver import Environment

BRIGHT = Environment(
    present=True,
    lighting_color="#FFD700",
    lighting_intensity=0.9,
    background_color="#FFF4CC",
    audio_tone="uplifting",
    audio_frequency_hz=440.0,
    audio_volume=0.25,
    audio_major=1.0,
    audio_tempo_bpm=110.0,
    audio_articulation=0.6,
    visual_pattern="dynamic_particles",
    particle_count=1500,
    animation_speed=2.0,
    temperature_c=24.0,
    humidity_pct=55.0,
    air_quality="good",
    transition_s=0.0,
)
BETWEEN = replace(
    BRIGHT,
    lighting_color="#2E8B57",
    lighting_intensity=0.6,
    audio_tone="peaceful",
    audio_frequency_hz=300.0,
    audio_volume=0.15,
    audio_tempo_bpm=75.0,
    temperature_c=22.0,
    humidity_pct=48.0,
)
DIM = replace(
    BRIGHT,
    lighting_color="#191970",
    lighting_intensity=0.25,
    audio_tone="melancholic",
    audio_frequency_hz=180.0,
    audio_volume=0.08,
    audio_major=0.0,
    audio_tempo_bpm=55.0,
    audio_articulation=0.1,
    visual_pattern="slow_drift",
    particle_count=300,
    animation_speed=0.4,
    temperature_c=20.0,
    humidity_pct=40.0,
)


def environment(**changes: Any) -> Environment:
    """Return the bright environment with some of its fields changed."""
    return replace(BRIGHT, **changes)
