"""The conformance kit: a good driver passes; each bad one fails just the check it should."""

from __future__ import annotations

from mirrord.testing import DriverConformance
from tests.fakes.driver_lamp import plugin
from tests.fakes.lamp_peer import LampPeer


class TestGoodLamp(DriverConformance):
    plugin = plugin

    def peer(self) -> LampPeer:
        return LampPeer()

    def config(self, peer: LampPeer) -> dict[str, str]:
        return {"url": peer.url}
