"""The conformance kit, against the simulated bridge: lamps in a group, and lamps one by one."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from mirrord.driver import write_secret
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp
from mirrord.testing import DriverConformance
from mirrord_hue import plugin

KEY = "a-key-of-the-conformance-kit"


class BridgePeer:
    def __init__(self, bridge: SimulatedBridge, key_file: Path) -> None:
        self.bridge = bridge
        self.key_file = key_file

    def observe(self) -> Any:
        names = ("on", "bri", "xy", "ct", "hue", "sat", "effect", "colormode")
        return {
            number: {name: lamp.state[name] for name in names if name in lamp.state}
            for number, lamp in self.bridge.lamps.items()
        }

    def commands(self) -> list[Any]:
        return [(command.path, command.body) for command in self.bridge.commands]

    async def stop(self) -> None:
        await self.bridge.refuse()

    async def start(self) -> None:
        await self.bridge.listen()

    def hang(self) -> None:
        self.bridge.misbehaviour = "hang"

    def slow(self, seconds: float) -> None:
        self.bridge.delay_s = seconds

    def lie(self) -> None:
        self.bridge.misbehaviour = "garbage"

    def resume(self) -> None:
        self.bridge.misbehaviour = None
        self.bridge.delay_s = 0.0


@asynccontextmanager
async def peer_with(**bridge: Any) -> AsyncIterator[BridgePeer]:
    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "key"
        write_secret(key_file, KEY)
        async with SimulatedBridge(key=KEY, **bridge) as simulated:
            yield BridgePeer(simulated, key_file)


class TestGroup(DriverConformance):
    """Five lamps of three gamuts and two kinds of white, under one command.

    That makes no difference to a bridge that is away or hangs: the lamps below wait for those.
    """

    plugin = plugin
    test_absent_peer_is_unavailable = None
    test_notices_a_lost_peer = None
    test_survives_a_hanging_peer = None
    test_survives_a_slow_peer = None
    test_survives_a_lying_peer = None
    test_survives_a_restarting_peer = None
    test_never_blocks_the_loop = None
    test_closes_in_time = None
    test_leaves_nothing_behind = None

    def peer(self) -> AbstractAsyncContextManager[BridgePeer]:
        return peer_with()

    def config(self, peer: BridgePeer) -> dict[str, Any]:
        return {"bridge": peer.bridge.address, "key_file": str(peer.key_file)}


class TestLamps(DriverConformance):
    """Single lamps: one that is off when found, one in a colour loop, one plain white."""

    plugin = plugin

    def peer(self) -> AbstractAsyncContextManager[BridgePeer]:
        looping = SimulatedLamp("Loop", "LCT001")
        looping.state["effect"] = "colorloop"
        lamps = [SimulatedLamp("Off", on=False), looping, SimulatedLamp("White", "LWB014")]
        return peer_with(lamps=lamps, groups={})

    def config(self, peer: BridgePeer) -> dict[str, Any]:
        names = ["off", "Loop", 3]
        return {
            "bridge": peer.bridge.address,
            "key_file": str(peer.key_file),
            "lights": names,
            "transition_s": 0.1,
        }
