"""The hub's names in every language, and what it links to."""

from __future__ import annotations

import pytest

from mirrord.hub.components import Offer, components
from mirrord.hub.topics import Topics
from mirrord.pages.catalogue import load
from mirrord.smart_home import WORDS, reachable, spoken


def asked() -> set[str]:
    """Return every name that the hub wants put into words."""
    found: set[str] = set()

    def say(name: str) -> str:
        found.add(name)
        return name

    topics = Topics("mirrord", "abcd", "homeassistant")
    components(Offer(topics, {"hue": "Philips Hue"}, True, say, updates=True))
    return {name for name in found if "Philips Hue" not in name}  # a driver's own title


@pytest.mark.parametrize("language", sorted(set(load(WORDS).languages) - {"en"}))
def test_every_name_is_translated_and_none_is_idle(language: str):
    texts = load(WORDS).texts
    assert set(texts["en"]["hub"]) == asked() == set(texts[language]["hub"])


def test_names_are_said_in_the_language_of_the_mirror():
    words = load(WORDS)
    assert spoken(words, "de_AT")("Mood") == "Stimmung"
    assert spoken(words, "xx")("Mood") == "Mood"
    assert spoken(words, "auto")("Mood") == "Mood"


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("http://mirror.local:8080/", "http://mirror.local:8080/"),
        ("http://192.168.1.5:8080/", "http://192.168.1.5:8080/"),
        ("http://127.0.0.1:8080/", ""),
        ("http://[::1]:8080/", ""),
        ("http://localhost/", ""),
        ("", ""),
    ],
)
def test_the_hub_links_to_the_page_where_others_can_open_it(page: str, link: str):
    assert reachable(page) == link
