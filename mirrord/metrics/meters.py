"""What is counted as it happens; everything else is read when somebody asks."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from mirrord.wire import FrameSeen, Message

# Seconds: from a workstation to a hot Pi that looks for small, distant faces.
_BUCKETS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0)


class Meters:
    """Counters of one mirror, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.frames = 0
        self._frames = Counter("mirrord_frames", "Frames that were judged.", registry=self.registry)
        self._inference = Histogram(
            "mirrord_inference_seconds",
            "Time that detection and judgement of one frame took.",
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._readings = Counter(
            "mirrord_readings", "Readings that were handed to the store.", registry=self.registry
        )

    def take(self, message: Message) -> None:
        """Count a message of the vision process."""
        if isinstance(message, FrameSeen):
            self.frames += 1
            self._frames.inc()
            self._inference.observe(message.inference_ms / 1e3)

    def reading(self, *_: object) -> None:
        """Count a reading. Whose and which is nobody's business here."""
        self._readings.inc()
