"""Figures for Prometheus: how the mirror fares, never what it sees (docs/metrics.md)."""

from mirrord.metrics.meters import Meters
from mirrord.metrics.part import metrics_part
from mirrord.metrics.sources import Sources

__all__ = ["Meters", "Sources", "metrics_part"]
