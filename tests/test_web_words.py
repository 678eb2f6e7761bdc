"""The catalogues: complete in every language, without a text that nobody asks for."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import ConfigError
from mirrord.web.catalogue import FOLDER, SHARED, SOURCE, load
from mirrord.web.reply import STATIC
from mirrord.web.words import choose, preferences

WORDS = load()
LANGUAGES = sorted(set(WORDS.texts) - {SOURCE})
# A document names its catalogue; what it loads, and what that imports, asks for texts.
DOCUMENTS = {
    name[1]: path
    for path in STATIC.glob("*.html")
    if (name := re.search(r'data-page="(\w+)"', path.read_text(encoding="utf-8")))
}
ASKED = r'(?:\bsay\(|\bknown\(|data-(?:say|label|role)=)"([\w.-]+)"'
# Keys also stand in lists and conditions; a key made of parts stands as `mood.${name}`.
QUOTED = r'["`]((?:[\w-]|\$\{[^}]*\})+(?:\.(?:[\w-]|\$\{[^}]*\})+)+)["`]'


def scripts_of(document: Path) -> list[Path]:
    """Return a document and every script that it loads, directly or not."""
    waiting, found = [document], []
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        text = path.read_text(encoding="utf-8")
        waiting += [STATIC / name for name in re.findall(r'src="/static/([\w./-]+\.js)"', text)]
        imported = re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', text)
        waiting += [(path.parent / name).resolve() for name in imported]
    return found


def keys_in(path: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, path.read_text(encoding="utf-8")))


def shape(key: str) -> re.Pattern[str]:
    """Return what a key made of parts can become."""
    parts = re.split(r"\$\{[^}]*\}", key)
    return re.compile(r"[\w.-]+".join(map(re.escape, parts)))


def placeholders(text: object) -> list[set[str]]:
    forms = text.values() if isinstance(text, dict) else [text]
    return [set(re.findall(r"\{(\w+)\}", str(form))) for form in forms]


@pytest.mark.parametrize("page", sorted(DOCUMENTS))
def test_every_text_a_page_asks_for_is_in_its_catalogue(page: str) -> None:
    known = WORDS.of(page, SOURCE)
    for path in scripts_of(DOCUMENTS[page]):
        assert keys_in(path, ASKED) <= known.keys(), path.name


@pytest.mark.parametrize("page", sorted(WORDS.texts[SOURCE]))
def test_no_text_is_unused(page: str) -> None:
    documents = DOCUMENTS.values() if page == SHARED else [DOCUMENTS[page]]
    paths = {path for document in documents for path in scripts_of(document)}
    asked = {key for path in paths for key in keys_in(path, QUOTED) | keys_in(path, ASKED)}
    shapes = [shape(key) for key in asked]
    unused = [
        key
        for key in WORDS.texts[SOURCE][page]
        if not any(pattern.fullmatch(key) for pattern in shapes)
    ]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", sorted(WORDS.texts[SOURCE]))
def test_every_text_is_translated(page: str, language: str) -> None:
    source, translated = WORDS.texts[SOURCE][page], WORDS.texts[language][page]
    assert translated.keys() == source.keys()
    for key, text in translated.items():
        known = set().union(*placeholders(source[key]))
        for found in placeholders(text):
            assert found <= known, key
        assert set().union(*placeholders(text)) == known, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", sorted(WORDS.texts[SOURCE]))
def test_a_translation_is_of_the_present_english(page: str, language: str) -> None:
    with (FOLDER / f"{page}.pot").open("rb") as lines:
        source = {one.context: one.id for one in read_po(lines) if one.id}
    with (FOLDER / language / f"{page}.po").open("rb") as lines:
        translated = {one.context: one.id for one in read_po(lines) if one.id}
    assert translated == source


def test_no_key_stands_in_two_catalogues_of_a_page() -> None:
    shared = WORDS.texts[SOURCE][SHARED].keys()
    for page in WORDS.pages:
        assert not shared & WORDS.texts[SOURCE][page].keys()


def test_a_language_with_other_plurals_is_named_by_its_categories(tmp_path: Path) -> None:
    entry = 'msgctxt "lamps"\nmsgid "One lamp"\nmsgid_plural "{count} lamps"\n'
    (tmp_path / "shell.pot").write_text(entry + 'msgstr[0] ""\nmsgstr[1] ""\n')
    (tmp_path / "pl").mkdir()
    rule = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"
    header = f'msgid ""\nmsgstr ""\n"Language: pl\\n"\n"Plural-Forms: {rule};\\n"\n\n'
    forms = 'msgstr[0] "lampa"\nmsgstr[1] "{count} lampy"\nmsgstr[2] "{count} lamp"\n'
    (tmp_path / "pl" / "shell.po").write_text(header + entry + forms)
    words = load(tmp_path)
    assert words.languages == {"en": "English", "pl": "polski"}
    text = words.of("shell", "pl")["lamps"]
    assert isinstance(text, dict)
    assert (text["one"], text["few"], text["many"]) == ("lampa", "{count} lampy", "{count} lamp")


def test_a_gap_or_a_guess_is_filled_with_english(tmp_path: Path) -> None:
    (tmp_path / "shell.pot").write_text(
        'msgctxt "a"\nmsgid "One"\nmsgstr ""\n\nmsgctxt "b"\nmsgid "Two"\nmsgstr ""\n'
    )
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "shell.po").write_text(
        'msgctxt "a"\nmsgid "One"\nmsgstr ""\n\n#, fuzzy\nmsgctxt "b"\nmsgid "Two"\nmsgstr "Drei"\n'
    )
    assert load(tmp_path).of("shell", "de") == {"a": "One", "b": "Two"}


def test_a_broken_catalogue_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "shell.pot").write_text('msgctxt "a"\nmsgid "One"\nmsgstr ""\nrubbish\n')
    with pytest.raises(ConfigError, match=r"shell\.pot, line \d"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("chosen", "locale", "accepted", "language"),
    [
        ("", "auto", "", "en"),
        ("", "auto", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "auto", "en;q=0.5, de;q=0.9", "de"),
        ("", "auto", "fr, de;q=0", "en"),
        ("", "en_US", "de", "en"),
        ("", "fr", "de", "de"),
        ("de", "en_US", "en", "de"),
        ("xx", "auto", "de", "de"),
        ("../../etc", "auto", "*", "en"),
    ],
)
def test_the_person_chooses_then_the_mirror_then_the_browser(
    chosen: str, locale: str, accepted: str, language: str
) -> None:
    assert choose(["de", "en"], chosen, locale, accepted) == language


@given(st.text())
def test_no_header_is_too_strange(accepted: str) -> None:
    assert choose(["de", "en"], accepted, "auto", accepted) in ("de", "en")
    assert all(preferences(accepted))


async def test_words_are_served_in_the_language_wished(session: aiohttp.ClientSession) -> None:
    async with session.get("/words/now", headers={"Accept-Language": "de-CH"}) as response:
        assert response.status == 200
        sent = await response.json()
    assert (sent["language"], sent["chosen"]) == ("de", False)
    assert sent["languages"] == {"de": "Deutsch", "en": "English"}
    assert sent["words"]["mood.joy"] == "Freude"
    assert sent["pages"]["now"] == "/"
    async with session.get("/words/now", cookies={"language": "de"}) as response:
        sent = await response.json()
    assert (sent["language"], sent["chosen"]) == ("de", True)


async def test_a_page_without_a_catalogue_has_no_words(session: aiohttp.ClientSession) -> None:
    for page in ("nowhere", "shell"):
        async with session.get(f"/words/{page}") as response:
            assert response.status == 404
