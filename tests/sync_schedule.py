"""Random lives of a mirror and its collective, each made from a seed and told step by step.

`python -m tests.sync_schedule SEED...` lives them again, telling each step;
`python -m tests.sync_schedule --from SEED --count N` lives many (`make soak-sync`).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mirrord.store.limits import Limits
from mirrord.store.queries import Chosen
from tests.fakes.fault_proxy import FAULTS, FaultProxy
from tests.store_kit import scratch
from tests.sync_kit import BEGIN, Device, SimClock
from tests.sync_peer import Peer, StrictPeer, peer, strict_peer

STEPS = 22
SMALL_MB = 0.006  # an outbox that has to fold soon


@dataclass
class Life:
    """One mirror, one network, one seed."""

    device: Device
    proxy: FaultProxy
    rng: random.Random
    told: list[str] = field(default_factory=list)
    session: str = ""
    begun: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """Do one thing, whatever it is."""
        do: Callable[[], Awaitable[str]] = self.rng.choices(_STEPS, _WEIGHTS)[0].__get__(self)
        self.told.append(f"{do.__name__.strip('_')} {await do()}")

    async def _look(self) -> str:
        """Somebody stands before the mirror."""
        device, rng = self.device, self.rng
        if not self.session:
            self.session = f"visit {len(self.begun)}"
            self.begun.append(self.session)
            device.start(self.session)
        count = rng.randint(1, 12)
        for _ in range(count):
            device.look(self.session, rng)
            device.clock.pass_(rng.choice((1, 1, 2, 7, 31)))
        self._flush()
        return f"{count} readings of {self.session}"

    async def _leave(self) -> str:
        if self.session:
            self.device.end(self.session)
        left, self.session = self.session, ""
        self.device.clock.pass_(self.rng.choice((1, 70, 4000)))
        self._flush()
        return left

    async def _return(self) -> str:
        """A session that has ended goes on after all."""
        if self.session or not self.begun:
            return "not"
        self.session = self.rng.choice(self.begun)
        self.device.start(self.session)
        return await self._look()

    async def _send(self) -> str:
        self._flush()
        await self.device.send()
        return self.device.sender.status.said

    async def _send_badly(self) -> str:
        """Send over a network that does what it wants."""
        faults = [self.rng.choice(FAULTS) for _ in range(self.rng.randint(1, 2))]
        self.proxy.faults.extend(faults)
        self._flush()
        await self.device.send()
        self.proxy.faults.clear()
        return f"{faults}: {self.device.sender.status.said}"

    async def _haunt(self) -> str:
        await self.proxy.haunt()
        return ""

    async def _kill(self) -> str:
        """Kill the mirror, often while it is sending."""
        midway = self.rng.random() < 0.7
        if midway:
            self._flush()
            sending = asyncio.ensure_future(self.device.send())
            for _ in range(self.rng.randint(0, 40)):
                await asyncio.sleep(0)
            await asyncio.sleep(self.rng.choice((0, 0.001, 0.004)))
            sending.cancel()
            self.device.kill()
            with suppress(asyncio.CancelledError):
                await sending
        else:
            self.device.kill()
        self.session = ""
        self.device.clock.pass_(30)
        self.device.begin()
        return "midway" if midway else "between"

    async def _jump(self) -> str:
        seconds = self.rng.choice((-3 * 3600, -600, -61, -20, 20, 90, 4000, 2 * 86_400))
        self.device.clock.jump(seconds)
        return f"{seconds} s"

    async def _fill_disk(self) -> str:
        self.device.full = not self.device.full
        return "full" if self.device.full else "free"

    async def _forget(self) -> str:
        """Delete a visit, a span or everything."""
        what, device = Chosen(), self.device
        luck = self.rng.random()
        if luck < 0.45 and self.begun:
            what = Chosen(self.rng.choice(self.begun))
        elif luck < 0.9:
            until = device.clock.now() - timedelta(seconds=self.rng.randint(-5, 600))
            what = Chosen(None, until - timedelta(seconds=self.rng.randint(1, 900)), until)
        if self.session and what.session_id in (None, self.session):
            await self._leave()
        device.forget(what)
        return f"{what.session_id} {what.since} {what.until}"

    def _flush(self) -> None:
        if not self.device.full:
            self.device.flush()


_STEPS = (
    Life._look,
    Life._leave,
    Life._return,
    Life._send,
    Life._send_badly,
    Life._haunt,
    Life._kill,
    Life._jump,
    Life._fill_disk,
    Life._forget,
)
_WEIGHTS = (30, 10, 3, 12, 18, 5, 8, 5, 4, 6)


async def live(seed: int, there: Peer | StrictPeer, folder: Path) -> list[str]:
    """Live one life against a collective, then make peace. Raises AssertionError telling it all."""
    rng = random.Random(seed)
    limits = Limits(365, 500, rng.choice((8.0, 8.0, SMALL_MB)))
    clock = SimClock(right=rng.random() < 0.8)
    device = Device(folder / f"{seed}.sqlite3", clock, limits, rng=rng)
    host, port = there.place
    async with FaultProxy(host, port) as proxy:
        await there.link(device, f"http://127.0.0.1:{proxy.port}", seed)
        device.timeout_s = 0.04
        device.restart()
        life = Life(device, proxy, rng)
        try:
            for _ in range(STEPS):
                await life.step()
                if not clock.right and rng.random() < 0.2:
                    clock.jump(rng.choice((-86_400 * 40, 0, 5000, 86_400 * 30)))
                    clock.right = True
            await _peace(life)
            await there.check(device)
        except AssertionError as error:
            steps = "\n".join(life.told)
            raise AssertionError(f"seed {seed}: {error}\n{steps}") from None
        finally:
            device.close()
    return life.told


async def _peace(life: Life) -> None:
    device = life.device
    device.full, device.clock.right = False, True
    await life._leave()
    life.proxy.faults.clear()
    device.timeout_s = 10.0
    device.restart()
    device.clock.jump(max(0.0, (BEGIN + timedelta(days=3) - device.clock.wall).total_seconds()))
    await device.settle()
    await life.proxy.haunt()
    await device.settle()


async def many(seeds: list[int], real: bool = True, tell: bool = False) -> None:
    """Live many lives against one collective: the real one, or the strict one of the tests."""
    serve: Any = peer if real else strict_peer
    with scratch() as name:
        async with serve(Path(name)) as there:
            for seed in seeds:
                with tempfile.TemporaryDirectory(dir=name) as folder:
                    told: Any = await live(seed, there, Path(folder))
                    if tell:
                        print(seed, *told, sep="\n  ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    asked = parser.parse_args()
    seeds = asked.seeds or list(range(asked.first, asked.first + asked.count))
    asyncio.run(many(seeds, tell=bool(asked.seeds)))
    print(f"{len(seeds)} lives: the two ends agree after each")


if __name__ == "__main__":
    main()
