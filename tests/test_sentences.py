"""What the mirror and the collective say of what goes wrong has a translation for the pages."""

from __future__ import annotations

import errno
import os
import re
from functools import cache
from typing import Annotated, Any, Final, Literal

import aiohttp
import msgspec
import pytest
from babel.messages.pofile import read_po
from msgspec import Meta

from mirrord.pages.catalogue import COMMON, SENTENCES
from mirrord.runtime.settings import explain
from tests.sentences_kit import ROOT, bare, errors, modules

# What is said on a console or in a log alone: no page shows it.
CONSOLE: Final = (
    "mirrord/backup/",
    "mirrord/check.py",
    "mirrord/cli",
    "mirrord/collective/backup.py",
    "mirrord/collective/commands.py",
    "mirrord/collective/demo.py",
    "mirrord/collective/exporting.py",
    "mirrord/collective/migrations/",
    "mirrord/collective/observe/proxies.py",
    "mirrord/collective/serve.py",
    "mirrord/collective/settings.py",
    "mirrord/diagnose/",
    "mirrord/drill/",
    "mirrord/driver_host/plugins.py",
    "mirrord/export/command.py",
    "mirrord/export/parquet.py",
    "mirrord/export/target.py",
    "mirrord/hub/commands.py",
    "mirrord/hub/visit.py",
    "mirrord/look/",
    "mirrord/pages/catalogue.py",
    "mirrord/service.py",
    "mirrord/simulator/",
    "mirrord/smart_home.py",
    "mirrord/status/",
    "mirrord/sync/command.py",
)
# Only these say something of the start, or of a backup, besides what a page can show.
NEVER_SHOWN: Final = {
    "the {} cannot be served at {}, port {} ({}): choose another [{}] host or port,"
    " or stop what is using it",
    "{}: cannot be made ({}): choose another [database] url",
    "the camera never opened: {}",
}
# Calls, besides errors, whose texts a page shows; and functions that return such texts.
TELLING: Final = {"failure", "Trouble", "_sentence", "Report", "CameraSeen", "_Wait", "Result"}
TELLING |= {"invalid", "told", "_note", "_failed", "_tell", "_denied", "Manner", "failed"}
TELLERS: Final = {
    "mirrord/runtime/outward.py": {"sentence"},
    "mirrord/sync/client.py": {"_heard", "_redirected"},
    "mirrord/sync/judging.py": {"_fate"},
    "mirrord/store/failures.py": {"explain"},
    "mirrord/settings/places.py": {"store_trouble", "web_trouble"},
    "mirrord/vision/camera_stream.py": {"_why"},
    "mirrord/sight.py": {"_until_it_ends", "_attend"},
    "mirrord/sight_child.py": {"status"},
    "mirrord/sight_unit.py": {"ended"},
    "drivers/mirrord_hue/transport.py": {"_reason"},
}
# Put together from pieces.
BUILT: Final = {
    "the processor is hot: the mirror looks less often",
    "the processor is hot ({warmth}): the mirror looks less often",
    "Paired with {who} over HTTPS, its certificate noted; the key is in {path}.",
    "Paired with {who} over plain HTTP; the key is in {path}.",
}
# What these raise is told as what is wrong with a setting.
SETTINGS: Final = (
    "mirrord/config.py",
    "mirrord/mqtt/driver.py",
    "mirrord/mqtt/kinds.py",
    "/settings.py",
)
KEYWORDS: Final = {"problem", "said", "silent", "description"}
KEPT: Final = {"_problem", "_blame", "_trouble", "trouble", "_recovered"}


# One type of each kind that can be asked for.
KINDS: Final[tuple[Any, ...]] = (
    int,
    Annotated[int, Meta(ge=1)],
    Annotated[int, Meta(gt=2)],
    Annotated[int, Meta(ge=0, le=1)],
    float,
    Annotated[float, Meta(ge=2)],
    Annotated[float, Meta(gt=0)],
    Annotated[float, Meta(ge=0, le=1)],
    Annotated[float, Meta(gt=0, le=9)],
    str,
    Annotated[str, Meta(max_length=9)],
    Annotated[str, Meta(min_length=1)],
    Annotated[str, Meta(pattern="^[a-z]$")],
    Literal["a", "b"],
    bool,
    float | str,
    list[int],
    Annotated[list[int], Meta(min_length=1, max_length=3)],
    Annotated[list[int], Meta(min_length=2)],
    dict[str, int],
)


@cache
def catalogue() -> dict[str, re.Pattern[str]]:
    """Return what each entry matches, by its English."""
    with (COMMON / f"{SENTENCES}.pot").open("rb") as lines:
        entries = [str(one.id) for one in read_po(lines) if one.id]
    return {one: re.compile(_pattern(bare(one)), re.DOTALL) for one in entries}


def _pattern(entry: str) -> str:
    return "((?:(?!; ).)+?)".join(map(re.escape, entry.split("{}")))


