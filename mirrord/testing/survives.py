"""Checks with a peer that misbehaves: absent, slow, hanging, lying, restarting."""

from __future__ import annotations

import asyncio
import time

from mirrord.driver_host import DriverHost
from mirrord.testing.rig import HEARTBEAT_S, NotConforming, Rig, is_unavailable


async def absent_peer_is_unavailable(rig: Rig) -> None:
    """Without its device it says Unavailable, and opens once the device is there."""
    found = await rig.observe()
    await rig.peer.ask("stop")
    session = rig.session()
    started = time.monotonic()
    try:
        failure = await rig.attempt(session.open(rig.terms.open_s))
        if time.monotonic() - started >= rig.terms.open_s:
            raise NotConforming(f"opening still waited after {rig.terms.open_s:g} s")
        if failure is None:
            failure = await rig.try_apply(session, rig.bright)
    finally:
        await session.close(rig.terms.close_s)
    if failure is None:
        raise NotConforming("it opens and applies although the device is not there")
    if not is_unavailable(failure):
        raise NotConforming(f"a device that is away is Unavailable, not Refused: {failure}")
    await rig.peer.ask("start")
    async with rig.opened() as session:
        await rig.shows(
            session, rig.bright, lambda now: now != found, "back again, it shows nothing"
        )


async def notices_a_lost_peer(rig: Rig) -> None:
    """When the device goes away, an apply raises Unavailable before long."""
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        await rig.peer.ask("stop")
        end = time.monotonic() + rig.terms.notice_s
        wish = rig.dim
        while (failure := await rig.try_apply(session, wish)) is None:
            if time.monotonic() > end:
                raise NotConforming(
                    f"{rig.terms.notice_s:g} s after the device went away apply still succeeds: "
                    "raise Unavailable, also when there is nothing to change"
                )
            await asyncio.sleep(0.1)
            wish = rig.bright if wish is rig.dim else rig.dim
        if not is_unavailable(failure):
            raise NotConforming(f"a device that is away is Unavailable, not Refused: {failure}")


async def survives_a_hanging_peer(rig: Rig) -> None:
    """A device that answers nothing delays an apply for less than the deadline."""
    found = await rig.observe()
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        await rig.peer.ask("hang")
        await rig.try_apply(session, rig.dim)
    await rig.peer.ask("resume")
    await _works_again(rig, found, "after a hang")


async def survives_a_slow_peer(rig: Rig) -> None:
    """A device that takes its time for each answer is worked with, or is Unavailable."""
    found = await rig.observe()
    await rig.peer.ask("slow", rig.terms.slow_s)
    session = rig.session()
    try:
        if await rig.attempt(session.open(rig.terms.open_s)) is None:
            await rig.try_apply(session, rig.bright)
    finally:
        await session.close(rig.terms.close_s)
    await rig.peer.ask("resume")
    await _works_again(rig, found, "after it was slow")


async def survives_a_lying_peer(rig: Rig) -> None:
    """Answers that make no sense lead to Unavailable or Refused, never to another exception."""
    found = await rig.observe()
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        await rig.peer.ask("lie")
        for wish in (rig.dim, rig.between, rig.dim):
            if await rig.try_apply(session, wish) is not None:
                break
    session = rig.session()
    try:
        await rig.attempt(session.open(rig.terms.open_s))
    finally:
        await session.close(rig.terms.close_s)
    await rig.peer.ask("resume")
    await _works_again(rig, found, "after it lied")


async def returns_with_the_newest_wish(rig: Rig) -> None:
    """After an absence the device gets the current wish, and none that was overtaken meanwhile."""
    found = await rig.observe()
    newest, overtaken = await _as_it_should_be(rig)
    async with rig.hosted() as host:
        host.wish(rig.bright)
        await rig.rests(lambda now: now != found, "a wish left the device as it was found")
        await rig.peer.ask("stop")
        host.wish(rig.between)
        await _away(host, rig.terms.notice_s)
        host.wish(rig.dim)
        await asyncio.sleep(rig.terms.quiet_s)
        sent = await rig.commands()
        await rig.peer.ask("start")
        await rig.rests(
            lambda now: now == newest,
            f"back again, the newest wish is {newest!r}",
            rig.terms.back_s,
        )
        for command in (await rig.commands())[len(sent) :]:
            if command in overtaken:
                raise NotConforming(
                    f"back again, it sent {command!r} of a wish that was overtaken: queue nothing"
                )


async def survives_a_restarting_peer(rig: Rig) -> None:
    """A device that restarts gets the next wish, and is given back in the end."""
    found = await rig.observe()
    async with rig.hosted() as host:
        host.wish(rig.bright)
        bright = await rig.rests(lambda now: now != found, "a wish left the device as it was found")
        await rig.peer.ask("stop")
        await asyncio.sleep(2.5 * HEARTBEAT_S)
        await rig.peer.ask("start")
        host.wish(rig.dim)
        await rig.rests(
            lambda now: now not in (found, bright),
            "after a restart of the device a wish changes nothing",
            rig.terms.back_s,
        )
    await rig.rests(
        lambda now: now == found,
        f"closed after a restart, the device is not as it was found ({found!r})",
    )


async def _as_it_should_be(rig: Rig) -> tuple[object, list[object]]:
    """Return what `dim` looks like, and the commands that only `between` needs."""
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        start = len(await rig.commands())
        await rig.apply(session, rig.between)
        await asyncio.sleep(rig.terms.quiet_s)
        middle = len(await rig.commands())
        found = await rig.observe()
        newest = await rig.shows(
            session, rig.dim, lambda now: now != found, "a wish changed nothing"
        )
        sent = await rig.commands()
    await asyncio.sleep(rig.terms.quiet_s)
    others = sent[:start] + sent[middle:]
    return newest, [command for command in sent[start:middle] if command not in others]


async def _away(host: DriverHost, notice_s: float) -> None:
    """Wait until the host knows that the device is away, or would have to."""
    end = time.monotonic() + notice_s
    while host.status[0].state == "ready" and time.monotonic() < end:
        await asyncio.sleep(0.05)


async def _works_again(rig: Rig, found: object, when: str) -> None:
    async with rig.opened() as session:
        await rig.shows(
            session,
            rig.bright,
            lambda now: now != found,
            f"{when} a wish leaves it as it was found",
        )
