"""Keeps secrets off the page: those within an address, and keys that are secrets."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote_plus

from mirrord.web.settings.describe import is_secret

DOTS: Final = "•••"
# The password before the host, and the value of each parameter of the query.
_BEFORE_HOST: Final = r"(?P<before>://[^/@:\s?#]*:)(?P<password>[^/\s?#]*(?=@)|[^/\s]*(?=@))"
_PARAMETER: Final = r"(?P<start>[?&;](?P<name>[^=&;#\s]*)=)(?P<value>[^&;#\s]*)"
_PARTS: Final = re.compile(f"{_BEFORE_HOST}|{_PARAMETER}")
# Whether a password is asked for: a rule, and none itself.
_RULES: Final = frozenset({"web.password"})
# What cameras call their passwords, tokens and signatures.
_SECRET: Final = re.compile(
    r"pass|pwd|^pw$|^p$|secret|token|key|auth|sig|cred|pin$|^code$|sess|^sid$|hash|digest", re.I
)


def masked(key: str, value: Any) -> Any:
    """Return what may be shown of a value."""
    name = key.rpartition(".")[2]
    if isinstance(value, dict):
        return {inner: masked(inner, one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(key, one) for one in value]
    if is_secret(name) and key not in _RULES:
        return DOTS if value else value
    return _dotted(value) if isinstance(value, str) else value


def unmasked(key: str, wanted: Any, present: Any) -> Any:
    """Return what was meant: dots that were sent back stand for the secret that is there now.

    A secret goes to no other user or host than those it was given for: there the dots stay.
    """
    if isinstance(wanted, dict) and isinstance(present, dict):
        return {inner: unmasked(inner, one, present.get(inner)) for inner, one in wanted.items()}
    if isinstance(wanted, list) and isinstance(present, list | tuple):
        return [_among(key, one, present) for one in wanted]
    if isinstance(wanted, str) and is_secret(key.rpartition(".")[2]) and wanted == DOTS:
        return present
    if isinstance(wanted, str) and isinstance(present, str) and DOTS in wanted:
        same_place = _place(_dotted(present)) == _place(wanted)
        return _filled(wanted, _secrets(present)) if same_place else wanted
    return wanted


def _among(key: str, wanted: Any, present: Any) -> Any:
    """Return the entry that is shown as `wanted`, so that a list can be put in another order."""
    return next((one for one in present if masked(key, one) == wanted), wanted)


def _place(url: str) -> str:
    """Return scheme, user and host, with the dots in the password's place."""
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0] + url.partition("://")[0]


def _dotted(text: str) -> str:
    if "://" not in text:
        return text
    return _PARTS.sub(lambda part: _begin(part) + (DOTS if _hides(part) else part[0]), text)


def _begin(part: re.Match[str]) -> str:
    """Return what stands before the secret, if the part holds one."""
    return (part["before"] or part["start"]) if _hides(part) else ""


def _hides(part: re.Match[str]) -> bool:
    if part["before"] is not None:
        return True
    return bool(part["value"] and _SECRET.search(unquote_plus(part["name"])))


def _secrets(url: str) -> dict[str, str]:
    """Return the secrets of an address: the password under "", parameters by their names."""
    return {
        part["name"] or "": part["password"] if part["before"] is not None else part["value"]
        for part in _PARTS.finditer(url)
        if _hides(part)
    }


def _filled(wanted: str, secrets: dict[str, str]) -> str:
    """Put secrets in the place of the dots; dots that stand for none stay."""

    def fill(part: re.Match[str]) -> str:
        shown = part["password"] if part["before"] is not None else part["value"]
        if shown != DOTS or not _hides(part):
            return part[0]
        return _begin(part) + secrets.get(part["name"] or "", DOTS)

    return _PARTS.sub(fill, wanted)


def has_dots(value: Any) -> bool:
    """Tell whether a value still has dots in a secret's place."""
    if isinstance(value, dict):
        return any(has_dots(one) for one in value.values())
    if isinstance(value, list):
        return any(has_dots(one) for one in value)
    return isinstance(value, str) and DOTS in value
