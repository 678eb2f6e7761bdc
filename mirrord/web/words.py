"""The words of the mirror's pages, as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from mirrord.pages.catalogue import COMMON, Words, load
from mirrord.pages.words import answered, words_for
from mirrord.web.mirror import MIRROR
from mirrord.web.pages import PAGES

FOLDER: Final = Path(__file__).with_name("locale")
WORDS: web.AppKey[Words] = web.AppKey("words", Words)


def add_words(app: web.Application) -> None:
    """Read the catalogues and serve them."""
    app[WORDS] = load(COMMON, FOLDER)
    app.router.add_get("/words/{page}", _words)


async def _words(request: web.Request) -> web.Response:
    locale = request.app[MIRROR].state()["locale"]
    return answered(words_for(request, request.app[WORDS], locale, request.app[PAGES]))
