"""Any reading and any response, for the store's property tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from mirrord.model import EXPRESSIONS, Affect, Environment, Reading
from mirrord.store.words import AIR_WORDS, EXPRESSION_WORDS, PATTERN_WORDS, TONE_WORDS

shares = st.floats(0.0, 1.0)
times = st.datetimes(
    datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)
)  # fmt: skip


@st.composite
def readings(draw: st.DrawFn, at: st.SearchStrategy[datetime] = times) -> Reading:
    weights: Sequence[float] = draw(
        st.lists(st.floats(0.001, 1.0), min_size=7, max_size=7)
    )  # fmt: skip
    total = sum(weights)
    plane = st.floats(-1.0, 1.0)
    affect = Affect(draw(plane), draw(plane), *(draw(shares) for _ in range(4)))
    return Reading(
        draw(at),
        draw(st.integers(0, 1_000_000)),
        {name: weight / total for name, weight in zip(EXPRESSIONS, weights, strict=True)},
        draw(st.sampled_from(EXPRESSION_WORDS)),
        draw(shares),
        affect,
    )


colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
responses = st.builds(
    Environment,
    present=st.booleans(),
    lighting_color=colors,
    lighting_intensity=shares,
    background_color=colors,
    audio_tone=st.sampled_from(TONE_WORDS),
    audio_frequency_hz=st.floats(100.0, 1000.0),
    audio_volume=st.floats(0.0, 0.3),
    audio_major=shares,
    audio_tempo_bpm=st.floats(30.0, 200.0),
    audio_articulation=shares,
    visual_pattern=st.sampled_from(PATTERN_WORDS),
    particle_count=st.integers(100, 2000),
    animation_speed=st.floats(0.1, 3.0),
    temperature_c=st.floats(18.0, 28.0),
    humidity_pct=st.floats(30.0, 70.0),
    air_quality=st.sampled_from((None, *AIR_WORDS)),
    transition_s=st.floats(0.0, 60.0),
)
