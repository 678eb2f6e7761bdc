"""Why the room was as it was: the chain of a recorded moment, from its reading and response. Pure.

A response tells by itself which mood it answered to, smoothed and led as it was
(`mirrord.response.answered`), so what was wished can be worked out again and compared.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from mirrord.colour_word import colour_word
from mirrord.comfort import comfort_band
from mirrord.correction import Calibration
from mirrord.model import EXPRESSIONS, UNSURE, Affect, Environment, Measured, Mood, MoodName
from mirrord.modes import Aim
from mirrord.mood import affect_at
from mirrord.response import answered, respond
from mirrord.store.moments import Moment
from mirrord.store.records import ReadingRecord, ResponseRecord
from mirrord.why.chain import (
    Done,
    Felt,
    Seen,
    Smoothing,
    Why,
    felt,
    offsets_of,
    reason_of,
    rules_used,
)
from mirrord.why.limits_met import limits_met


def recalled(moment: Moment, then: Calibration, comfort_c: float, smoothing: Smoothing) -> Why:
    """Return the chain of a moment; `then` are the corrections that counted at the time.

    Comfort (°C) and smoothing are those of the settings now: they are not recorded.
    """
    reading, response = moment.reading, moment.response
    why = Why(
        at=reading.timestamp,
        live=False,
        reason="unanswered",
        color=None,
        colour=None,
        expression=_seen_then(reading, then),
        seen=_felt_then(reading),
        smoothing=None if reading.expression is None else smoothing,
        done=None,
        rules=[],
        limits=[],
        drivers=[],
        reading=str(reading.id),
    )
    return why if response is None else _answered(why, moment, response, comfort_c)


def _felt_then(reading: ReadingRecord) -> Felt:
    moods: dict[MoodName, float] = {
        "joy": reading.joy,
        "calm": reading.calm,
        "energy": reading.energy,
        "melancholy": reading.melancholy,
    }
    return Felt(reading.valence, reading.arousal, moods, reading.dominant_emotion)


def _seen_then(reading: ReadingRecord, then: Calibration) -> Seen | None:
    """Return the expression of a reading; None if it was given by hand."""
    if reading.expression is None or reading.confidence is None:
        return None
    shares: dict[str, float] = {name: getattr(reading, name) for name in EXPRESSIONS}
    taught = then.corrections > 0
    return Seen(
        reading.expression,
        reading.confidence,
        shares,
        then.take_back(shares) if taught else None,
        then.corrections,
        offsets_of(then) if taught else None,
    )


def _answered(why: Why, moment: Moment, response: ResponseRecord, comfort_c: float) -> Why:
    """Add how the room answered, from the response alone: it tells the mood that it followed."""
    reading, mode = moment.reading, moment.mode
    alone = reading.expression is None  # given by hand: the response is to this very mood
    affect = _affect(reading) if alone else _answered_to(response)
    mood = Mood(affect, reading.expression or UNSURE, 1.0, 1, present=response.present)
    wished, given = respond(mood, Measured(), comfort_c), _environment(response)
    by_hand = alone or (mode is not None and mode.by_hand)
    aim = Aim(mode.mode, mode.goal) if mode else Aim()
    seen = replace(mood, affect=affect_at(reading.valence, reading.arousal))
    return msgspec.structs.replace(
        why,
        reason=reason_of(seen, aim, None, by_hand=by_hand),
        color=given.lighting_color,
        colour=colour_word(given.lighting_color),
        done=None if mode is None else Done(aim.mode, aim.goal, by_hand, None, felt(affect)),
        rules=rules_used(wished, given),
        limits=[] if by_hand else limits_met(wished, given, None, comfort_band()),
    )


def _answered_to(response: ResponseRecord) -> Affect:
    return affect_at(*answered(response.audio_major, response.audio_articulation))


def _affect(reading: ReadingRecord) -> Affect:
    moods = (reading.joy, reading.calm, reading.energy, reading.melancholy)
    return Affect(reading.valence, reading.arousal, *moods)


def _environment(response: ResponseRecord) -> Environment:
    return Environment(
        present=response.present,
        lighting_color=response.lighting_color,
        lighting_intensity=response.lighting_intensity,
        background_color=response.background_color,
        audio_tone=response.audio_tone,
        audio_frequency_hz=response.audio_frequency,
        audio_volume=response.audio_volume,
        audio_major=response.audio_major,
        audio_tempo_bpm=response.audio_tempo,
        audio_articulation=response.audio_articulation,
        visual_pattern=response.visual_pattern,
        particle_count=response.particle_count,
        animation_speed=response.animation_speed,
        temperature_c=response.temperature,
        humidity_pct=response.humidity,
        air_quality=response.air_quality,
        transition_s=response.transition_s,
    )
