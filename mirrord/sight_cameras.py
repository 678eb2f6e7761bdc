"""Which cameras this computer has, asked of whoever may open them."""

from __future__ import annotations

import asyncio

import msgspec

from mirrord import sight_unit, wire
from mirrord.errors import MirrorError, Unavailable
from mirrord.sight_pipe import Lines
from mirrord.vision import camera
from mirrord.vision.settings import Settings

ANSWER_S = 10.0


def find_cameras() -> list[str]:
    """Return one line for each camera, fit for `[camera] source`; it takes a moment.

    Where the vision process is a unit of its own, the mirror itself may open none. Raises
    MirrorError.
    """
    path = sight_unit.socket_path()
    return asyncio.run(_asked(path)) if path else camera.find_cameras()


async def _asked(path: str) -> list[str]:
    order = msgspec.json.encode(Settings(find=True)) + b"\n"
    visit = await sight_unit.connect(path, order)
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _answer(visit)
    except TimeoutError:
        raise Unavailable(f"the vision process has not answered within {ANSWER_S:g} s") from None
    finally:
        await visit.close()


async def _answer(visit: sight_unit.Visit) -> list[str]:
    lines = Lines(wire.MAX_LINE)
    while chunk := await visit.read():
        for line in lines.feed(chunk):
            try:
                told = wire.decode(line or b"")
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if isinstance(told, wire.CamerasFound):
                return list(told.lines)
            if isinstance(told, wire.VisionFailed):
                raise MirrorError(told.reason)
    raise MirrorError(await visit.ended())
