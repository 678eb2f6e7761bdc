"""Anything else: topics, fields and templates as the settings give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt import Message
from mirrord.mqtt.source import Source
from mirrord_thermostat.convention import Command
from mirrord_thermostat.conventions.mapped import Mapped

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings


def generic(settings: ThermostatSettings) -> Mapped:
    """The state is read from `topic` unless `state_topic` says otherwise."""
    state = settings.state_topic or settings.topic
    measured_topic = settings.measured_topic or (state if settings.measured_field else "")
    mode_topic = settings.mode_topic or (state if settings.mode_field else "")
    return Mapped(
        command=Command(settings.command_topic or f"{settings.topic}/set", settings.command),
        setpoint=(Source(state, settings.setpoint_field),),
        measured=(Source(measured_topic, settings.measured_field),) if measured_topic else (),
        mode=(Source(mode_topic, settings.mode_field),) if mode_topic else (),
        ask=(Message(settings.query_topic, settings.query),) if settings.query_topic else (),
    )
