"""The page's two typefaces, served from the packages that carry them: no font from the network.

Source Serif Pro (Frank Griesshammer, Adobe) and Hanken Grotesk (Alfredo Marco Pradil), both under
the SIL Open Font License.
"""

from __future__ import annotations

from importlib import resources

from aiohttp import web

_FILES = {
    "serif-extralight.otf": ("font_source_serif_pro", "SourceSerifPro-ExtraLight.otf"),
    "serif-light.otf": ("font_source_serif_pro", "SourceSerifPro-Light.otf"),
    "serif-light-italic.otf": ("font_source_serif_pro", "SourceSerifPro-LightIt.otf"),
    "sans-regular.otf": ("font_hanken_grotesk", "HankenGrotesk-Regular.otf"),
    "sans-medium.otf": ("font_hanken_grotesk", "HankenGrotesk-Medium.otf"),
    "sans-semibold.otf": ("font_hanken_grotesk", "HankenGrotesk-SemiBold.otf"),
}


async def font(request: web.Request) -> web.Response:
    """Send one font file."""
    found = _FILES.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    package, name = found
    try:
        body = (resources.files(package) / "files" / name).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise web.HTTPNotFound from None  # a trimmed system: the browser takes its own fonts
    return web.Response(body=body, content_type="font/otf")
