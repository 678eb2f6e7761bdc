"""Which language somebody reads, and a page's words in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web
from babel import negotiate_locale

from mirrord.api.reply import json_response
from mirrord.pages.catalogue import SENTENCES, SOURCE, Words

COOKIE: Final = "language"
AUTO: Final = "auto"


def words_for(
    request: web.Request, words: Words, locale: str, pages: dict[str, str]
) -> dict[str, Any]:
    """Return what a page needs to speak; `pages` are those of the navigation.

    `locale` is the language for who has not chosen one, or "auto". Raises HTTPNotFound.
    """
    page, chosen = request.match_info["page"], request.cookies.get(COOKIE, "")
    language = choose(words.languages, chosen, locale, request.headers.get("Accept-Language", ""))
    if page == SENTENCES:
        return {"language": language, "words": words.sentences(language)}
    if page not in words.pages:
        raise web.HTTPNotFound
    return {
        "language": language,
        "chosen": chosen in words.languages,
        "languages": words.languages,
        "pages": pages,
        "words": words.of(page, language),
    }


def answered(words: dict[str, Any]) -> web.Response:
    """Return the answer with them, packed; what a language says holds for a while."""
    response = json_response(words)
    response.enable_compression()
    response.headers["Vary"] = "Accept-Language, Cookie"
    if "pages" not in words:
        response.headers["Cache-Control"] = "private, max-age=600"
    return response


def choose(languages: Iterable[str], chosen: str, locale: str, accepted: str) -> str:
    """Return the language to speak: the person's choice, the setting, the browser's wish.

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
