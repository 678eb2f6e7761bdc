"""A thermostat: the room's temperature, as far as the person's own comfort allows."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from mirrord.driver import Environment, Value
from mirrord_thermostat.actuator import Actuator
from mirrord_thermostat.convention import Limits, Report
from mirrord_thermostat.conventions import KINDS
from mirrord_thermostat.settings import ThermostatSettings

# Half the width of PMV -0.5..0.5 at 1.2 met, 0.7 clo and 50 % RH (ISO 7730: 21.5..25.3 °C) is
# 1.9 °C; a little less stays inside it for everybody whose comfort is not exactly in the middle.
COMFORT_BAND_C = 1.5


class Thermostat(Actuator):
    """Follows `temperature_c`; where the person has a comfort of their own, near to that.

    A setpoint that a person asks of this thermostat, on the page, goes before both.
    """

    kind = "thermostat"
    plausible = (0.0, 45.0)
    default_step = 0.5

    def __init__(self, settings: ThermostatSettings, memory: MutableMapping[str, Any]) -> None:
        self._comfort_c = settings.comfort_c
        limits = Limits(settings.min_c, settings.max_c)
        convention = KINDS[settings.kind].make(settings)
        name = settings.name or settings.identity
        super().__init__(convention, settings.identity, name, limits, memory)

    def wished(self, environment: Environment) -> float:
        by_hand = environment.wish_for(self.id).setpoint_c
        if by_hand is not None:
            return by_hand
        wish, comfort = environment.temperature_c, self._comfort_c
        if comfort is None:
            return wish
        return min(max(wish, comfort - COMFORT_BAND_C), comfort + COMFORT_BAND_C)

    def values(self, state: Report) -> dict[str, Value]:
        return {"setpoint_c": state.setpoint, "measured_c": state.measured, "mode": state.mode}
