"""The page's own files, and its two typefaces from the packages that carry them.

Source Serif Pro (Frank Griesshammer, Adobe) and Hanken Grotesk (Alfredo Marco Pradil), both under
the SIL Open Font License.
"""

from __future__ import annotations

from importlib import resources

from aiohttp import web

from mirrord.web.reply import STATIC

_FILES = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}
_FONTS = {
    "serif-extralight.otf": ("font_source_serif_pro", "SourceSerifPro-ExtraLight.otf"),
    "serif-light.otf": ("font_source_serif_pro", "SourceSerifPro-Light.otf"),
    "serif-light-italic.otf": ("font_source_serif_pro", "SourceSerifPro-LightIt.otf"),
    "sans-regular.otf": ("font_hanken_grotesk", "HankenGrotesk-Regular.otf"),
    "sans-medium.otf": ("font_hanken_grotesk", "HankenGrotesk-Medium.otf"),
    "sans-semibold.otf": ("font_hanken_grotesk", "HankenGrotesk-SemiBold.otf"),
}


async def static(request: web.Request) -> web.FileResponse:
    """Send one of the page's files."""
    found = _FILES.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    return web.FileResponse(found)


async def font(request: web.Request) -> web.Response:
    """Send one font file."""
    found = _FONTS.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    package, name = found
    try:
        body = (resources.files(package) / "files" / name).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise web.HTTPNotFound from None  # a trimmed system: the browser takes its own fonts
    return web.Response(body=body, content_type="font/otf")
