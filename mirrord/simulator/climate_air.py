"""The air of a simulated room: warmth, moisture and carbon dioxide. Pure physics, no wires."""

from __future__ import annotations

import math
from dataclasses import dataclass

# A room of 20 m2 and 2.5 m.
VOLUME_M3 = 50.0
# Effective heat capacity of a medium-weight building zone, 165 kJ/K per m2 (ISO 13790, table 12).
CAPACITY_J_K = 165e3 * 20.0
# Outer wall, window and the neighbours together; with 1500 W of heat it holds 21 K above outside.
LOSS_W_K = 70.0
HEATER_W = 2000.0
# A seated adult: 75 W sensible and 45 g of water an hour (ASHRAE Handbook Fundamentals, ch. 18),
# 0.0052 litres of CO2 a second at 1.2 met (Persily & de Jonge 2017, Indoor Air 27).
PERSON_W = 75.0
PERSON_WATER_G_H = 45.0
PERSON_CO2_M3_H = 0.0052 * 3.6
OUTDOOR_CO2_PPM = 420.0
AIRING_CLOSED_H = 0.5  # air changes an hour, the hygienic minimum of DIN 1946-6
AIRING_OPEN_H = 8.0  # a window wide open
HUMIDIFIER_G_H = 350.0
AIR_J_M3_K = 1200.0  # heat capacity of air, by volume
STEP_S = 20.0  # the shortest time constant, an open window, is 450 s


@dataclass
class Air:
    """The state of the room; `advance` moves it on by some seconds.

    temperature_c: °C; water_g_m3: absolute humidity; co2_ppm: parts of volume.
    heating: 0..1 of the heater's power; humidifying: whether the humidifier runs.
    """

    temperature_c: float = 19.5
    water_g_m3: float = 7.0
    co2_ppm: float = 520.0
    outdoor_c: float = 4.0
    outdoor_humidity_pct: float = 80.0
    people: int = 0
    window_open: bool = False
    heating: float = 0.0
    humidifying: bool = False

    @property
    def humidity_pct(self) -> float:
        """Relative humidity, 0..100."""
        return min(100.0, 100.0 * self.water_g_m3 / saturation_g_m3(self.temperature_c))

    def demand(self, setpoint_c: float) -> float:
        """Return the share of the heater's power, 0..1, that leads to `setpoint_c`.

        What is lost outwards, and full power more for every half degree that is missing.
        """
        lost_w = LOSS_W_K * (setpoint_c - self.outdoor_c) - PERSON_W * self.people
        share = lost_w / HEATER_W + (setpoint_c - self.temperature_c) / 0.5
        return min(1.0, max(0.0, share))

    def advance(self, seconds: float) -> None:
        """Move on by `seconds` (explicit Euler in steps of at most STEP_S)."""
        for _ in range(math.ceil(seconds / STEP_S)):
            self._step(min(STEP_S, seconds))
            seconds -= STEP_S

    def _step(self, seconds: float) -> None:
        hours = seconds / 3600.0
        airing_h = AIRING_OPEN_H if self.window_open else AIRING_CLOSED_H
        exchanged = airing_h * hours
        extra_w_k = (airing_h - AIRING_CLOSED_H) * VOLUME_M3 * AIR_J_M3_K / 3600.0
        colder = self.temperature_c - self.outdoor_c
        gain_w = self.heating * HEATER_W + self.people * PERSON_W - (LOSS_W_K + extra_w_k) * colder
        outdoor_g = saturation_g_m3(self.outdoor_c) * self.outdoor_humidity_pct / 100.0
        water_g = self.people * PERSON_WATER_G_H + self.humidifying * HUMIDIFIER_G_H
        breathed_ppm = self.people * PERSON_CO2_M3_H / VOLUME_M3 * 1e6
        self.temperature_c += gain_w * seconds / CAPACITY_J_K
        self.water_g_m3 += water_g * hours / VOLUME_M3 + (outdoor_g - self.water_g_m3) * exchanged
        self.water_g_m3 = min(self.water_g_m3, saturation_g_m3(self.temperature_c))
        self.co2_ppm += breathed_ppm * hours + (OUTDOOR_CO2_PPM - self.co2_ppm) * exchanged


def saturation_g_m3(temperature_c: float) -> float:
    """Return how much water air can hold, in g/m3.

    Magnus formula over water (Alduchov & Eskridge 1996), and the gas law of vapour.
    """
    pressure_pa = 610.94 * math.exp(17.625 * temperature_c / (temperature_c + 243.04))
    return 1000.0 * pressure_pa / (461.5 * (temperature_c + 273.15))
