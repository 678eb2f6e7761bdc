"""A mirror in a process of its own, to be killed: `python -m tests.hub.lone_mirror HOST PORT`."""

from __future__ import annotations

import asyncio
import sys

from mirrord.config import HubSettings
from mirrord.hub import Card, Hub
from tests.fakes.hub import HubMirror


async def main(host: str, port: int) -> None:
    settings = HubSettings(host=host, port=port)
    memory = {"identity": "lone"}
    await Hub(settings, HubMirror("calm"), Card("Lone mirror"), str, memory).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
