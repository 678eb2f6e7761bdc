"""Checks with a peer that behaves: settings, opening, applying, giving back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import get_args

from mirrord.driver import ConfigError, Device, DeviceKind
from mirrord.testing.rig import NotConforming, Rig

STRANGE = "no_such_setting"


async def refuses_unknown_settings(rig: Rig) -> None:
    """The table is understood; one with a misspelt key is refused, and the key named."""
    try:
        rig.configure()
    except ConfigError as error:
        raise NotConforming(f"the table that config() returns is refused: {error}") from None
    try:
        rig.configure(**{STRANGE: 1})
    except ConfigError as error:
        if STRANGE not in str(error):
            raise NotConforming(f"an unknown setting is refused, but not named: {error}") from None
    else:
        raise NotConforming(
            "an unknown setting is taken without a word: "
            "give the config struct forbid_unknown_fields=True"
        )


async def opens_and_reports(rig: Rig) -> None:
    """It opens, applies, and reports its devices."""
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        await asyncio.sleep(rig.terms.quiet_s)
        if not rig.devices:
            raise NotConforming("no device was reported: call host.report(Device(...))")
        for device in rig.devices.values():
            _sound(device)


async def looking_changes_nothing(rig: Rig) -> None:
    """Opening and closing alone sends no command: `mirrord check` does it while a mirror runs."""
    found, sent = await rig.observe(), await rig.commands()
    async with rig.opened():
        await asyncio.sleep(rig.terms.quiet_s)
    await asyncio.sleep(rig.terms.quiet_s)
    more = (await rig.commands())[len(sent) :]
    if more:
        raise NotConforming(f"opened and closed without a wish, it sent {more!r}")
    if (now := await rig.observe()) != found:
        raise NotConforming(f"opened and closed without a wish, it left {now!r}, found {found!r}")


async def applies(rig: Rig) -> None:
    """Two different wishes give two different states of the device."""
    found = await rig.observe()
    async with rig.opened() as session:
        bright = await rig.shows(
            session, rig.bright, lambda now: now != found, "a wish left the device as it was found"
        )
        await rig.shows(
            session,
            rig.dim,
            lambda now: now not in (found, bright),
            "a second wish changed nothing",
        )


async def same_wish_sends_nothing(rig: Rig) -> None:
    """The heartbeat, which is the same wish again, sends no command."""
    found = await rig.observe()
    async with rig.opened() as session:
        await rig.shows(
            session, rig.bright, lambda now: now != found, "a wish left the device as it was found"
        )
        await asyncio.sleep(rig.terms.quiet_s)
        sent = await rig.commands()
        for beat in range(3):
            await rig.apply(session, replace(rig.bright, captured_ns=beat))
        await asyncio.sleep(rig.terms.quiet_s)
        if more := (await rig.commands())[len(sent) :]:
            raise NotConforming(
                f"the same wish three times more sent {more!r}: remember what was sent"
            )


async def gives_back_when_nobody_is_there(rig: Rig) -> None:
    """`present=False` gives the device back as found, and a later wish works again."""
    found = await rig.observe()
    async with rig.opened() as session:
        for wish in (rig.bright, rig.dim):
            await rig.shows(
                session, wish, lambda now: now != found, "a wish left the device as it was found"
            )
            await rig.shows(
                session,
                replace(wish, present=False),
                lambda now: now == found,
                f"with nobody there the device is not as it was found ({found!r})",
            )


async def gives_back_on_close(rig: Rig) -> None:
    """Leaving the context gives the device back as found."""
    found = await rig.observe()
    async with rig.opened() as session:
        for wish in (rig.bright, rig.dim):
            await rig.shows(
                session, wish, lambda now: now != found, "a wish left the device as it was found"
            )
    await rig.rests(
        lambda now: now == found, f"after closing the device is not as it was found ({found!r})"
    )


async def gives_back_after_a_crash(rig: Rig) -> None:
    """With the memory of a mirror that crashed, closing still gives back what was found then."""
    found = await rig.observe()
    async with rig.opened() as session:
        await rig.shows(
            session, rig.bright, lambda now: now != found, "a wish left the device as it was found"
        )
        await asyncio.sleep(0)
        crashed = dict(rig.kept)
        await rig.peer.ask("stop")  # so that this closing restores as little as a crash does
    await rig.peer.ask("start")
    rig.kept = crashed
    async with rig.opened() as session:
        await rig.apply(session, rig.dim)
    await rig.rests(
        lambda now: now == found,
        f"opened and closed after a crash, the device is not as it was found ({found!r}): keep "
        "what you find in host.memory before you touch it, and believe an older entry",
    )


async def second_opening_disturbs_nothing(rig: Rig) -> None:
    """`mirrord check` opens the driver beside a running mirror: the first goes on undisturbed."""
    found = await rig.observe()
    async with rig.opened() as first:
        bright = await rig.shows(
            first, rig.bright, lambda now: now != found, "a wish left the device as it was found"
        )
        second = rig.session(memory={})
        failure = await rig.attempt(second.open(rig.terms.open_s))
        await asyncio.sleep(rig.terms.quiet_s)
        await second.close(rig.terms.close_s)
        await asyncio.sleep(rig.terms.quiet_s)
        if failure is not None:
            raise NotConforming(f"a second opening fails while the first is in use: {failure}")
        if (now := await rig.observe()) != bright:
            raise NotConforming(f"a second opening changed the device to {now!r}")
        await rig.shows(
            first, rig.dim, lambda now: now not in (found, bright), "the first opening is disturbed"
        )


def _sound(device: Device) -> None:
    if device.kind not in get_args(DeviceKind):
        raise NotConforming(f"a device's kind is one of {get_args(DeviceKind)}, not {device.kind}")
    if not device.id or not device.name:
        raise NotConforming(f"a device has an id and a name; this one has not: {device}")
    for key, value in device.values.items():
        if value is not None and not isinstance(value, bool | int | float | str):
            raise NotConforming(f"{key} of {device.name} is {value!r}: neither number nor text")
