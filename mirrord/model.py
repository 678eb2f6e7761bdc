"""What the mirror speaks of: expressions, readings, moods, environments, devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mirrord.expression import EXPRESSIONS as EXPRESSIONS
from mirrord.expression import UNSURE as UNSURE
from mirrord.expression import Expression as Expression

MoodName = Literal["joy", "calm", "energy", "melancholy"]
# Ties in the dominant mood are broken in this order.
MOODS: tuple[MoodName, ...] = ("joy", "calm", "energy", "melancholy")
ModeName = Literal["mirror", "counter", "guide", "still"]
AudioTone = Literal["uplifting", "peaceful", "energetic", "melancholic"]
VisualPattern = Literal[
    "dynamic_particles", "flowing_waves", "gentle_ripples", "slow_drift", "ambient_float"
]
AirQuality = Literal["excellent", "good", "moderate", "needs_improvement"]
DeviceKind = Literal["lamp", "speaker", "thermostat", "humidifier", "sensor"]
DriverState = Literal["ready", "opening", "unavailable", "refused", "off", "paused"]
Value = float | str | bool | None


@dataclass(frozen=True, slots=True)
class Affect:
    """A point of the valence-arousal plane (each -1..1) and its four moods (each 0..1)."""

    valence: float
    arousal: float
    joy: float
    calm: float
    energy: float
    melancholy: float

    @property
    def dominant_emotion(self) -> MoodName:
        """Return the largest of the four moods."""
        name: MoodName = "joy"
        for other in MOODS:
            if getattr(self, other) > getattr(self, name):
                name = other
        return name

    @property
    def emotion_intensity(self) -> float:
        return max(self.joy, self.calm, self.energy, self.melancholy)


@dataclass(frozen=True, slots=True)
class Reading:
    """One face at one time, as the classifier judged it."""

    at: datetime  # UTC
    track: int  # anonymous; says only "the same face as in the frame before"
    expressions: Mapping[str, float]  # the seven probabilities, summing to 1
    expression: Expression
    confidence: float  # 0..1, calibrated
    affect: Affect


@dataclass(frozen=True, slots=True)
class Mood:
    """What the room answers to: readings of all faces, smoothed in time."""

    affect: Affect
    expression: Expression
    confidence: float  # 0..1
    people: int
    present: bool  # False once nobody was there for the grace period


@dataclass(frozen=True, slots=True)
class Measured:
    """What sensors say of the room; None where there is no sensor."""

    temperature_c: float | None = None
    humidity_pct: float | None = None
    air_quality: AirQuality | None = None


@dataclass(frozen=True, slots=True)
class DeviceWish:
    """What a person wants of one device, beside the mood; None follows the mood.

    `gain` 0..1 makes a lamp or loudspeaker that much weaker than the others. `follow` takes a
    device back that was changed by hand elsewhere: on its own switch, or in its maker's app.
    """

    gain: float = 1.0
    color: str | None = None  # "#RRGGBB", sRGB
    brightness: float | None = None  # 0..1
    setpoint_c: float | None = None
    follow: bool = False


_NO_WISH = DeviceWish()


@dataclass(frozen=True, slots=True)
class Environment:
    """What the room is asked to be. Bounded by the safety governor before a driver sees it.

    Ranges: intensities 0..1; audio_frequency_hz 100..1000; audio_volume 0..0.3;
    audio_major 0 (minor) .. 1 (major); audio_articulation 0 (legato) .. 1 (staccato);
    particle_count 100..2000; animation_speed 0.1..3; temperature_c 18..28; humidity_pct 30..70.
    """

    present: bool  # False: nobody is there; give devices back as found, stay connected
    lighting_color: str  # "#RRGGBB", sRGB
    lighting_intensity: float
    background_color: str
    audio_tone: AudioTone
    audio_frequency_hz: float
    audio_volume: float
    audio_major: float
    audio_tempo_bpm: float
    audio_articulation: float
    visual_pattern: VisualPattern
    particle_count: int
    animation_speed: float
    temperature_c: float
    humidity_pct: float
    air_quality: AirQuality | None  # as a sensor measures it
    transition_s: float  # how long a lamp takes to get there
    captured_ns: int | None = None  # CLOCK_MONOTONIC of the frame behind it, for latency
    devices: Mapping[str, DeviceWish] = field(default_factory=dict)  # by `Device.id`

    def wish_for(self, device: str) -> DeviceWish:
        """Return what a person wants of one device: usually nothing in particular."""
        return self.devices.get(device, _NO_WISH)


@dataclass(frozen=True, slots=True)
class Device:
    """One device of the room as its driver last saw it.

    Keys of `values` by kind:
    lamp: on, color "#RRGGBB", brightness 0..1, reachable, held (a person changed it elsewhere).
    speaker: playing, volume 0..1, device.
    thermostat: setpoint_c, measured_c, mode, held (a person set it by hand).
    humidifier: on, target_pct, measured_pct.
    sensor: temperature_c, humidity_pct, air_quality (a word of `AirQuality`), and what else it has.
    """

    id: str
    kind: DeviceKind
    name: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DriverStatus:
    """How one driver fares, as the page shows it.

    Latencies are from the capture of a frame to the end of the apply that answers it, over the
    last 500 changes; None before the first.
    """

    name: str
    title: str
    enabled: bool
    state: DriverState
    error: str = ""  # one sentence; empty when all is well
    applied_at: datetime | None = None  # UTC
    latency_p50_ms: float | None = None
    latency_p99_ms: float | None = None
    devices: tuple[Device, ...] = ()
