"""From the state of every part to one word and its reasons. Pure.

Red: a part that is wanted does not work now. Amber: everything works, but somebody should look.
What a person has switched off is no trouble.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from mirrord.health.signs import Signs
from mirrord.model import DriverStatus

Level = Literal["green", "amber", "red"]
OFTEN: Final = 3  # restarts within ten minutes; once or twice is what restarting is for
LITTLE_BYTES: Final = 100_000_000
OVER: Final = 1.1  # of the budget: a log that is being read may pass it for a moment
FIRST_YEAR: Final = 2024  # earlier, the clock has not been set

_CAMERA: Final = {
    "missing": "there is no camera",
    "stalled": "the camera gives no pictures",
    "opening": "the camera does not open",
}


class Trouble(msgspec.Struct, frozen=True):
    """Something that is wrong: with which part, how badly, in one sentence."""

    part: str
    level: Literal["amber", "red"]
    said: str


class Health(msgspec.Struct, frozen=True):
    """The worst level of all troubles, and the troubles, the worst first."""

    state: Level = "green"
    troubles: tuple[Trouble, ...] = ()


def health_of(signs: Signs) -> Health:
    """Judge the mirror as a whole."""
    found = (*_camera(signs), *_vision(signs), *_store(signs), *_drivers(signs), *_links(signs))
    found += (*_disk(signs), *_clock(signs))
    troubles = tuple(sorted(found, key=lambda one: one.level != "red"))
    return Health(troubles[0].level if troubles else "green", troubles)


def _camera(signs: Signs) -> Iterator[Trouble]:
    if signs.waits:
        yield Trouble("camera", "amber", _sentence(signs.waits))
    if signs.camera == "ended":
        yield Trouble("camera", "amber", _sentence("the film before the camera has ended"))
    elif signs.camera in _CAMERA and (signs.camera != "opening" or signs.camera_failed):
        said = _CAMERA[signs.camera]
        yield Trouble("camera", "red", _sentence(signs.camera_detail or said))


def _vision(signs: Signs) -> Iterator[Trouble]:
    if signs.restarts >= OFTEN:
        said = f"seeing had to be started again {signs.restarts} times within ten minutes"
        yield Trouble("vision", "amber", _sentence(said))
    if signs.hot:
        warmth = "" if signs.cpu_temp_c is None else f" ({signs.cpu_temp_c:.0f} °C)"
        said = f"the processor is hot{warmth}: the mirror looks less often"
        yield Trouble("vision", "amber", _sentence(said))


def _store(signs: Signs) -> Iterator[Trouble]:
    store = signs.store
    if store.state == "paused":
        yield Trouble("store", "red", _sentence(store.detail or "nothing can be recorded now"))
    elif store.state == "recovered":
        yield Trouble("store", "amber", _sentence(store.detail or "the records were damaged"))
    if store.dropped:
        said = f"{store.dropped} readings were lost since the start"
        yield Trouble("store", "amber", _sentence(said))


def _drivers(signs: Signs) -> Iterator[Trouble]:
    for driver in signs.drivers:
        yield from _driver(driver)


def _driver(driver: DriverStatus) -> Iterator[Trouble]:
    failing = driver.state in ("unavailable", "refused")
    if failing or (driver.state == "opening" and driver.error):
        said = f"{driver.title}: {driver.error or 'does not answer'}"
        yield Trouble(driver.name, "red", _sentence(said))
    elif driver.error:
        yield Trouble(driver.name, "amber", _sentence(f"{driver.title}: {driver.error}"))
    for device in driver.devices:
        if problem := device.values.get("problem"):
            yield Trouble(driver.name, "amber", _sentence(f"{device.name}: {problem}"))


def _links(signs: Signs) -> Iterator[Trouble]:
    for link in signs.links:
        if link.state in ("unavailable", "refused"):
            yield Trouble(link.name, "red", _sentence(link.error or f"the {link.name} is away"))


def _disk(signs: Signs) -> Iterator[Trouble]:
    disk = signs.disk
    if disk is None:
        return
    if disk.free_bytes < LITTLE_BYTES:
        said = f"the disk is nearly full: {disk.free_bytes / 1e6:.0f} MB are free"
        yield Trouble("disk", "amber", _sentence(said))
    if disk.kept_bytes > disk.budget_bytes * OVER:
        kept, budget = disk.kept_bytes / 1e6, disk.budget_bytes / 1e6
        said = f"the mirror's files take {kept:.0f} MB, more than the {budget:.0f} MB allowed"
        yield Trouble("disk", "amber", _sentence(said))


def _clock(signs: Signs) -> Iterator[Trouble]:
    if signs.now.year < FIRST_YEAR:
        said = f"the clock says {signs.now:%Y-%m-%d}: records get wrong times until it is set"
        yield Trouble("clock", "amber", _sentence(said))


def _sentence(text: str) -> str:
    """Return the text with a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
