"""The settings to start with: the file's, with what was changed on the page, if that works."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from mirrord.config import Config
from mirrord.driver_host import configured
from mirrord.settings.overlay import complaint, layered
from mirrord.settings.overlay_file import Layers, OverlayFile, read_layers
from mirrord.settings.places import place_troubles

_log = logging.getLogger(__name__)


def understood(config: Config) -> None:
    """Raise ConfigError for settings that no installed driver understands."""
    configured(config.drivers, "settings")


def settings_in_force(base: Config) -> Layers:
    """Return the settings with what was changed on the page, leaving out what does not fit."""
    return read_layers(base, understood)


def settings_to_start_with(base: Config) -> Layers:
    """Return the settings in force; a place that cannot be used gives way to the file's.

    A damaged file of changes is set aside, so that the mirror starts whatever it holds.
    """
    layers = settings_in_force(base)
    if layers.notices:
        OverlayFile(base).recover()
    layers = _reachable(layers)
    for notice in layers.notices:
        _log.warning("settings: %s", notice)
    return layers


def _reachable(layers: Layers) -> Layers:
    troubles = place_troubles(layers.base, layers.config)
    if not troubles:
        return layers
    said = [f"changed on the page, but left out: {key}: {why}" for key, why in troubles.items()]
    values = _without(layers, troubles)
    overlay = msgspec.structs.replace(layers.overlay, values=values)
    notices = (*layers.notices, *said)
    return Layers(layers.base, overlay, layered(layers.base, values), notices)


def _without(layers: Layers, troubles: Mapping[str, str]) -> dict[str, Any]:
    """Leave out what is in trouble. An address is left out whole; what of [web] needs it, too."""
    values = layers.overlay.values
    address = {"web.host", "web.port"} if troubles.keys() & {"web.host", "web.port"} else set()
    bad = troubles.keys() | address
    kept = {key: one for key, one in values.items() if key not in bad}
    if complaint(layers.base, kept, understood):
        return {key: one for key, one in kept.items() if not key.startswith("web.")}
    return kept
