"""Pictures of the mirror in Home Assistant: `python -m tests.hub.picture FOLDER`."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.fakes.hub import HubMirror, running
from tests.fakes.mosquitto import Mosquitto
from tests.hub.home_assistant import HomeAssistant, home_assistant

SIZES = {"desktop": (1280, 1000), "phone": (390, 844)}


async def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ha").mkdir()
        async with Mosquitto(folder) as broker, home_assistant(folder / "ha") as hub:
            await hub.add_broker(broker.host, broker.port)
            mirror = HubMirror("joy")
            async with running(mirror, host=broker.host, port=broker.port, area="Hallway"):
                await hub.until("sensor.hall_mirror_mood", lambda one: one["state"] == "joy")
                playing = asyncio.create_task(mirror.play())
                await asyncio.sleep(20)
                async with async_playwright() as playwright:
                    chromium = shutil.which("chromium")
                    browser = await playwright.chromium.launch(
                        executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                    )
                    for size, (width, height) in SIZES.items():
                        await _take(browser, hub, target / f"hub-{size}.png", width, height)
                    await browser.close()
                playing.cancel()
                await asyncio.wait({playing})


async def _take(browser: Browser, hub: HomeAssistant, path: Path, width: int, height: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    tokens = json.dumps(_tokens(hub))
    await page.goto(hub.address + "/manifest.json")
    await page.evaluate("tokens => localStorage.setItem('hassTokens', tokens)", tokens)
    await page.goto(hub.address + "/lovelace/0")
    await page.wait_for_timeout(15_000)
    await page.screenshot(path=path)
    await context.close()


def _tokens(hub: HomeAssistant) -> dict[str, Any]:
    return {
        **hub.tokens,
        "hassUrl": hub.address,
        "clientId": hub.client,
        "expires": 1 << 52,
    }


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
