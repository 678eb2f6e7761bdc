"""What Prometheus reads at /metrics: of this process, with the names of routes, never of people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

import mirrord

KIND: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX: Final = "mirrord_collective"


class Metrics:
    """The figures of one process. In a registry of their own: nothing of a library slips in."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        Info(_PREFIX, "Which program this is.", registry=registry).info(
            {"version": mirrord.__version__}
        )

        def counter(name: str, said: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}_{name}", said, labels, registry=registry)

        self.requests = counter(
            "requests", "Requests answered, by route.", "method", "route", "status"
        )
        self.seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "From a request's arrival to the answer, sockets left out.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.sent = counter("socket_messages", "Messages that sockets were sent, by type.", "type")
        self.skipped = counter(
            "socket_skipped", "States that a slow client was spared: the newest of each came."
        )
        self.evicted = counter("socket_evictions", "Clients let go since they did not read.")
        self.refused = counter("socket_refusals", "Clients not taken: too many.", "why")
        self.lag = self._gauge("loop_lag_seconds", "How late the event loop last came to a turn.")

    def watch(self, name: str, said: str, value: Callable[[], float]) -> None:
        """Add a figure that is asked for whenever somebody reads."""
        self._gauge(name, said).set_function(value)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, said: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", said, registry=self.registry)
