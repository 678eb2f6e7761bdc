"""`GET /metrics`: takes the right `read`, as every address without a rule of its own."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from prometheus_client import ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from mirrord.api.caller import require
from mirrord.metrics.collector import MirrorCollector
from mirrord.metrics.meters import Meters
from mirrord.metrics.sources import Sources


def metrics_part(meters: Meters, sources: Sources) -> Callable[[web.Application], None]:
    """Return the part of the page's application that answers a scrape."""
    meters.registry.register(MirrorCollector(sources))
    ProcessCollector(registry=meters.registry)

    async def scrape(request: web.Request) -> web.Response:
        require(request, "read")
        text = generate_latest(meters.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def add(app: web.Application) -> None:
        app.router.add_get("/metrics", scrape)

    return add
