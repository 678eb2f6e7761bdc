"""The mirror's state as Prometheus metrics. No label names a person, a mood or an expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from mirrord.metrics.sources import Sources

State = Mapping[str, Any]
_LEVELS = {"green": 0, "amber": 1, "red": 2}


class MirrorCollector(Collector):
    """Reads the state once for every scrape."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> list[Metric]:
        """Say nothing before the first scrape: there may be no state yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        state = self._sources.state()
        yield from _whole(state)
        yield from self._seeing(state)
        yield from self._drivers(state)
        yield from self._storing(state["store"])
        yield _gauge("mirrord_live_sockets", "Pages that look on now.", self._sources.sockets())

    def _seeing(self, state: State) -> Iterator[Metric]:
        yield _gauge(
            "mirrord_camera_up", "Whether the camera is open.", state["camera"]["state"] == "open"
        )
        yield CounterMetricFamily(
            "mirrord_vision_restarts",
            "How often the vision process was started again.",
            value=self._sources.restarts(),
        )
        vision = state["vision"]
        if vision:
            memory = vision["memory_mb"] * 1e6
            yield _gauge("mirrord_vision_frames_per_second", "Frames judged.", vision["fps"])
            yield _gauge("mirrord_vision_memory_bytes", "Memory of the vision process.", memory)
            if vision["cpu_temp_c"] is not None:
                heat = vision["cpu_temp_c"]
                yield _gauge("mirrord_cpu_celsius", "Temperature of the processor.", heat)

    def _drivers(self, state: State) -> Iterator[Metric]:
        up = GaugeMetricFamily("mirrord_driver_up", "Whether it is ready.", labels=["driver"])
        latency = GaugeMetricFamily(
            "mirrord_driver_latency_seconds",
            "From the capture of a frame to the end of the command that answers it.",
            labels=["driver", "quantile"],
        )
        for driver in state["drivers"]:
            up.add_metric([driver["name"]], driver["state"] == "ready")
            for quantile, key in (("0.5", "p50"), ("0.99", "p99")):
                if driver["latency_ms"]:
                    seconds = driver["latency_ms"][key] / 1e3
                    latency.add_metric([driver["name"], quantile], seconds)
        yield up
        yield latency
        yield from self._counts()

    def _counts(self) -> Iterator[Metric]:
        applies = CounterMetricFamily(
            "mirrord_driver_applies", "Wishes that were applied.", labels=["driver"]
        )
        failures = CounterMetricFamily(
            "mirrord_driver_failures", "Openings and wishes that failed.", labels=["driver"]
        )
        for name, (applied, failed) in self._sources.counted().items():
            applies.add_metric([name], applied)
            failures.add_metric([name], failed)
        yield applies
        yield failures

    def _storing(self, store: State) -> Iterator[Metric]:
        for name, help_text, value in (
            ("mirrord_store_up", "Whether it can be written.", store["state"] != "paused"),
            ("mirrord_store_bytes", "The database and its log on the disk.", store["bytes"]),
            ("mirrord_store_readings", "Readings in the database.", store["readings"]),
            ("mirrord_store_pending", "Entries that wait to be written.", store["pending"]),
        ):
            yield _gauge(name, help_text, value)
        for name, help_text, value in (
            ("mirrord_store_flushes", "Batches that were written.", self._sources.flushes()),
            ("mirrord_store_dropped", "Readings that were lost.", store["dropped"]),
        ):
            yield CounterMetricFamily(name, help_text, value=value)


def _whole(state: State) -> Iterator[Metric]:
    info = GaugeMetricFamily("mirrord_info", "The version that runs.", labels=["version"])
    info.add_metric([state["version"]], 1)
    yield info
    health = state["health"]
    said = "0 green, 1 amber, 2 red."
    yield _gauge("mirrord_health", said, _LEVELS[health["state"]])
    troubles = GaugeMetricFamily("mirrord_trouble", f"By part: {said}", labels=["part"])
    worst: dict[str, int] = {}
    for one in health["troubles"]:
        worst[one["part"]] = max(worst.get(one["part"], 0), _LEVELS[one["level"]])
    for part, level in worst.items():
        troubles.add_metric([part], level)
    yield troubles
    yield _gauge("mirrord_hub_up", "Whether the broker answers.", state["hub"]["state"] == "ready")


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=float(value))
