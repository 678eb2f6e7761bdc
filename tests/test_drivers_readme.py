"""What `drivers/README.md` promises an author works word for word."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

from mirrord.driver import Environment
from mirrord.driver_host import Timing
from mirrord.testing import DriverConformance

ROOT = Path(__file__).parent.parent
README = (ROOT / "drivers" / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "drivers.md").read_text(encoding="utf-8")
CHECKS = {name.removeprefix("test_") for name in vars(DriverConformance) if "test_" in name}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_driver_is_as_short_as_it_says():
    lines = [line for line in blocks("python")[0].splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith(("from ", "import "))]
    assert f"it has {len(code)} lines" in README


async def test_the_driver_passes_every_check_as_its_author_runs_them(tmp_path: Path):
    driver, test = blocks("python")
    # Half a second instead of three is enough for a lamp on this machine.
    driver = driver.replace("ClientTimeout(3)", "ClientTimeout(0.5)")
    test = test.replace("    plugin = plugin\n", "    plugin = plugin\n    slow_s = 0.1\n")
    (tmp_path / "my_lamp.py").write_text(driver)
    (tmp_path / "test_my_lamp.py").write_text(test)
    (tmp_path / "fake_lamp.py").write_text(
        "from tests.fakes.lamp_peer import LampPeer as FakeLamp\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=tmp_path,
        # An author may have pytest alone.
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}:{ROOT}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output = (await asyncio.wait_for(process.communicate(), 100.0))[0].decode()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, output
    assert f"{len(CHECKS)} passed" in output


def test_the_package_offers_the_driver_and_its_table_fits():
    package, settings = (tomllib.loads(block) for block in blocks("toml"))
    assert package["project"]["entry-points"]["mirrord.drivers"] == {"lamp": "my_lamp:plugin"}
    assert package["tool"]["hatch"]["build"]["targets"]["wheel"]["include"] == ["my_lamp.py"]
    assert set(settings["drivers"]["lamp"]) == {"url"}


def test_every_check_is_explained():
    assert set(re.findall(r"^\| `(\w+)` \| ", README.split("Nineteen checks")[1], re.M)) == CHECKS
    assert len(CHECKS) == 19


@pytest.mark.parametrize("field", Environment.__dataclass_fields__)
def test_every_part_of_a_wish_is_explained(field: str):
    # When the frame was captured is for the host alone.
    assert f"`{field}`" in README or field == "captured_ns"


@pytest.mark.parametrize("page", [README, MANUAL])
def test_the_deadlines_are_those_of_the_host(page: str):
    timing = Timing()
    for step, seconds in (
        ("opening", timing.open_s),
        ("apply", timing.apply_s),
        ("closing", timing.close_s),
    ):
        assert re.search(rf"^\| `?{step}.* \| {seconds:g} s", page, re.M), step
    assert (timing.backoff_first_s, timing.backoff_cap_s, timing.heartbeat_s) == (0.5, 60.0, 5.0)
