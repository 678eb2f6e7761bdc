"""The real collective as the other end of a schedule, and what it holds of a mirror."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import insert, select

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.collective.courses import of_session
from mirrord.collective.linking.credentials import written
from mirrord.collective.schema import TALLY, hours, mirrors, sessions, tallies
from mirrord.collective.tally import tally_of_item
from mirrord.credentials import secrets
from mirrord.model import MOODS
from mirrord.store.room import left_out
from mirrord.sync_wire import WIDTH_MS, SessionEnd, Tally
from tests.collective_kit import Api, served
from tests.fakes.collective import FakeCollective, serving
from tests.sync_kit import Device, linked, totals

_WIDTHS = list(WIDTH_MS)


@dataclass
class Peer:
    """A running collective."""

    api: Api

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.api.url)
        return parts.hostname or "", parts.port or 0

    async def link(self, device: Device, url: str, seed: int) -> None:
        """Give a device a mirror of an account of its own."""
        account, _ = await self.api.account(f"user{seed}")
        secret, mirror = secrets.new_key(), 1 + seed
        now = time.time_ns() // 1_000_000
        row = {
            "account": account.account,
            "mirror": mirror,
            "name": "Hall",
            "version": "0",
            "digest": secrets.digest(secret),
            "expires": now + 86_400_000,
            "enrolled": now,
            "active": True,
        }
        await self.api.database.write(lambda to: to.execute(insert(mirrors), row))
        linked(device, url, str(mirror), written(account.account, mirror, secret))
        device.account = account.account

    async def check(self, device: Device) -> None:
        """Compare the two ends, number by number. Raises AssertionError."""
        sums, ends, minutes = device.held()
        kept = await self._tallies(device)
        if left_out(device.database).items:  # there was no room for all, and it says so
            here, there = (sum(one.readings for one in all_) for all_ in (sums.values(), kept))
            assert there + left_out(device.database).readings >= here
            return
        found = {(one.session, one.start): one for one in kept if one.width == "minute"}
        if len(found) == len(kept):
            _same("minutes", found, minutes)
        _same("sums", await self._sums(device), {k: tally_of_item(v) for k, v in sums.items()})
        _same("ends", await self._ends(device), {k: _end(v) for k, v in ends.items()})
        in_all = sum(one.readings for one in minutes.values())
        assert await self._in_rollups(device) == in_all, "rollups differ"

    async def _tallies(self, device: Device) -> list[Tally]:
        query = (
            select(sessions.c.session_id, tallies)
            .join(tallies, tallies.c.session == sessions.c.session)
            .where(tallies.c.account == device.account, sessions.c.account == device.account)
        )
        rows = await self.api.database.read(lambda of: of.execute(query))
        return [_tally(row) for row in rows.mappings()]

    async def _sums(self, device: Device) -> dict[str, Any]:
        """Return the totals that are kept of each session with readings."""
        query = select(sessions).where(sessions.c.account == device.account, sessions.c.total > 0)
        rows = await self.api.database.read(lambda of: of.execute(query))
        return {row["session_id"]: {name: row[name] for name in TALLY} for row in rows.mappings()}

    async def _ends(self, device: Device) -> dict[str, Any]:
        query = select(sessions).where(sessions.c.account == device.account, sessions.c.ended)
        rows = await self.api.database.read(lambda of: of.execute(query))
        return {
            row["session_id"]: (row["started"], row["last_activity"], row["course"])
            for row in rows.mappings()
        }

    async def _in_rollups(self, device: Device) -> int:
        query = select(hours.c.total).where(hours.c.account == device.account)
        rows = await self.api.database.read(lambda of: of.execute(query))
        return sum(rows.scalars())


@dataclass
class StrictPeer:
    """The collective of the tests, which keeps the contract to the letter, and is quick."""

    fake: FakeCollective

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.fake.url)
        return parts.hostname or "", parts.port or 0

    async def link(self, device: Device, url: str, seed: int) -> None:
        """Begin anew, for one device."""
        fake = self.fake
        for kept in (fake.tallies, fake.sessions, fake.erased, fake.batches, fake.requests):
            kept.clear()
        fake.credential, fake.expires = f"credential of {seed}", 1 << 41
        linked(device, url, str(seed), fake.credential)

    async def check(self, device: Device) -> None:
        """Compare the two ends, number by number. Raises AssertionError."""
        sums, ends, minutes = device.held()
        kept = list(self.fake.tallies.values())
        if left_out(device.database).items:
            return
        if all(one.width == "minute" for one in kept):
            found = {(one.session, one.start): _plain(one) for one in kept}
            _same("minutes", found, minutes)
        _same("sums", totals(kept), sums)
        _same("ends", self.fake.sessions, ends)


def _plain(one: Tally) -> Tally:
    return msgspec.structs.replace(one, is_historical=False)


def _same(what: str, there: dict[Any, Any], here: dict[Any, Any]) -> None:
    """Compare what is there with what should be. Raises AssertionError naming the first three."""
    wrong = [key for key in there.keys() | here.keys() if there.get(key) != here.get(key)]
    told = "".join(f"\n  {key}: {there.get(key)}, not {here.get(key)}" for key in wrong[:3])
    assert not wrong, f"{what}: {len(wrong)} of {len(here)} differ:{told}"


def _end(one: SessionEnd) -> tuple[int, int, Any]:
    return one.started, one.ended, of_session(one) if one.readings else None


def _tally(row: Any) -> Tally:
    moment = 1 << 42

    def high(packed: int) -> tuple[int, int]:
        value, after = divmod(packed, moment)
        return value, moment - 1 - after

    return Tally(
        session=row["session_id"],
        start=row["start"],
        width=_WIDTHS[row["width"]],
        readings=row["total"],
        answered=row["answered"],
        dominant=tuple(row[f"dominant_{mood}"] for mood in MOODS),
        expressions=tuple(row[f"saw_{word}"] for word in WORDS),
        sums=tuple(row[f"{name}_sum"] for name in MEASURES),
        squares=tuple(row[f"{name}_squares"] for name in MEASURES),
        lows=tuple(divmod(row[f"{name}_low"], moment) for name in MEASURES),
        highs=tuple(high(row[f"{name}_high"]) for name in MEASURES),
    )


@asynccontextmanager
async def strict_peer(_folder: Path) -> AsyncIterator[StrictPeer]:
    """Serve the collective of the tests."""
    async with serving(FakeCollective()) as fake:
        yield StrictPeer(fake)


@asynccontextmanager
async def peer(folder: Path) -> AsyncIterator[Peer]:
    """Serve a collective that does not mind how much is asked of it."""
    many = 1_000_000
    limits = {"address_per_minute": many, "account_per_minute": many, "mirror_per_minute": many}
    async with served(folder, limits=limits) as api:
        yield Peer(api)
