"""The file that keeps what was changed on the page, beside the database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mirrord.config import Config, store_path
from mirrord.errors import Unavailable
from mirrord.runtime.files import replace_file
from mirrord.settings.overlay import Overlay, complaint, layered, usable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Layers:
    """The settings file, what was changed on the page, and both together."""

    base: Config
    overlay: Overlay
    config: Config
    notices: tuple[str, ...] = field(default=())  # what of the overlay could not be used, and why


class OverlayFile:
    """Reads and replaces the overlay. Nothing of it is read by others: it may name a password.

    The state before the last change stays beside it as `.previous`, for when it is damaged.
    """

    def __init__(self, base: Config) -> None:
        self.path = store_path(base).with_suffix(".settings.json")
        self.previous = self.path.with_name(self.path.name + ".previous")

    def read(self) -> tuple[Overlay, str]:
        """Return the newest overlay that can be read, and a sentence if that is not the last."""
        overlay, trouble = _read(self.path)
        if not trouble:
            return overlay or Overlay(), ""
        older, worse = _read(self.previous)
        stands = "the file's settings hold" if worse or older is None else "the changes before hold"
        return older or Overlay(), f"{trouble}; {stands}"

    def recover(self) -> None:
        """Put a damaged file out of the way, for whoever wants to look, and go on without it."""
        overlay, trouble = self.read()
        if not trouble:
            return
        try:
            self.path.replace(self.path.with_name(self.path.name + ".damaged"))
            self.write(overlay)
        except (OSError, Unavailable) as error:
            _log.warning("%s cannot be set aside: %s", self.path, error)

    def write(self, overlay: Overlay) -> None:
        """Replace the file at one blow; it is on the disk when this returns. Raises Unavailable."""
        text = msgspec.json.format(msgspec.json.encode(overlay), indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                replace_file(self.previous, self.path.read_bytes())
            replace_file(self.path, text + b"\n")
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be written: {error.strerror}") from None


def read_layers(base: Config, check: Callable[[Config], object]) -> Layers:
    """Put what was changed on the page over the file's settings, leaving out what does not fit.

    `check` raises ConfigError for settings that a driver does not understand. Changes nothing.
    """
    overlay, trouble = OverlayFile(base).read()
    notices = [trouble] if trouble else []
    good = set(overlay.values)
    if complaint(base, overlay.values, check):
        good = usable(base, overlay.values, check)
    values = {key: value for key, value in overlay.values.items() if key in good}
    for key in sorted(set(overlay.values) - good):
        why = complaint(base, values | {key: overlay.values[key]}, check)
        notices.append(f"changed on the page, but left out: {why}")
    kept = msgspec.structs.replace(overlay, values=values)
    return Layers(base, kept, layered(base, values), tuple(dict.fromkeys(notices)))


def _read(path: Path) -> tuple[Overlay | None, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Overlay), ""
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"{path} cannot be read: {error.strerror}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, f"{path} is damaged ({error})"
