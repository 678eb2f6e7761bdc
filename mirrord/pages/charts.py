"""plotly.js, from the package that carries it, for the pages that draw charts.

The library writes styles of its own into the document, so those pages need a wider policy:
its empty style sheet, which it fills through the CSSOM; the sheet of the map library inside of it;
style attributes; and pictures from data, which a heatmap is drawn as. Scripts stay as strict.
"""

from __future__ import annotations

import asyncio
import gzip
from functools import cache
from importlib import resources
from typing import Final

from aiohttp import web

from mirrord.pages.policy import CONTENT_POLICY

_FILE: Final = "package_data/plotly.min.js"
_LEVEL: Final = 6
_SHEETS: Final = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",  # the empty one
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",  # MapLibre's, in plotly.js 4.1.1
)
POLICY: Final = "; ".join(
    (
        CONTENT_POLICY,
        f"style-src-elem 'self' {' '.join(_SHEETS)}",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
    )
)
_CACHE: Final = {"Cache-Control": "public, max-age=604800", "Vary": "Accept-Encoding"}


async def plotly(request: web.Request) -> web.Response:
    """Send plotly.js, packed where the browser takes that: 1.5 MB instead of 4.8."""
    body, headers = await asyncio.to_thread(_packed), {**_CACHE, "Content-Encoding": "gzip"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        body, headers = await asyncio.to_thread(gzip.decompress, body), _CACHE
    return web.Response(body=body, content_type="text/javascript", headers=headers)


@cache
def _packed() -> bytes:
    """Return the library packed, and keep it so: a Raspberry Pi packs it in a second or two."""
    return gzip.compress((resources.files("plotly") / _FILE).read_bytes(), _LEVEL)
