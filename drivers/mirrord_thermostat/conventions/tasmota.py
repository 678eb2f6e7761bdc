"""Tasmota's thermostat (xdrv_39): `cmnd/<topic>/TempTargetSet1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt import Message
from mirrord.mqtt.source import Source
from mirrord_thermostat.convention import Command, Manner
from mirrord_thermostat.conventions.mapped import Mapped

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

MODES = (("0", "off"), ("1", "auto"), ("2", "manual"))


def tasmota(settings: ThermostatSettings) -> Mapped:
    """Every value is a command; the same command without a payload asks for it.

    It reports nothing by itself, so it is asked once a minute.
    """
    topic, output = settings.topic, settings.component or "1"
    result = f"stat/{topic}/RESULT"
    target, measured, mode = (
        f"{name}{output}" for name in ("TempTargetSet", "TempMeasuredSet", "ThermostatModeSet")
    )
    return Mapped(
        command=Command(f"cmnd/{topic}/{target}"),
        setpoint=(Source(result, target),),
        measured=(Source(result, measured),),
        mode=(Source(result, mode, MODES),),
        online=(Source(f"tele/{topic}/LWT"),),
        ask=tuple(Message(f"cmnd/{topic}/{name}") for name in (mode, target, measured)),
        manner=Manner(poll_s=60.0),
    )
