"""The checks as a pytest class."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mirrord.driver import Environment, Plugin
from mirrord.testing import obeys, survives, tidies
from mirrord.testing.peer import PeerThread
from mirrord.testing.rig import NotConforming, Rig, Terms
from mirrord.testing.wishes import BETWEEN, BRIGHT, DIM

Check = Callable[[Rig], Awaitable[None]]


class DriverConformance:
    """Subclass it as `Test...`, say what the driver and its peer are, and run pytest.

    Each check starts a peer of its own. The deadlines are those of the mirror; a driver may be
    held to shorter ones.
    """

    plugin: ClassVar[Plugin[Any]]
    bright: ClassVar[Environment] = BRIGHT
    between: ClassVar[Environment] = BETWEEN
    dim: ClassVar[Environment] = DIM
    """Three wishes that the device shows differently."""
    open_s: ClassVar[float] = 15.0
    apply_s: ClassVar[float] = 10.0
    close_s: ClassVar[float] = 5.0
    settle_s: ClassVar[float] = 10.0
    """How long after an apply the device may take to show it."""
    notice_s: ClassVar[float] = 20.0
    """How long a lost device may go unnoticed."""
    quiet_s: ClassVar[float] = 0.3
    """How long to listen before saying that nothing was sent."""
    slow_s: ClassVar[float] = 1.0
    """How long a slow device takes for an answer."""
    shared: ClassVar[bool] = True
    """Whether the device can be opened twice at a time."""

    def peer(self) -> AbstractAsyncContextManager[Any]:
        """Return a context that yields the device, a `mirrord.testing.Peer`."""
        raise NotImplementedError("peer() has to return an async context manager")

    def config(self, peer: Any) -> Mapping[str, Any]:
        """Return the table [drivers.<name>] that leads to this peer."""
        raise NotImplementedError("config() has to return the driver's table")

    def test_refuses_unknown_settings(self, tmp_path: Path) -> None:
        self._check(obeys.refuses_unknown_settings, tmp_path)

    def test_opens_and_reports(self, tmp_path: Path) -> None:
        self._check(obeys.opens_and_reports, tmp_path)

    def test_looking_changes_nothing(self, tmp_path: Path) -> None:
        self._check(obeys.looking_changes_nothing, tmp_path)

    def test_applies(self, tmp_path: Path) -> None:
        self._check(obeys.applies, tmp_path)

    def test_same_wish_sends_nothing(self, tmp_path: Path) -> None:
        self._check(obeys.same_wish_sends_nothing, tmp_path)

    def test_gives_back_when_nobody_is_there(self, tmp_path: Path) -> None:
        self._check(obeys.gives_back_when_nobody_is_there, tmp_path)

    def test_gives_back_on_close(self, tmp_path: Path) -> None:
        self._check(obeys.gives_back_on_close, tmp_path)

    def test_gives_back_after_a_crash(self, tmp_path: Path) -> None:
        self._check(obeys.gives_back_after_a_crash, tmp_path)

    def test_second_opening_disturbs_nothing(self, tmp_path: Path) -> None:
        if not self.shared:
            pytest.skip("this device takes one opening at a time")
        self._check(obeys.second_opening_disturbs_nothing, tmp_path)

    def test_absent_peer_is_unavailable(self, tmp_path: Path) -> None:
        self._check(survives.absent_peer_is_unavailable, tmp_path)

    def test_notices_a_lost_peer(self, tmp_path: Path) -> None:
        self._check(survives.notices_a_lost_peer, tmp_path)

    def test_survives_a_hanging_peer(self, tmp_path: Path) -> None:
        self._check(survives.survives_a_hanging_peer, tmp_path)

    def test_survives_a_slow_peer(self, tmp_path: Path) -> None:
        self._check(survives.survives_a_slow_peer, tmp_path, needs="slow")

    def test_survives_a_lying_peer(self, tmp_path: Path) -> None:
        self._check(survives.survives_a_lying_peer, tmp_path, needs="lie")

    def test_survives_a_restarting_peer(self, tmp_path: Path) -> None:
        self._check(survives.survives_a_restarting_peer, tmp_path)

    def test_returns_with_the_newest_wish(self, tmp_path: Path) -> None:
        self._check(survives.returns_with_the_newest_wish, tmp_path)

    def test_closes_in_time(self, tmp_path: Path) -> None:
        self._check(tidies.closes_in_time, tmp_path)

    def test_leaves_nothing_behind(self, tmp_path: Path) -> None:
        self._check(tidies.leaves_nothing_behind, tmp_path)

    def test_never_blocks_the_loop(self, tmp_path: Path) -> None:
        self._check(tidies.never_blocks_the_loop, tmp_path)

    def _check(self, check: Check, state_dir: Path, needs: str = "") -> None:
        try:
            _run(self._with_peer(check, state_dir, needs))
        except NotConforming as error:
            pytest.fail(f"{self.plugin.name}: {error}", pytrace=False)

    async def _with_peer(self, check: Check, state_dir: Path, needs: str) -> None:
        async with PeerThread(self.peer) as peer:
            if needs and not peer.can(needs):
                pytest.skip(f"this peer has no {needs}()")
            await check(self.rig(peer, state_dir))

    def rig(self, peer: PeerThread, state_dir: Path) -> Rig:
        """Return the bench for one check."""
        terms = Terms(**{field.name: getattr(self, field.name) for field in fields(Terms)})
        wishes = self.bright, self.between, self.dim
        return Rig(self.plugin, dict(self.config(peer.device)), peer, state_dir, terms, wishes)


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` as asyncio.run does, but wait for nobody who will not end."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=1.0))
        loop.close()
