"""The page's words: gettext catalogues, one for each page and language, English as the source.

`locale/<page>.pot` holds the English texts, `locale/<language>/<page>.po` a translation. An entry's
context is the key by which scripts ask for it. `sentences.pot` is no page's: it has what the mirror
and the collective say of what goes wrong, each sentence its own key. See docs/languages.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from mirrord.errors import ConfigError

SOURCE = "en"
COMMON = Path(__file__).with_name("locale")  # of the mirror's pages and the collective's
SHARED = ("common", "shell")  # by every page
SENTENCES = "sentences"
# Texts of parts that more than one page shows, though not every one.
PARTS = {
    "settings": ("devices",),
    "welcome": ("devices",),
    "mirror": ("card",),
    "hello": ("card",),
}

Text = str | dict[str, str]
"""One text, or one for each plural category of CLDR ("one", "other", ...)."""

_COUNTS = range(201)  # every category that whole numbers can have shows up below this


@dataclass(frozen=True, slots=True)
class Words:
    """Every text, by language, page and key."""

    texts: dict[str, dict[str, dict[str, Text]]]

    @property
    def languages(self) -> dict[str, str]:
        """Return each language with its own name for itself."""
        return {tag: Locale.parse(tag).get_display_name() or tag for tag in sorted(self.texts)}

    @property
    def pages(self) -> frozenset[str]:
        parts = {part for several in PARTS.values() for part in several}
        return frozenset(self.texts[SOURCE]) - {*SHARED, SENTENCES} - parts

    def of(self, page: str, language: str) -> dict[str, Text]:
        """Return a page's texts with those that every page shares; English fills gaps."""
        found: dict[str, Text] = {}
        for tag in (SOURCE, language):
            for part in (*SHARED, *PARTS.get(page, ()), page):
                found |= self.texts[tag].get(part, {})
        return found

    def sentences(self, language: str) -> dict[str, Text]:
        """Return each sentence of the servers' with its translation; none in English."""
        return {} if language == SOURCE else self.texts[language].get(SENTENCES, {})


def load(*folders: Path) -> Words:
    """Read every catalogue below the folders. Raises ConfigError naming the file and its line."""
    texts: dict[str, dict[str, dict[str, Text]]] = {SOURCE: {}}
    for folder in folders:
        for file in sorted(folder.glob("*.pot")):
            texts[SOURCE][file.stem] = _source(file, _written(file))
        for file in sorted(folder.glob("*/*.po")):
            language = texts.setdefault(file.parent.name, {})
            language[file.stem] = _translation(file, file.parent.name, _written(file))
    return Words(texts)


def _written(file: Path) -> tuple[int, int]:
    """Return what changes when a file is written anew."""
    found = file.stat()
    return found.st_mtime_ns, found.st_size


# Several parts of a mirror read the same catalogues, and parsing is dear.
@lru_cache(maxsize=128)
def _source(file: Path, _as_of: tuple[int, int]) -> dict[str, Text]:
    return {key: _forms(message, ("one", "other")) for key, message in _messages(_read(file))}


@lru_cache(maxsize=128)
def _translation(file: Path, language: str, _as_of: tuple[int, int]) -> dict[str, Text]:
    catalogue = _read(file, language)
    return {
        key: _translated(message, catalogue, language)
        for key, message in _messages(catalogue)
        if not message.fuzzy and all(_strings(message.string))
    }


def _read(file: Path, language: str = SOURCE) -> Catalog:
    try:
        with file.open("rb") as lines:
            return read_po(lines, locale=language, abort_invalid=True)
    except PoFileError as error:
        raise ConfigError(f"{file}, line {error.lineno}: {error}") from None
    except (ValueError, LookupError) as error:
        raise ConfigError(f"{file}: cannot be read as a catalogue: {error}") from None


def _messages(catalogue: Catalog) -> Iterator[tuple[str, Message]]:
    for message in catalogue:
        if message.id:
            yield message.context or _strings(message.id)[0], message


def _strings(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _forms(message: Message, categories: tuple[str, ...]) -> Text:
    forms = _strings(message.id)
    return forms[0] if len(forms) == 1 else dict(zip(categories, forms, strict=True))


def _translated(message: Message, catalogue: Catalog, language: str) -> Text:
    """Name gettext's numbered plural forms by CLDR's categories, which browsers choose by."""
    forms = _strings(message.string)
    if len(_strings(message.id)) == 1:
        return forms[0]
    number_of = c2py(catalogue.plural_expr)
    category_of = Locale.parse(language).plural_form
    named = {category_of(count): forms[number_of(count)] for count in reversed(_COUNTS)}
    return {**named, "other": named.get("other", forms[-1])}
