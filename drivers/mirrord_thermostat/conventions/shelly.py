"""The first Shelly TRV: `shellies/<id>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt import Message
from mirrord.mqtt.source import Source
from mirrord_thermostat.convention import Command, Limits, Manner
from mirrord_thermostat.conventions.mapped import Mapped

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

ENABLED = (("true", "heat"), ("false", "off"))


def shelly(settings: ThermostatSettings) -> Mapped:
    """`topic` is `shellies/<id>`; accepts 4..31 °C in half degrees."""
    topic = settings.topic
    status, info, valve = f"{topic}/status", f"{topic}/info", "thermostats.0"
    return Mapped(
        command=Command(f"{topic}/thermostat/0/command/target_t"),
        setpoint=(Source(status, "target_t.value"), Source(info, f"{valve}.target_t.value")),
        measured=(Source(status, "tmp.value"), Source(info, f"{valve}.tmp.value")),
        mode=(
            Source(status, "target_t.enabled", ENABLED),
            Source(info, f"{valve}.target_t.enabled", ENABLED),
        ),
        online=(Source(f"{topic}/online"),),
        ask=(Message(f"{topic}/command", "update"),),
        limits=Limits(4.0, 31.0, 0.5),
        manner=Manner(settle_s=30.0),  # it sleeps between wake-ups
    )
