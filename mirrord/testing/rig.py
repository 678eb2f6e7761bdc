"""A driver on the bench: opened, asked and closed with the host's own means and deadlines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrord.driver import Device, Environment, MirrorError, Plugin, Unavailable
from mirrord.driver_host import DriverHost, Timing, configured
from mirrord.driver_host.memory import Memory
from mirrord.driver_host.said import traced
from mirrord.driver_host.session import Session, plain
from mirrord.driver_host.side import HostSide
from mirrord.testing.peer import PeerThread

HEARTBEAT_S = 0.2  # of the host on the bench


class NotConforming(AssertionError):
    """What a driver does otherwise than it should, in words for its author."""


@dataclass(frozen=True)
class Terms:
    """What the bench grants a driver, in seconds."""

    open_s: float
    apply_s: float
    close_s: float
    settle_s: float
    notice_s: float
    quiet_s: float
    slow_s: float

    @property
    def back_s(self) -> float:
        """How long until a lost device shows a wish again: it is noticed, closed and opened."""
        return self.notice_s + self.close_s + self.open_s + self.settle_s


class Rig:
    """One driver, its peer, and what it remembers from opening to opening."""

    def __init__(
        self,
        plugin: Plugin[Any],
        table: dict[str, Any],
        peer: PeerThread,
        state_dir: Path,
        terms: Terms,
        wishes: tuple[Environment, Environment, Environment],
    ) -> None:
        self.plugin = plugin
        self.table = table
        self.peer = peer
        self.terms = terms
        self.bright, self.between, self.dim = wishes
        self.kept: dict[str, Any] = {}  # the driver's memory as it was saved last
        self.devices: dict[str, Device] = {}
        self._state_dir = state_dir

    def configure(self, **more: Any) -> Any:
        """Return the typed config of the table, with more keys. Raises ConfigError."""
        name = self.plugin.name
        tables = {name: {**self.table, **more}}
        return configured(tables, "mirrord.toml", {name: self.plugin})[name].config

    def session(self, memory: dict[str, Any] | None = None) -> Session:
        """Start to open the driver; with a memory of its own, what it keeps is forgotten."""
        keep = self._keep if memory is None else _forget
        mind = Memory(self.kept if memory is None else memory, keep)
        mind.attach(asyncio.get_running_loop())
        side = HostSide(self._state_dir, mind, self._see)
        config = self.configure()
        return Session(f"driver {self.plugin.name}", lambda: self.plugin.open(config, side))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Session]:
        """Hold the driver open, with its peer there. Closing late or loudly is not judged here."""
        session = self.session()
        try:
            if (failure := await self.attempt(session.open(self.terms.open_s))) is not None:
                raise NotConforming(f"it does not open although the peer answers: {failure}")
            yield session
        finally:
            await session.close(self.terms.close_s)
            await asyncio.sleep(0)  # the memory is saved on the next turn

    async def apply(self, session: Session, wish: Environment) -> None:
        """Apply with the peer there."""
        if (failure := await self.try_apply(session, wish)) is not None:
            raise NotConforming(f"apply failed although the peer answers: {failure}")

    async def try_apply(self, session: Session, wish: Environment) -> MirrorError | None:
        """Apply, and return the Unavailable or Refused that it raised. Nothing else may come."""
        started = time.monotonic()
        failure = await self.attempt(session.apply(wish, self.terms.apply_s))
        if time.monotonic() - started >= self.terms.apply_s:
            raise NotConforming(
                f"apply was still waiting after {self.terms.apply_s:g} s: give whatever it waits "
                "for a shorter time-out, and raise Unavailable"
            )
        return failure

    async def attempt(self, step: Any) -> MirrorError | None:
        """Await a step of the driver, and return the Unavailable or Refused that it raised."""
        try:
            await step
        except MirrorError as error:
            return error
        except Exception as error:
            error = plain(error)
            if isinstance(error, MirrorError):
                return error
            raise NotConforming(
                f"it raised {type(error).__name__}: {error}; only Unavailable and Refused may "
                f"leave a driver\n\n{traced(error)}"
            ) from None
        return None

    async def observe(self) -> Any:
        """Return the state of the device."""
        return await self.peer.ask("observe")

    async def commands(self) -> list[Any]:
        """Return the commands that the device got so far."""
        return list(await self.peer.ask("commands"))

    async def shows(
        self, session: Session, wish: Environment, right: Callable[[Any], bool], what: str
    ) -> Any:
        """Apply until the device shows what is right, and rests; return what it shows."""
        await self.apply(session, wish)
        return await self.rests(right, what)

    async def rests(
        self, right: Callable[[Any], bool], what: str, within_s: float | None = None
    ) -> Any:
        """Wait until the device shows what is right twice in a row; `settle_s` by default."""
        within_s = self.terms.settle_s if within_s is None else within_s
        end = time.monotonic() + within_s
        before = await self.observe()
        while True:
            await asyncio.sleep(0.05)
            now = await self.observe()
            if now == before and right(now):
                return now
            if time.monotonic() > end:
                raise NotConforming(f"{what}; after {within_s:g} s it shows {now!r}")
            before = now

    @asynccontextmanager
    async def hosted(self) -> AsyncIterator[DriverHost]:
        """Run the driver in the real host, with quick heartbeats and short pauses."""
        timing = Timing(
            open_s=self.terms.open_s,
            apply_s=self.terms.apply_s,
            close_s=self.terms.close_s,
            heartbeat_s=HEARTBEAT_S,
            backoff_first_s=0.2,
            backoff_cap_s=0.5,
        )
        host = DriverHost(
            {self.plugin.name: self.table},
            self._state_dir,
            {self.plugin.name: self.kept},
            lambda: None,
            lambda _name, values: self._keep(values),
            where="mirrord.toml",
            plugins={self.plugin.name: self.plugin},
            timing=timing,
        )
        running = asyncio.create_task(host.run())
        try:
            yield host
        finally:
            running.cancel()
            await asyncio.wait({running})

    def _keep(self, values: dict[str, Any]) -> None:
        self.kept = values

    def _see(self, device: Device) -> None:
        self.devices[device.id] = device


def _forget(_values: dict[str, Any]) -> None:
    """Let a memory go."""


def is_unavailable(failure: MirrorError | None) -> bool:
    """Whether a driver said that its device is away for now."""
    return isinstance(failure, Unavailable)
