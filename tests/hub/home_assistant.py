"""A real Home Assistant: started, given an owner and a broker, asked and told over its own API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from mirrord.simulator.broker import free_port

HASS = Path(__file__).parents[2] / ".hub" / "env" / "bin" / "hass"
SETTINGS = """
homeassistant: {{name: Home, unit_system: metric, time_zone: UTC}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
api:
auth:
config:
onboarding:
frontend:
history:
logger: {{default: warning}}
"""


class HomeAssistant:
    """One instance, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.client = self.address + "/"
        self.tokens: dict[str, Any] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        (self.folder / "configuration.yaml").write_text(SETTINGS.format(port=self.port))
        await self.start()
        await self._onboard()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._http.close()

    async def start(self) -> None:
        assert HASS.exists(), "Home Assistant is missing: run `make test-hub`"
        log = (self.folder / "output.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            str(HASS), "-c", str(self.folder), "--skip-pip", stdout=log, stderr=log
        )
        log.close()
        async with asyncio.timeout(120):
            while not await self._answers():
                assert self._process.returncode is None, "Home Assistant did not start"
                await asyncio.sleep(0.5)

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(30):
                    await self._process.wait()
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    async def add_broker(self, host: str, port: int) -> None:
        """Set up the MQTT integration as a person does on the page."""
        flow = await self.post(
            "/api/config/config_entries/flow", {"handler": "mqtt", "show_advanced_options": False}
        )
        done = await self.post(
            f"/api/config/config_entries/flow/{flow['flow_id']}", {"broker": host, "port": port}
        )
        assert done["type"] == "create_entry", done

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return every entity by its id."""
        return {one["entity_id"]: one for one in await self._json("GET", "/api/states")}

    async def call(self, domain: str, service: str, entity: str, **data: Any) -> None:
        await self.post(f"/api/services/{domain}/{service}", {"entity_id": entity, **data})

    async def until(
        self, entity: str, wanted: Callable[[dict[str, Any]], bool], within_s: float = 15.0
    ) -> dict[str, Any]:
        """Return the entity once it is as wanted."""
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(within_s):
                while True:
                    state = (await self.states()).get(entity, {})
                    if state and wanted(state):
                        return state
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{entity} is {state}") from None

    async def post(self, path: str, data: Any) -> Any:
        return await self._json("POST", path, json=data)

    async def _onboard(self) -> None:
        person = {"client_id": self.client, "name": "Owner", "username": "owner"}
        code = await self.post(
            "/api/onboarding/users", {**person, "password": "open sesame", "language": "en"}
        )
        form = {"grant_type": "authorization_code", "client_id": self.client}
        self.tokens = await self._json(
            "POST", "/auth/token", data={**form, "code": code["auth_code"]}
        )
        for step in ("core_config", "analytics"):
            await self.post(f"/api/onboarding/{step}", {})
        await self.post(
            "/api/onboarding/integration", {"client_id": self.client, "redirect_uri": self.client}
        )

    async def _json(self, method: str, path: str, **more: Any) -> Any:
        token = self.tokens.get("access_token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._http.request(
            method, self.address + path, headers=headers, **more
        ) as answer:
            assert answer.status < 300, f"{path}: {answer.status} {await answer.text()}"
            return await answer.json()

    async def _answers(self) -> bool:
        try:
            async with self._http.get(self.address + "/api/onboarding") as answer:
                return answer.status in (200, 404)
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def home_assistant(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Run one for as long as the context lasts."""
    async with HomeAssistant(folder) as one:
        yield one
