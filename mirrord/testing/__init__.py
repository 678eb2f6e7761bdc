"""The conformance kit: what a driver's author runs with pytest against the driver's device.

    class TestLamp(DriverConformance):
        plugin = my_lamp.plugin

        def peer(self):
            return FakeLamp()  # an async context manager that yields a `Peer`

        def config(self, peer):
            return {"url": peer.url}  # the table [drivers.lamp]

Needs pytest; nothing else of mirrord does.
"""

from mirrord.testing.conformance import DriverConformance
from mirrord.testing.peer import Peer
from mirrord.testing.rig import NotConforming
from mirrord.testing.wishes import BETWEEN, BRIGHT, DIM, environment

__all__ = [
    "BETWEEN",
    "BRIGHT",
    "DIM",
    "DriverConformance",
    "NotConforming",
    "Peer",
    "environment",
]
