"""Finds the drivers, gives each a mailbox and a supervised task, and shows how they fare."""

from mirrord.driver_host.host import DriverHost
from mirrord.driver_host.plugins import (
    Configured,
    configured,
    driver_tables,
    installed_plugins,
)
from mirrord.driver_host.probe import ProbeResult, probe
from mirrord.driver_host.timing import Timing
from mirrord.model import DriverStatus

__all__ = [
    "Configured",
    "DriverHost",
    "DriverStatus",
    "ProbeResult",
    "Timing",
    "configured",
    "driver_tables",
    "installed_plugins",
    "probe",
]
