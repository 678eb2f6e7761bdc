"""Thermal comfort: predicted mean vote and the band of temperatures that most people accept."""

from __future__ import annotations

import math
from functools import lru_cache

# Sitting quietly at home in long sleeves; still air; walls as warm as the air.
MET = 1.2
CLO = 0.7
AIR_SPEED = 0.1
MAX_VOTE = 0.5

_W_PER_MET = 58.15
_M2K_PER_CLO = 0.155


def pmv(air_c: float, humidity_pct: float, met: float = MET, clo: float = CLO) -> float:
    """Return the predicted mean vote, -3 (cold) to 3 (hot), at 0.1 m/s and radiant = air.

    ISO 7730:2005, equations (1) to (4); valid for 10..30 °C.
    """
    metabolic = met * _W_PER_MET
    clothing = clo * _M2K_PER_CLO
    area = 1 + 1.29 * clothing if clothing <= 0.078 else 1.05 + 0.645 * clothing
    vapour_pa = humidity_pct * 10 * math.exp(16.6536 - 4030.183 / (air_c + 235))
    surface_c, transfer = _clothing_surface(air_c, metabolic, clothing, area)
    losses = (
        3.05e-3 * (5733 - 6.99 * metabolic - vapour_pa)
        + max(0.0, 0.42 * (metabolic - _W_PER_MET))
        + 1.7e-5 * metabolic * (5867 - vapour_pa)
        + 0.0014 * metabolic * (34 - air_c)
        + _radiation(surface_c, air_c, area)
        + area * transfer * (surface_c - air_c)
    )
    return (0.303 * math.exp(-0.036 * metabolic) + 0.028) * (metabolic - losses)


def ppd(vote: float) -> float:
    """Return the predicted percentage of dissatisfied people (ISO 7730:2005, equation 5)."""
    return 100 - 95 * math.exp(-0.03353 * vote**4 - 0.2179 * vote**2)


@lru_cache(maxsize=128)
def comfort_band(humidity_pct: int = 50) -> tuple[float, float]:
    """Return the lowest and highest air temperature (°C) whose vote is within +-0.5."""
    return _solve(-MAX_VOTE, humidity_pct), _solve(MAX_VOTE, humidity_pct)


def _solve(vote: float, humidity_pct: float) -> float:
    low, high = 10.0, 35.0
    for _ in range(40):
        middle = (low + high) / 2
        if pmv(middle, humidity_pct) < vote:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _clothing_surface(
    air_c: float, metabolic: float, clothing: float, area: float
) -> tuple[float, float]:
    """Return the clothing's surface temperature (°C) and the convective coefficient (W/m2K).

    The fixed point is damped by half a step, which converges for every valid input.
    """
    skin_c = 35.7 - 0.028 * metabolic
    surface_c = (skin_c + air_c) / 2
    for _ in range(200):
        transfer = max(2.38 * abs(surface_c - air_c) ** 0.25, 12.1 * math.sqrt(AIR_SPEED))
        heat = _radiation(surface_c, air_c, area) + area * transfer * (surface_c - air_c)
        better = skin_c - clothing * heat
        if abs(better - surface_c) < 1e-7:
            break
        surface_c += (better - surface_c) / 4
    return surface_c, transfer


def _radiation(surface_c: float, radiant_c: float, area: float) -> float:
    return 3.96e-8 * area * ((surface_c + 273) ** 4 - (radiant_c + 273) ** 4)
