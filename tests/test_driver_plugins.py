"""Drivers found by entry point, as installed packages offer them."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mirrord.config import parse
from mirrord.driver_host import DriverHost, configured, driver_tables, installed_plugins

Install = Callable[[str, str, str, str], None]

GOOD = """
from contextlib import asynccontextmanager
import msgspec
from mirrord.driver import Plugin

class Settings(msgspec.Struct):
    level: int = 0

class Lamp:
    async def apply(self, environment):
        pass

@asynccontextmanager
async def open_lamp(settings, host):
    yield Lamp()

plugin = Plugin("strange", "A strange lamp", Settings, open_lamp)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with one module and one entry point on the path, as pip does."""
    monkeypatch.syspath_prepend(tmp_path)
    modules: list[str] = []

    def put(package: str, name: str, module: str, source: str) -> None:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[mirrord.drivers]\n{name} = {module}:plugin\n")
        importlib.invalidate_caches()
        modules.append(module)

    yield put
    for module in modules:
        sys.modules.pop(module, None)


async def shown(name: str) -> tuple[str, str]:
    """Return the state and the error that a mirror with this driver shows."""
    host = DriverHost({name: {}}, Path("state"), {}, lambda: None, lambda *_: None, "mirror.toml")
    running = asyncio.create_task(host.run())
    while (status := host.status[0]).state not in ("ready", "refused"):
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    return status.state, status.error


async def test_an_installed_driver_is_found_and_runs(install: Install) -> None:
    install("strange-lamp", "strange", "strange_lamp", GOOD)
    plugins = installed_plugins()
    assert "strange" in plugins
    assert "strange" in list(plugins)
    assert plugins["strange"].title == "A strange lamp"
    assert await shown("strange") == ("ready", "")


def test_the_built_in_drivers_come_the_same_way() -> None:
    assert {"hue", "audio", "thermostat"} <= set(installed_plugins())


def test_a_driver_is_imported_only_when_it_is_asked_for(install: Install) -> None:
    install("strange-lamp", "strange", "strange_lamp", GOOD)
    plugins = installed_plugins()
    assert "strange" in plugins
    assert len(plugins) >= 1
    assert "strange_lamp" not in sys.modules
    assert plugins["strange"] is plugins["strange"]
    assert "strange_lamp" in sys.modules


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise OSError('PortAudio library not found')", "OSError: PortAudio library not found"),
        ("plugin = 5", "strange_lamp:plugin of strange-lamp is no mirrord.driver.Plugin"),
        ("plug = 5", "AttributeError"),
        ("def broken(", "SyntaxError"),
    ],
)
async def test_a_driver_that_cannot_be_loaded_is_refused_with_the_reason(
    source: str, reason: str, install: Install
) -> None:
    install("strange-lamp", "strange", "strange_lamp", source)
    state, error = await shown("strange")
    assert state == "refused"
    assert error.startswith("the driver strange cannot be used: strange")
    assert reason in error


async def test_two_packages_that_offer_the_same_name_are_told_apart(install: Install) -> None:
    install("strange-lamp", "strange", "strange_lamp", GOOD)
    install("stranger-lamp", "strange", "stranger_lamp", GOOD)
    state, error = await shown("strange")
    assert state == "refused"
    assert error.endswith("strange-lamp and stranger-lamp both offer it; uninstall one")


async def test_a_table_for_a_driver_that_cannot_be_loaded_is_not_judged(install: Install) -> None:
    install("strange-lamp", "strange", "strange_lamp", "import no_such_library")
    host = DriverHost(
        {"strange": {"url": "http://lamp", "enabled": True}},
        Path("state"),
        {},
        lambda: None,
        lambda *_: None,
        "mirror.toml",
    )
    assert host.status[0].name == "strange"


def test_an_installed_driver_without_its_settings_does_not_stop_the_mirror(
    install: Install,
) -> None:
    needy = GOOD.replace("level: int = 0", "url: str")
    install("strange-lamp", "strange", "strange_lamp", GOOD)
    install("needy-lamp", "needy", "needy_lamp", needy)
    config = parse({"drivers": {"hue": {"bridge": "10.0.0.2"}}}, "mirror.toml")
    tables = driver_tables(config)
    assert "needy" not in tables
    assert tables["strange"] == {"enabled": False}
    assert tables["hue"] == {"bridge": "10.0.0.2"}
    assert set(configured(tables, "mirror.toml")) == set(tables)


DEAF = GOOD.replace(
    "    yield Lamp()",
    """\
    try:
        yield Lamp()
    finally:
        print("closing", flush=True)
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass""",
).replace("import msgspec", "import asyncio, msgspec")


async def test_no_driver_keeps_the_mirror_from_stopping(install: Install, tmp_path: Path) -> None:
    install("deaf-lamp", "deaf", "deaf_lamp", DEAF)
    settings = tmp_path / "mirror.toml"
    settings.write_text(
        f'[camera]\nsource = "{tmp_path}/none.mp4"\n[web]\nport = 0\n'
        f'[store]\npath = "{tmp_path}/mirror.sqlite3"\n[drivers.deaf]\n'
    )
    mirror = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mirrord", "run", "-c", str(settings)),
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parent.parent}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert mirror.stdout is not None
        while b"http://" not in await asyncio.wait_for(mirror.stdout.readline(), 60.0):
            pass
        await asyncio.sleep(1.0)
        mirror.terminate()
        out, said = await asyncio.wait_for(mirror.communicate(), 40.0)
    finally:
        if mirror.returncode is None:
            mirror.kill()
            await mirror.wait()
    assert mirror.returncode == 0, said.decode()
    assert b"closing" in out
    assert b"driver deaf, while closing: did not close within 5 s; left behind" in said
    assert b"not waiting any longer for driver deaf" in said
