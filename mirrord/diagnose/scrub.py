"""Takes secrets, addresses and names out of what is shown to others."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

from mirrord.config import Config
from mirrord.settings.overlay import tables_of
from mirrord.web.settings.masked import masked

DOTS: Final = "•••"
# Whose values say where something is, or what somebody has called it.
_PLACES: Final = ("host", "bridge", "username", "area", "name", "topic", "lights", "groups")
_MAYBE_IP: Final = re.compile(r"(?<![\w.:])[0-9A-Fa-f:.]{3,45}(?!\w)")
_ADDRESSES: Final = (
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE), "<mac>"),
    (re.compile(r"(?P<scheme>\w+://)[^\s/\"']*@"), r"\g<scheme>•••@"),
    (re.compile(r"\b[A-Za-z0-9_=-]{32,}\b"), "<long word>"),  # what could be a key or a token
)


class Scrubber:
    """Knows the secrets and the places of one mirror's settings."""

    def __init__(self, config: Config, secret_files: Iterable[Path]) -> None:
        words = {word for path in secret_files for word in _words_in(path)}
        words |= {word for word in _said_by(tables_of(config)) if len(word) >= 4}
        words |= {word for word in (str(Path.home()), socket.gethostname()) if len(word) >= 4}
        forms = {form for word in words for form in (word, quote(word, safe=""), quote_plus(word))}
        self._words = sorted(forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return a text without them."""
        for word in self._words:
            text = text.replace(word, DOTS)
        for pattern, instead in _ADDRESSES:
            text = pattern.sub(instead, text)
        return _MAYBE_IP.sub(_hidden_ip, text)

    def value(self, value: Any) -> Any:
        """Return JSON without them."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return self.text(value) if isinstance(value, str) else value


def _hidden_ip(found: re.Match[str]) -> str:
    """Return a mark in the place of an IP address, perhaps with a port or a full stop after it."""
    text = found[0]
    for end in (len(text), text.rfind(":"), len(text.rstrip(".:"))):
        with suppress(ValueError):
            ip_address(text[:end])
            return "<address>" + text[end:]
    return text


def settings_shown(config: Config) -> dict[str, Any]:
    """Return the settings without secrets, places, and names that somebody has given."""
    return {table: _hidden(table, values) for table, values in tables_of(config).items()}


def _hidden(key: str, value: Any) -> Any:
    name = key.rpartition(".")[2]
    if key == "web.password":  # says whether one is wanted
        return value
    if name in _PLACES or name.endswith(("_file", "topic")) or name in ("path", "source"):
        return DOTS if value not in ("", [], None) and not isinstance(value, int) else value
    if isinstance(value, Mapping):
        return {inner: _hidden(f"{key}.{inner}", one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(key, one) for one in value]
    return masked(key, value)


def _said_by(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts of the settings that must not be shown, to be found in other texts too."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _said_by(one, str(inner))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _said_by(one, key)
    elif isinstance(value, str) and value:
        if key in _PLACES or masked(key, value) != value:
            yield value
        yield from _passwords_in(value)


def _passwords_in(text: str) -> Iterator[str]:
    found = re.search(r"://(?P<user>[^/@:\s]*):(?P<password>[^/\s]*)@(?P<host>[^/:\s]*)", text)
    if found:
        yield from (part for part in found.groupdict().values() if len(part) >= 4)


def _words_in(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return
    if len(text) >= 4:
        yield text
        yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= 16)
