"""Every resource against its own description, by a program that we did not write."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from mirrord.store import Store
from mirrord.web.corrections import correcting
from mirrord.web.forget import forgets
from mirrord.web.why import explaining
from tests.api_kit import Part, seen, served
from tests.collective_kit import MINUTE_MS, tally
from tests.collective_kit import served as collective
from tests.test_collective_sync import NOW, batch
from tests.test_why import House

SETTINGS = Path(__file__).with_name("data") / "schemathesis.toml"
PROGRAM = Path(sys.executable).with_name("schemathesis")
OWN = r"/(collective/.*|readings/|sessions/\{session_id\}/.*)$"  # what differs from the device most
ASKED = (
    "--checks=all",
    "--workers=1",  # two would trip over a race of CPython 3.11 (ast in threads)
    "--generation-deterministic",
    "--no-color",
)


async def judged(url: str, folder: Path, token: str, *more: str) -> str:
    """Return what schemathesis says of the API at an address. Fails unless it is content."""
    run = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--config-file={SETTINGS}",
        "run",
        f"{url}/emotions/openapi.json",
        *ASKED,
        *more,
        f"--header=Authorization: {token}",
        cwd=folder,  # where it leaves its examples
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(240):
            said = (await run.communicate())[0].decode()
    finally:
        if run.returncode is None:
            run.kill()
            await run.wait()
    assert run.returncode == 0, said[-8000:]
    return said


@pytest.mark.timeout(300)  # a fixed number of requests, however busy the machine is
async def test_the_resources_keep_what_their_description_says(tmp_path: Path) -> None:
    """No 5xx, schemas, statuses, content types, refusals, missing tokens, wrong methods, ..."""

    def the_rest(store: Store) -> Iterable[Part]:
        house = House(store, {})
        house.see()
        yield explaining(house.reasons)
        yield correcting(house.teaching)
        yield forgets(store, tmp_path / "mirror.db", store.forget)

    async with served(tmp_path, more=the_rest) as mirror:
        for number in range(60):
            mirror.store.add_reading("in-front", seen("sad" if number % 3 else "happy"))
        await mirror.store.flush()
        said = await judged(mirror.url, tmp_path, "Token owner", "--max-examples=6")
    assert "Tested: 36" in said, said[-2000:]


@pytest.mark.timeout(300)
async def test_the_collectives_resources_do_too(tmp_path: Path) -> None:
    limits = {"address_per_minute": 1_000_000, "account_per_minute": 1_000_000}
    async with collective(tmp_path, limits=limits) as api:
        _, token = await api.account("ann")
        mirror = await api.mirror(token)
        items = [tally("in-front", NOW + at * MINUTE_MS) for at in range(30)]
        await api.post("api/sync/", batch(*items), mirror)
        said = await judged(
            api.url, tmp_path, token, "--max-examples=3", f"--include-path-regex={OWN}"
        )
    assert "Tested: 16" in said, said[-2000:]
