"""What is around: looked for in the background, once at a time, and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from mirrord.around import Place
from mirrord.errors import MirrorError

DEADLINE_S = 8.0


class Devices:
    """Looks around when asked, for at most 8 s; the last answer stays until the next one."""

    def __init__(self, look: Callable[[], Awaitable[Sequence[Place]]]) -> None:
        self._look = look
        self._looking: asyncio.Task[None] | None = None
        self._places: Sequence[Place] = ()
        self._at: datetime | None = None
        self._trouble = ""

    def shown(self) -> dict[str, Any]:
        """Return what was found last, and whether somebody is looking now."""
        return {
            "looking": self._looking is not None,
            "at": None if self._at is None else self._at.isoformat(),
            "trouble": self._trouble,
            "places": [
                {
                    "name": place.name,
                    "title": place.title,
                    "trouble": place.trouble,
                    "found": [
                        {"line": one.line, "settings": dict(one.settings)} for one in place.found
                    ],
                }
                for place in self._places
            ],
        }

    def look(self) -> None:
        """Begin to look, unless somebody is looking already."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._work(), name="looking for devices")

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _work(self) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                self._places = await self._look()
            self._trouble = ""
        except TimeoutError:
            self._trouble = f"Looking around took longer than {DEADLINE_S:g} s and was given up."
        except MirrorError as error:
            self._trouble = str(error)
        finally:
            self._looking = None
            self._at = datetime.now(UTC)
