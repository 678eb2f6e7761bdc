"""Settings without the passwords in them, and without a place that only one machine has."""

from __future__ import annotations

from typing import Final

import msgspec

from mirrord.settings.overlay import Overlay
from mirrord.web.settings.masked import masked

_PLACE: Final = "store.path"


def without_secrets(overlay: Overlay) -> tuple[Overlay, tuple[str, ...]]:
    """Return what was changed on the page without values that hold a password, and their keys.

    The history goes if it holds one anywhere: a step that is half there could not be undone.
    """
    out = tuple(key for key, value in overlay.values.items() if masked(key, value) != value)
    kept = {key: value for key, value in overlay.values.items() if key not in out}
    told = [
        (change.key, value)
        for step in overlay.history
        for change in step.changes
        for value in (change.before, change.after)
        if value is not msgspec.UNSET
    ]
    if out or any(masked(key, value) != value for key, value in told):
        return Overlay(values=kept), out
    return overlay, ()


def without_place(overlay: Overlay) -> Overlay:
    """Return it without another place for the records: they are put where the file says."""
    if _PLACE not in overlay.values:
        return overlay
    return Overlay(values={key: one for key, one in overlay.values.items() if key != _PLACE})
