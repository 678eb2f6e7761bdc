"""Every resource against its own description, by a program that we did not write."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.api_kit import seen, served

SETTINGS = Path(__file__).with_name("data") / "schemathesis.toml"
PROGRAM = Path(sys.executable).with_name("schemathesis")
ASKED = (
    "--checks=all",
    "--max-examples=6",
    "--workers=1",  # two would trip over a race of CPython 3.11 (ast in threads)
    "--generation-deterministic",
    "--no-color",
    "--header=Authorization: Token owner",
)


@pytest.mark.timeout(300)  # a fixed number of requests, however busy the machine is
async def test_the_resources_keep_what_their_description_says(tmp_path: Path) -> None:
    """No 5xx, schemas, statuses, content types, refusals, missing tokens, wrong methods, ..."""
    async with served(tmp_path) as mirror:
        for number in range(60):
            mirror.store.add_reading("in-front", seen("sad" if number % 3 else "happy"))
        await mirror.store.flush()
        run = await asyncio.create_subprocess_exec(
            PROGRAM,
            f"--config-file={SETTINGS}",
            "run",
            f"{mirror.url}/emotions/openapi.json",
            *ASKED,
            cwd=tmp_path,  # where it leaves its examples
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
    assert "Tested: 22" in said, said[-2000:]
