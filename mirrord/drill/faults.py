"""What is broken, and how; what else it may touch; within which time all has to be well again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from mirrord.drill.rig import Rig, SimulatedRig
from mirrord.errors import MirrorError

Act = Callable[[Any], Awaitable[None]]
FEW_BYTES: Final = 4096
_FAR_S: Final = 400 * 86_400.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`touches` names the parts that may be in trouble; of others none may, and none may stop.

    `noticed_s`: health has to name one of them within so long; None: nobody need notice.
    """

    name: str
    how: str
    touches: frozenset[str]
    within_s: float
    do: Act
    mend: Act
    noticed_s: float | None = 20.0
    hold_s: float = 3.0
    ends: bool = False  # the mirror itself: its page is away meanwhile
    real: bool = False  # can be done to a mirror in the real room without harm to its devices


async def _nothing(_rig: Rig) -> None:
    pass


async def _camera_gone(rig: SimulatedRig) -> None:
    await rig.camera.stop()


async def _camera_back(rig: SimulatedRig) -> None:
    await rig.camera.start()


async def _camera_freezes(rig: SimulatedRig) -> None:
    rig.camera.frozen = True


async def _camera_thaws(rig: SimulatedRig) -> None:
    rig.camera.frozen = False


def _to_vision(number: signal.Signals) -> Act:
    async def send(rig: Rig) -> None:
        children = rig.mirror.children()
        if not children:
            raise MirrorError("the mirror of the drill has no vision process")
        for pid in children:
            os.kill(pid, number)

    return send


async def _broker_stops(rig: SimulatedRig) -> None:
    await rig.room.broker.stop()


async def _broker_starts(rig: SimulatedRig) -> None:
    await rig.room.broker.start()


async def _broker_silent(rig: SimulatedRig) -> None:
    rig.to_broker.hang()


async def _broker_speaks(rig: SimulatedRig) -> None:
    await rig.to_broker.resume()


async def _bridge_down(rig: SimulatedRig) -> None:
    await rig.room.bridge.refuse()


async def _bridge_up(rig: SimulatedRig) -> None:
    await rig.room.bridge.listen()


def _bridge_is(misbehaviour: Any) -> Act:
    async def misbehave(rig: SimulatedRig) -> None:
        rig.room.bridge.misbehaviour = misbehaviour

    return misbehave


async def _speaker_gone(rig: SimulatedRig) -> None:
    rig.speaker.unplug()


async def _speaker_back(rig: SimulatedRig) -> None:
    rig.speaker.plug()


async def _disk_full(rig: Rig) -> None:
    rig.mirror.starve(FEW_BYTES)


async def _disk_free(rig: Rig) -> None:
    rig.mirror.starve(None)


async def _disk_read_only(rig: Rig) -> None:
    """Take the right to write away; what is open already is made to fail once, to be reopened."""
    for path in rig.database.parent.glob(f"{rig.database.name}*"):
        path.chmod(0o400)
    rig.database.parent.chmod(0o500)
    rig.mirror.starve(0)
    await asyncio.sleep(2.0)
    rig.mirror.starve(None)


async def _disk_writable(rig: Rig) -> None:
    rig.database.parent.chmod(0o700)
    for path in rig.database.parent.glob(f"{rig.database.name}*"):
        path.chmod(0o600)


def _clock(seconds: float) -> Act:
    async def jump(rig: Rig) -> None:
        await rig.mirror.order(f"clock {seconds}")

    return jump


async def _network_gone(rig: SimulatedRig) -> None:
    rig.to_bridge.hang()
    rig.to_broker.hang()


async def _network_back(rig: SimulatedRig) -> None:
    await rig.to_bridge.resume()
    await rig.to_broker.resume()


async def _power_cut(rig: Rig) -> None:
    await rig.mirror.kill()


async def _power_back(rig: Rig) -> None:
    await rig.mirror.start()


_SEEING: Final = frozenset({"camera", "vision"})
_BROKER: Final = frozenset({"hub", "thermostat"})
_HUE: Final = frozenset({"hue"})
_DISK: Final = frozenset({"store", "disk", "audio"})  # the simulated speaker is a file on it
_ALL: Final = frozenset({"*"})

FAULTS: Final[tuple[Fault, ...]] = (
    Fault(
        "camera gone", "the stream hangs up and refuses", _SEEING, 20, _camera_gone, _camera_back
    ),
    Fault(
        "camera stalls",
        "connected, but no frame comes",
        _SEEING,
        25,
        _camera_freezes,
        _camera_thaws,
    ),
    Fault(
        "vision killed",
        "kill -9 of the vision process",
        _SEEING,
        20,
        _to_vision(signal.SIGKILL),
        _nothing,
        hold_s=0.0,
        real=True,
    ),
    Fault(
        "vision frozen",
        "SIGSTOP of the vision process",
        _SEEING,
        25,
        _to_vision(signal.SIGSTOP),
        _nothing,
        hold_s=0.0,
        real=True,
    ),
    Fault("broker stops", "it hangs up and refuses", _BROKER, 30, _broker_stops, _broker_starts),
    Fault(
        "broker silent",
        "connected, but nothing passes",
        _BROKER,
        45,
        _broker_silent,
        _broker_speaks,
        noticed_s=30.0,
    ),
    Fault("bridge down", "it hangs up and refuses", _HUE, 30, _bridge_down, _bridge_up),
    Fault(
        "bridge hangs",
        "it takes requests and never answers",
        _HUE,
        45,
        _bridge_is("hang"),
        _bridge_is(None),
        noticed_s=30.0,
    ),
    Fault(
        "bridge overloaded",
        "every answer is its error 901 (503)",
        _HUE,
        45,
        _bridge_is("overloaded"),
        _bridge_is(None),
        noticed_s=75.0,  # a bridge that asks for peace gets it, in ever longer pauses
    ),
    Fault(
        "sound lost",
        "the output vanishes while it plays",
        frozenset({"audio"}),
        30,
        _speaker_gone,
        _speaker_back,
    ),
    Fault(
        "disk full",
        "no file can grow any more",
        _DISK,
        30,
        _disk_full,
        _disk_free,
        real=True,
    ),
    Fault(
        "disk read-only",
        "files and folder lose the right to be written",
        _DISK,
        30,
        _disk_read_only,
        _disk_writable,
    ),
    Fault(
        "clock forward",
        "the wall clock jumps 400 days ahead, and back",
        frozenset(),
        10,
        _clock(_FAR_S),
        _clock(-_FAR_S),
        noticed_s=None,
    ),
    Fault(
        "clock back",
        "the wall clock jumps 400 days back, and ahead",
        frozenset(),
        10,
        _clock(-_FAR_S),
        _clock(_FAR_S),
        noticed_s=None,
    ),
    Fault(
        "network silent",
        "nothing passes to bridge and broker",
        _HUE | _BROKER,
        60,
        _network_gone,
        _network_back,
        noticed_s=30.0,
        hold_s=8.0,
    ),
    Fault(
        "power",
        "kill -9 of the mirror and its vision process; started again",
        _ALL,
        40,
        _power_cut,
        _power_back,
        noticed_s=None,
        hold_s=1.0,
        ends=True,
        real=True,
    ),
)


def chosen(names: tuple[str, ...], *, real: bool) -> list[Fault]:
    """Return the faults with these names, all if there is none. Raises MirrorError."""
    possible = [fault for fault in FAULTS if fault.real or not real]
    known = {fault.name: fault for fault in possible}
    for name in names:
        if name not in known:
            raise MirrorError(f"no fault is called {name!r} here; there are {', '.join(known)}")
    return [known[name] for name in names] if names else possible
