"""The settings to start with: the file's, with what was changed on the page, if that works."""

from __future__ import annotations

import logging

import msgspec

from mirrord.config import Config
from mirrord.driver_host import configured
from mirrord.overlay import layered
from mirrord.overlay_file import Layers, OverlayFile, read_layers
from mirrord.places import place_troubles

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
    tables = {key.partition(".")[0] for key in troubles}
    bad = {key for key in layers.overlay.values if key.partition(".")[0] in tables & {"web"}}
    bad |= troubles.keys() & layers.overlay.values.keys()
    values = {key: one for key, one in layers.overlay.values.items() if key not in bad}
    said = [f"changed on the page, but left out: {key}: {why}" for key, why in troubles.items()]
    overlay = msgspec.structs.replace(layers.overlay, values=values)
    notices = (*layers.notices, *said)
    return Layers(layers.base, overlay, layered(layers.base, values), notices)
