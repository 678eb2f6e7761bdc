"""Anything else: topics, fields and a template as the settings give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt import Message
from mirrord.mqtt.source import Source
from mirrord_hub_entities.conventions.mapped import Command, Mapped

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

TINTS = ("{hex}", "{red}", "{hue}", "{x}")
PLACES = ("{brightness}", *TINTS)


def generic(settings: LightSettings) -> Mapped:
    """One command says all; the state is read from `topic` unless `state_topic` says otherwise."""
    state = settings.state_topic or settings.topic
    topic = settings.command_topic or f"{settings.topic}/set"
    command = Command(topic, settings.command)
    dims = "{brightness}" in settings.command
    coloured = any(one in settings.command for one in TINTS)
    return Mapped(
        on=command,
        off=Command(topic, settings.off),
        level=command if dims else None,
        tint=command if coloured else None,
        on_at=(Source(state, settings.on_field),),
        level_at=(Source(state, settings.brightness_field),) if settings.brightness_field else (),
        tint_at=(Source(state, settings.color_field),) if settings.color_field else (),
        ask=(Message(settings.query_topic, settings.query),) if settings.query_topic else (),
        top=settings.brightness_scale,
    )