@cache
def is_worded(text: str) -> bool:
    """Tell whether a page can say it in another language: whole, behind a key, or in parts."""
    text = re.sub(r"(?<=[a-z])\{\}", "", bare(text))  # "; did you mean ...?", or nothing
    if not re.search("[a-z]{2}", text):
        return True  # nothing but what is filled in
    whole = (text, f"{{}} {text}")  # "the bridge" may stand before it
    if any(pattern.fullmatch(one) for pattern in catalogue().values() for one in whole):
        return True
    heads = [one.end() for one in re.finditer(": ", text)]
    if any(is_worded(text[end:]) for end in heads):
        return True
    return any(mark in text and all(map(is_worded, text.split(mark))) for mark in ("; ", ". "))


def said_in_the_code() -> dict[str, str]:
    """Return every sentence that a page may be told, with the place that says it."""
    read, found = modules(), dict[str, str]()
    errors_ = errors(read) | TELLING
    for module in read:
        place = module.path.relative_to(ROOT).as_posix()
        if place.startswith(CONSOLE):
            continue
        names = errors_ | ({"ValueError"} if place.endswith(SETTINGS) else set())
        texts = [*module.returned(TELLERS.get(place, set())), *module.assigned(KEPT)]
        for name, call in module.calls():
            if name in names:
                given = [*call.args, *(one.value for one in call.keywords if one.arg in KEYWORDS)]
                texts += [text for one in given for text in module.texts(one)]
            if name == "Meta":
                given = [one.value for one in call.keywords if one.arg == "description"]
                texts += [text for one in given for text in module.texts(one)]
        found |= {bare(text): place for text in texts if " " in text.strip()}
    return {text: place for text, place in found.items() if text not in NEVER_SHOWN}


def test_every_sentence_that_a_page_may_be_told_has_an_entry() -> None:
    said = said_in_the_code()
    assert len(said) > 300
    assert {"Rejected", "Refused", "NotAllowed", "Unacceptable"} <= errors(modules())
    assert [f"{place}: {text}" for text, place in said.items() if not is_worded(text)] == []


def test_what_is_wrong_with_a_value_has_an_entry() -> None:
    assert [one for one in refusals() if not is_worded(one)] == []


def refusals() -> list[str]:
    """Return what is said of a value of each kind, of one that is missing, and of unknown keys."""
    wrong = [_refusal(kind, {"key": {}}) for kind in KINDS if kind != dict[str, int]]
    wrong += [_refusal(dict[str, int], {"key": 1}), _refusal(Literal["a", "b"], {"key": "c"})]
    wrong += [_refusal(kind, {}) for kind in KINDS]
    for thing in ("setting", "parameter", "field"):
        wrong += [_refusal(int, {"key": 1, other: 1}, thing) for other in ("kez", "unlike")]
    return wrong


def _refusal(kind: Any, data: dict[str, Any], thing: str = "setting") -> str:
    struct = msgspec.defstruct("Asked", [("key", kind)], forbid_unknown_fields=True)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(data, struct)
    return explain(str(refused.value), data, struct, thing=thing)[1]


def test_no_entry_is_of_a_sentence_that_nobody_says() -> None:
    texts = {bare(text) for module in modules() for text in module.every()}
    texts |= {part for text in texts for part in _parts(text)}
    texts |= {bare(os.strerror(number)) for number in errno.errorcode}
    texts |= {part for one in refusals() for part in _parts(bare(one))}
    texts |= {one.partition("expected ")[2] for one in texts}
    left = {one for one, pattern in catalogue().items() if not _is_said(bare(one), pattern, texts)}
    assert left == BUILT


def _parts(text: str) -> list[str]:
    """Return what a text says behind its key, and its parts."""
    ends = [one.end() for one in re.finditer(": |; |\\. ", text)]
    behind = [text, *(text[end:].strip("; ") for end in ends)]
    return [part for one in behind for part in one.split("; ")] + behind


def _is_said(entry: str, pattern: re.Pattern[str], texts: set[str]) -> bool:
    behind = entry.removeprefix("{} ")
    return bool({entry, behind} & texts) or any(map(pattern.fullmatch, texts))


async def test_the_sentences_are_sent_to_who_does_not_read_english(
    session: aiohttp.ClientSession,
) -> None:
    async with session.get("/words/sentences", headers={"Accept-Language": "de"}) as response:
        sent = await response.json()
        assert response.headers["Vary"] == "Accept-Language, Cookie"
        assert response.headers["Content-Encoding"] in ("gzip", "deflate")
    assert sent["words"]["Sign in first."] == "Melde dich zuerst an."
    async with session.get("/words/sentences", headers={"Accept-Language": "en"}) as response:
        assert (await response.json())["words"] == {}


async def test_a_program_is_told_in_english(session: aiohttp.ClientSession) -> None:
    for headers in ({}, {"Accept-Language": "de"}):
        async with session.get("/nowhere", headers=headers) as response:
            assert (await response.json())["message"] == "There is nothing at this address."
