"""What operators see: metrics, logs with request ids, health; and the way out, drained."""

from mirrord.collective.observe.drain import Drain
from mirrord.collective.observe.metrics import Metrics
from mirrord.collective.observe.part import Observatory

__all__ = ["Drain", "Metrics", "Observatory"]
