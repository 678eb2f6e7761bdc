"""The catalogues: complete in every language, without a text that nobody asks for."""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from mirrord.collective.pages import documents
from mirrord.errors import ConfigError
from mirrord.pages.catalogue import COMMON, PARTS, SENTENCES, SHARED, SOURCE, Words, load
from mirrord.pages.files import Shelf
from mirrord.pages.words import choose, preferences
from mirrord.web import words as of_mirror
from mirrord.web.reply import FILES


@dataclass(frozen=True)
class House:
    """The pages of one application: their files, and their catalogues."""

    name: str
    shelf: Shelf
    folder: Path

    @property
    def words(self) -> Words:
        return load(COMMON, self.folder)

    @property
    def documents(self) -> dict[str, list[str]]:
        """Return the documents of each catalogue; a document names its own."""
        found: dict[str, list[str]] = {}
        for name, path in self.shelf.paths.items():
            if name.endswith(".html") and (page := PAGE.search(path.read_text(encoding="utf-8"))):
                found.setdefault(page[1], []).append(name)
        return found

    def scripts_of(self, document: str) -> list[str]:
        """Return a document and every script that it loads, directly or not."""
        waiting, found = [document], list[str]()
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.append(name)
            text = self.shelf[name].read_text(encoding="utf-8")
            waiting += re.findall(r'src="/static/([\w./-]+\.js)"', text)
            imported = re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', text)
            folder = posixpath.dirname(name)
            waiting += [posixpath.normpath(posixpath.join(folder, one)) for one in imported]
        return found

    def keys_in(self, name: str, pattern: str) -> set[str]:
        return set(re.findall(pattern, self.shelf[name].read_text(encoding="utf-8")))


PAGE = re.compile(r'data-page="(\w+)"')
HOUSES = [
    House("mirror", FILES, of_mirror.FOLDER),
    House("collective", documents.FILES, documents.LOCALE),
]
FOLDERS = [COMMON, *(house.folder for house in HOUSES)]
OWN = [(house, page) for house in HOUSES for page in sorted(house.documents)]
CATALOGUES = [(folder, file.stem) for folder in FOLDERS for file in sorted(folder.glob("*.pot"))]
# No page asks for the servers' sentences by a key: test_sentences.py judges whether they are used.
PAGED = [(folder, page) for folder, page in CATALOGUES if page != SENTENCES]
LANGUAGES = sorted({tag for house in HOUSES for tag in house.words.texts} - {SOURCE})
ASKED = r'(?:\bsay\(|\bknown\(|data-(?:say|label|role)=)"([\w.-]+)"'
# Keys also stand in lists and conditions; a key made of parts stands as `mood.${name}`.
QUOTED = r'["`]((?:[\w-]|\$\{[^}]*\})+(?:\.(?:[\w-]|\$\{[^}]*\})+)+)["`]'
every_page = pytest.mark.parametrize(
    ("house", "page"), OWN, ids=lambda one: getattr(one, "name", one)
)
every_catalogue = pytest.mark.parametrize(
    ("folder", "page"), CATALOGUES, ids=lambda one: getattr(one, "parent", one)
)


def shape(key: str) -> re.Pattern[str]:
    """Return what a key made of parts can become."""
    parts = re.split(r"\$\{[^}]*\}", key)
    return re.compile(r"[\w.-]+".join(map(re.escape, parts)))


def placeholders(text: object) -> list[set[str]]:
    forms = text.values() if isinstance(text, dict) else [text]
    return [set(re.findall(r"\{(\w+)\}", str(form))) for form in forms]


@every_page
def test_every_text_a_page_asks_for_is_in_its_catalogue(house: House, page: str) -> None:
    known = house.words.of(page, SOURCE)
    for document in house.documents[page]:
        for name in house.scripts_of(document):
            assert house.keys_in(name, ASKED) <= known.keys(), name


@pytest.mark.parametrize(("folder", "page"), PAGED, ids=lambda one: getattr(one, "parent", one))
def test_no_text_is_unused(folder: Path, page: str) -> None:
    houses = HOUSES if folder == COMMON else [one for one in HOUSES if one.folder == folder]
    documents = [
        (house, document)
        for house in houses
        for name, own in house.documents.items()
        for document in own
        if page in (*SHARED, *PARTS.get(name, ()), name)
    ]
    paths = {(house, name) for house, one in documents for name in house.scripts_of(one)}
    asked = {key for house, name in paths for key in keys_asked(house, name)}
    shapes = [shape(key) for key in asked]
    unused = [
        key
        for key in load(folder).texts[SOURCE][page]
        if not any(pattern.fullmatch(key) for pattern in shapes)
    ]
    assert unused == []


@functools.cache
def keys_asked(house: House, name: str) -> frozenset[str]:
    return frozenset(house.keys_in(name, QUOTED) | house.keys_in(name, ASKED))


@pytest.mark.parametrize("language", LANGUAGES)
@every_catalogue
def test_every_text_is_translated(folder: Path, page: str, language: str) -> None:
    texts = load(folder).texts
    source, translated = texts[SOURCE][page], texts[language][page]
    assert translated.keys() == source.keys()
    for key, text in translated.items():
        known = set().union(*placeholders(source[key]))
        for found in placeholders(text):
            assert found <= known, key
        assert set().union(*placeholders(text)) == known, key


@pytest.mark.parametrize("language", LANGUAGES)
@every_catalogue
def test_a_translation_is_of_the_present_english(folder: Path, page: str, language: str) -> None:
    with (folder / f"{page}.pot").open("rb") as lines:
        source = {one.context or one.id: one.id for one in read_po(lines) if one.id}
    with (folder / language / f"{page}.po").open("rb") as lines:
        translated = {one.context or one.id: one.id for one in read_po(lines) if one.id}
    assert translated == source


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
def test_no_key_stands_in_two_catalogues_of_a_page(house: House) -> None:
    texts = house.words.texts[SOURCE]
    for page in house.words.pages:
        keys = [
            key for part in (*SHARED, *PARTS.get(page, ()), page) for key in texts.get(part, {})
        ]
        assert len(keys) == len(set(keys)), page


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


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
def test_every_document_says_what_it_is(house: House) -> None:
    told = []
    for name in (one for several in house.documents.values() for one in several):
        text = house.shelf[name].read_text(encoding="utf-8")
        title = re.search(r"<title>(.+) · Mood Mirror</title>", text)
        about = re.search(r'<meta name="description" content="(.{20,160})">', text)
        assert title, name
        assert about, name
        assert 'rel="icon"' in text, name
        told.append((title[1], about[1]))
    assert len(set(told)) == len(told)
