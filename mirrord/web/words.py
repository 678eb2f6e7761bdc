"""Which language somebody reads, and that page's words as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from babel import negotiate_locale

from mirrord.web.catalogue import SOURCE, Words, load
from mirrord.web.mirror import MIRROR
from mirrord.web.pages import PAGES
from mirrord.web.reply import json_response

COOKIE = "language"
AUTO = "auto"
WORDS: web.AppKey[Words] = web.AppKey("words", Words)


def add_words(app: web.Application) -> None:
    """Read the catalogues and serve them."""
    app[WORDS] = load()
    app.router.add_get("/words/{page}", _words)


async def _words(request: web.Request) -> web.Response:
    words, page = request.app[WORDS], request.match_info["page"]
    if page not in words.pages:
        raise web.HTTPNotFound
    chosen = request.cookies.get(COOKIE, "")
    locale = request.app[MIRROR].state()["locale"]
    language = choose(words.languages, chosen, locale, request.headers.get("Accept-Language", ""))
    shown = {
        "language": language,
        "chosen": chosen in words.languages,
        "languages": words.languages,
        "pages": request.app[PAGES],
        "words": words.of(page, language),
    }
    return json_response(shown)


def choose(languages: Iterable[str], chosen: str, locale: str, accepted: str) -> str:
    """Return the language to speak: the person's choice, the mirror's setting, the browser's wish.

    `chosen` and `locale` are tags or "auto"; `accepted` is an Accept-Language header (RFC 9110).
    """
    known = list(languages)
    for wished in ([chosen], [locale], preferences(accepted)):
        found = negotiate_locale([one.replace("-", "_") for one in wished], known, sep="_")
        if found:
            return found
    return SOURCE


def preferences(accepted: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first."""
    weighed = []
    for entry in accepted.split(","):
        tag, _, parameter = entry.strip().partition(";")
        weight = _weight(parameter)
        if tag and weight > 0:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda one: -one[0])]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
