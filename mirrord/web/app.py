"""The page's server: two pages, their files, the state, the live socket, the controls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from mirrord.api.server import PlainRunner, listen
from mirrord.errors import ConfigError
from mirrord.pages.files import font
from mirrord.web.guard import HOSTS, add_headers, guard, own_names
from mirrord.web.live import LOOKERS, live, say_goodbye
from mirrord.web.mirror import MIRROR, Mirror, check_change
from mirrord.web.pages import PAGES, add_document
from mirrord.web.reply import FILES, failure, json_response, show_missing, speak_plainly, success
from mirrord.web.viewer import state_for
from mirrord.web.words import add_words

Part = Callable[[web.Application], None]

MAX_BODY = 16 * 1024
BODY_S = 10.0


def make_app(mirror: Mirror, *parts: Part) -> web.Application:
    """Return the page of `mirror` as an application, to be served by `serve`.

    Each part adds its own routes, and its middleware inside of ours.
    """
    middlewares = [speak_plainly, show_missing, guard]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
    app[MIRROR] = mirror
    app[HOSTS] = own_names()
    app[LOOKERS] = set()
    app[PAGES] = {}
    add_document(app, "/", "now")
    add_document(app, "/mirror", "mirror", listed=False)
    add_words(app)
    app.router.add_get("/live", live)
    app.router.add_get("/state", _state)
    app.router.add_post("/control", _control)
    app.router.add_get("/fonts/{name}", font)
    app.router.add_get("/static/{name:.+}", FILES.send)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(say_goodbye)
    for part in parts:
        part(app)
    return app


def routes_of(app: web.Application) -> list[tuple[str, str]]:
    """Return the method and the path, as the router names it, of all that is answered."""
    return sorted(
        {
            (route.method, route.resource.canonical)
            for route in app.router.routes()
            if route.resource is not None
        }
    )


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve until the context ends; yields the address to open. Port 0 takes a free one.

    Raises MirrorError if the address cannot be listened on.
    """
    app[HOSTS].add(host.lower())
    runner = PlainRunner(app, shutdown_timeout=2.0)
    await runner.setup()
    try:
        yield await listen(runner, host, port, "page", "web") + "/"
    finally:
        await runner.cleanup()


async def _state(request: web.Request) -> web.Response:
    return json_response(state_for(request))


async def _control(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        return failure(415, "Send the change as JSON, with Content-Type: application/json.")
    mirror = request.app[MIRROR]
    change = check_change(await _body(request), mirror.state()["controls"]["drivers"])
    await mirror.control(change)
    return success("Done.", mirror.state()["controls"])


async def _body(request: web.Request) -> object:
    try:
        async with asyncio.timeout(BODY_S):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise ConfigError(f"control: the body is no valid JSON ({error})") from None
    except RecursionError:
        raise ConfigError("control: the body is nested too deeply") from None
