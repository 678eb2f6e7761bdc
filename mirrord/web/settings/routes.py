"""The routes of the settings page: /settings, and its JSON below it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from mirrord.api.caller import require
from mirrord.api.reply import Rejected, success
from mirrord.errors import ConfigError
from mirrord.runtime.settings import convert
from mirrord.web.pages import add_document
from mirrord.web.settings.desk import Desk
from mirrord.web.settings.devices import Devices
from mirrord.web.settings.pairing import Pairing

T = TypeVar("T", bound=msgspec.Struct)
DESK = web.AppKey("settings", Desk)
DEVICES = web.AppKey("devices", Devices)
PAIRING = web.AppKey("pairing", Pairing)
BODY_S = 10.0


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /settings/values: keys with values, and keys to let go back."""

    set: dict[str, Any] = {}
    reset: tuple[str, ...] = ()


class Undo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /settings/undo: how many steps are to hold; None takes back the last."""

    to: int | None = None


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /settings/pairing."""

    driver: str


def settings_page(
    desk: Desk, devices: Devices, pairing: Pairing
) -> Callable[[web.Application], None]:
    """Return the part that adds the page and its routes; each of them takes the right control."""

    def add(app: web.Application) -> None:
        app[DESK], app[DEVICES], app[PAIRING] = desk, devices, pairing
        add_document(app, "/settings", "settings")
        router = app.router
        router.add_get("/settings/values", _values)
        router.add_patch("/settings/values", _change)
        router.add_post("/settings/undo", _undo)
        router.add_get("/settings/devices", _devices)
        router.add_post("/settings/devices", _look)
        router.add_get("/settings/pairing", _pairing)
        router.add_post("/settings/pairing", _pair)
        router.add_delete("/settings/pairing", _cancel)
        app.on_shutdown.append(_close)

    return add


async def _values(request: web.Request) -> web.Response:
    require(request, "control")
    return success("The settings.", request.app[DESK].shown())


async def _change(request: web.Request) -> web.Response:
    require(request, "control")
    wanted = await _body(request, Wanted)
    desk = request.app[DESK]
    await desk.change(wanted.set, wanted.reset)
    return success("Changed.", desk.shown())


async def _undo(request: web.Request) -> web.Response:
    require(request, "control")
    desk = request.app[DESK]
    await desk.go_to((await _body(request, Undo)).to)
    return success("Changed back.", desk.shown())


async def _devices(request: web.Request) -> web.Response:
    require(request, "control")
    return success("The devices found.", request.app[DEVICES].shown())


async def _look(request: web.Request) -> web.Response:
    require(request, "control")
    devices = request.app[DEVICES]
    devices.look()
    return success("Looking around.", devices.shown(), 202)


async def _pairing(request: web.Request) -> web.Response:
    require(request, "control")
    return success("The pairing.", request.app[PAIRING].shown())


async def _pair(request: web.Request) -> web.Response:
    require(request, "control")
    pairing = request.app[PAIRING]
    pairing.start((await _body(request, Pair)).driver)
    return success("Pairing began.", pairing.shown(), 202)


async def _cancel(request: web.Request) -> web.Response:
    require(request, "control")
    pairing = request.app[PAIRING]
    await pairing.cancel()
    return success("No pairing goes on.", pairing.shown())


async def _close(app: web.Application) -> None:
    await asyncio.gather(app[DEVICES].close(), app[PAIRING].cancel())


async def _body(request: web.Request, kind: type[T]) -> T:
    if request.content_type != "application/json":
        raise Rejected("Send the change as JSON, with Content-Type: application/json.", 415)
    try:
        async with asyncio.timeout(BODY_S):
            body = await request.read()
        asked = msgspec.json.decode(body or b"{}")
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings: the body is no valid JSON ({error})") from None
    if not isinstance(asked, dict):
        raise ConfigError("settings: expected a JSON object")
    return convert(asked, kind, "settings")
