"""Keeps secrets off the page: a password within an address, and keys that are secrets."""

from __future__ import annotations

import re
from typing import Any

from mirrord.web.settings.describe import is_secret

DOTS = "•••"
_PASSWORD = re.compile(r"(?P<before>://[^/@:\s]*:)(?P<password>[^/\s]*)(?=@)")


def masked(key: str, value: Any) -> Any:
    """Return what may be shown of a value."""
    name = key.rpartition(".")[2]
    if isinstance(value, dict):
        return {inner: masked(inner, one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(key, one) for one in value]
    if is_secret(name):
        return DOTS if value else value
    return _PASSWORD.sub(rf"\g<before>{DOTS}", value) if isinstance(value, str) else value


def unmasked(key: str, wanted: Any, present: Any) -> Any:
    """Return what was meant: dots that were sent back stand for the secret that is there now.

    A password goes to no other user or host than those it was given for: there the dots stay.
    """
    if isinstance(wanted, dict) and isinstance(present, dict):
        return {inner: unmasked(inner, one, present.get(inner)) for inner, one in wanted.items()}
    if isinstance(wanted, list) and isinstance(present, list | tuple):
        return [_among(key, one, present) for one in wanted]
    if isinstance(wanted, str) and is_secret(key.rpartition(".")[2]) and wanted == DOTS:
        return present
    if isinstance(wanted, str) and isinstance(present, str) and DOTS in wanted:
        same_place = masked(key, present).split("/")[:3] == wanted.split("/")[:3]
        found = _PASSWORD.search(present)
        return wanted.replace(DOTS, found["password"]) if same_place and found else wanted
    return wanted


def _among(key: str, wanted: Any, present: Any) -> Any:
    """Return the entry that is shown as `wanted`, so that a list can be put in another order."""
    return next((one for one in present if masked(key, one) == wanted), wanted)


def has_dots(value: Any) -> bool:
    """Tell whether a value still has dots in a secret's place."""
    if isinstance(value, dict):
        return any(has_dots(one) for one in value.values())
    if isinstance(value, list):
        return any(has_dots(one) for one in value)
    return isinstance(value, str) and DOTS in value
