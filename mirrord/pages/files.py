"""The files of pages, and their two typefaces from the packages that carry them.

Source Serif Pro (Frank Griesshammer, Adobe) and Hanken Grotesk (Alfredo Marco Pradil), both under
the SIL Open Font License.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from aiohttp import web

SHARED: Final = Path(__file__).with_name("static")
_FONTS: Final = {
    "serif-extralight.otf": ("font_source_serif_pro", "SourceSerifPro-ExtraLight.otf"),
    "serif-light.otf": ("font_source_serif_pro", "SourceSerifPro-Light.otf"),
    "serif-light-italic.otf": ("font_source_serif_pro", "SourceSerifPro-LightIt.otf"),
    "sans-regular.otf": ("font_hanken_grotesk", "HankenGrotesk-Regular.otf"),
    "sans-medium.otf": ("font_hanken_grotesk", "HankenGrotesk-Medium.otf"),
    "sans-semibold.otf": ("font_hanken_grotesk", "HankenGrotesk-SemiBold.otf"),
}


class Shelf:
    """The files below an application's own folder and below the shared one, as one tree."""

    def __init__(self, own: Path) -> None:
        self.paths: Final = {
            path.relative_to(folder).as_posix(): path
            for folder in (SHARED, own)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def __getitem__(self, name: str) -> Path:
        """Return where a file is that has to be there."""
        return self.paths[name]

    async def send(self, request: web.Request) -> web.FileResponse:
        """Send one of the files."""
        found = self.paths.get(request.match_info["name"])
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
