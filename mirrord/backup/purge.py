"""Settings without the passwords in them."""

from __future__ import annotations

import msgspec

from mirrord.settings.overlay import Overlay
from mirrord.web.settings.masked import masked


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
