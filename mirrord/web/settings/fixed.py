"""What the page may not set: it stays with the settings file.

Whoever may control the mirror is not, for that, whoever may read and write files on its machine, or
be sent the passwords that are kept there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET

IN_FILE: Final = "names a file on this computer: set it in the settings file"
_A_FILE: Final = re.compile(r"(^|_)file$")
_WHERE: Final = frozenset({"host", "port", "tls"})
_KEPT_IN: Final = "password_file"


def is_file(name: str) -> bool:
    """Tell whether a key names a file that is read, or written, whatever is in it."""
    return bool(_A_FILE.search(name))


def not_from_here(
    changed: Mapping[str, Any], present: Mapping[str, Any], files: Mapping[str, str]
) -> dict[str, str]:
    """Return why each of the changes to plain values has to be made in the settings file instead.

    `present` are the values that hold, by key; a key that goes back to the file's value is UNSET.
    `files` says by key how a value begins that names a file.
    """
    found = {}
    for key, value in changed.items():
        if value is UNSET or value == present.get(key):
            continue
        table, _, name = key.rpartition(".")
        if is_file(name) or _names_file(value, files.get(key)):
            found[key] = IN_FILE
        elif name in _WHERE and present.get(f"{table}.{_KEPT_IN}"):
            found[key] = f"{_KEPT_IN} is for the broker there: set both in the settings file"
    return found


def _names_file(value: Any, beginning: str | None) -> bool:
    """Tell whether a value, or a key within it, names a file."""
    if isinstance(value, Mapping):
        return any((is_file(key) and one) or _names_file(one, None) for key, one in value.items())
    if isinstance(value, list | tuple):
        return any(_names_file(one, beginning) for one in value)
    return beginning is not None and isinstance(value, str) and value.startswith(beginning)
