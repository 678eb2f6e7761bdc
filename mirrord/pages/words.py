"""Which language somebody reads, and a page's words in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web
from babel import negotiate_locale

from mirrord.pages.catalogue import SOURCE, Words

COOKIE: Final = "language"
AUTO: Final = "auto"


def words_for(
    request: web.Request, words: Words, locale: str, pages: dict[str, str]
) -> dict[str, Any]:
    """Return what a page needs to speak; `pages` are those of the navigation.

    `locale` is the language for who has not chosen one, or "auto". Raises HTTPNotFound.
    """
    page, chosen = request.match_info["page"], request.cookies.get(COOKIE, "")
    if page not in words.pages:
        raise web.HTTPNotFound
    language = choose(words.languages, chosen, locale, request.headers.get("Accept-Language", ""))
    return {
        "language": language,
        "chosen": chosen in words.languages,
        "languages": words.languages,
        "pages": pages,
        "words": words.of(page, language),
    }


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
