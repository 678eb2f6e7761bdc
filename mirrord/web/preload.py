"""What a document will ask for, told with it, so that a browser asks for all of it at once.

Scripts import each other: without a hint each floor of imports costs another way to the mirror.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from mirrord.web.reply import STATIC

_SCRIPT: Final = re.compile(r'src="/static/([\w./-]+\.js)"')
_IMPORT: Final = re.compile(r'(?:from|^import)\s+"(\.[^"]+)"', re.MULTILINE)
_PAGE: Final = re.compile(r'data-page="(\w+)"')


def preloads(document: Path) -> str:
    """Return a Link header (RFC 8288) with every script of a document, and its words."""
    text = document.read_text(encoding="utf-8")
    scripts = [f"</static/{name}>; rel=modulepreload" for name in _scripts(text)]
    page = _PAGE.search(text)
    words = [f"</words/{page[1]}>; rel=preload; as=fetch; crossorigin"] if page else []
    return ", ".join([*scripts, *words])


def _scripts(text: str) -> list[str]:
    """Return the scripts that a document loads, and what those import, each once."""
    waiting, found = _SCRIPT.findall(text), list[str]()
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found.append(name)
        path = STATIC / name
        for imported in _IMPORT.findall(path.read_text(encoding="utf-8")):
            waiting.append((path.parent / imported).resolve().relative_to(STATIC).as_posix())
    return found
