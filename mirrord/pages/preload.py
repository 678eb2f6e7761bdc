"""What a document will ask for, told with it, so that a browser asks for all of it at once.

Scripts import each other: without a hint each floor of imports costs another way to the server.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Final

from mirrord.pages.catalogue import SENTENCES
from mirrord.pages.files import Shelf

_SCRIPT: Final = re.compile(r'src="/static/([\w./-]+\.js)"')
_IMPORT: Final = re.compile(r'(?:from|^import)\s+"(\.[^"]+)"', re.MULTILINE)
_SPEAKER: Final = "</static/spoken.js>"  # asks for the sentences
_PAGE: Final = re.compile(r'data-page="(\w+)"')


def preloads(shelf: Shelf, document: str) -> str:
    """Return a Link header (RFC 8288) with every script of a document, and its words."""
    text = shelf[document].read_text(encoding="utf-8")
    scripts = [f"</static/{name}>; rel=modulepreload" for name in _scripts(shelf, text)]
    page = _PAGE.search(text)
    asked = [page[1]] if page else []
    if any(_SPEAKER in script for script in scripts):
        asked.append(SENTENCES)
    words = [f"</words/{name}>; rel=preload; as=fetch; crossorigin" for name in asked]
    return ", ".join([*scripts, *words])


def _scripts(shelf: Shelf, text: str) -> list[str]:
    """Return the scripts that a document loads, and what those import, each once."""
    waiting, found = _SCRIPT.findall(text), list[str]()
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found.append(name)
        for imported in _imports(shelf[name]):
            waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), imported)))
    return found


@cache  # most documents load the same ones
def _imports(script: Path) -> list[str]:
    return _IMPORT.findall(script.read_text(encoding="utf-8"))
