"""Corrections: what people say was not right, as a bounded shift of the probabilities. Pure.

A camera, a light and a room have habits: a resting face that is read as sad from below, say. Each
correction is one example of what should have been said. From all of them one offset is fitted for
each expression, added to the logarithms of the seven probabilities (the intercept of multinomial
logistic regression; "bias-corrected temperature scaling" in Alexandari et al. 2020, without the
temperature). It is the mirror's, not a person's: no face is recognised to choose it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from mirrord.model import EXPRESSIONS, UNSURE, Expression

# How much the fit prefers to change nothing: one correction moves an offset by less than 1/6.
PRIOR: Final = 6.0
# No offset grows beyond this, so the odds of two expressions change at most by exp(2 BOUND) = 4.5,
# and no probability by more than tanh(BOUND / 2) = .36.
BOUND: Final = 0.75
# Of more corrections, the newest count: rooms and lights change.
NEWEST: Final = 200
_LEAST: Final = 1e-4  # what the store can tell from nothing
_ROUNDS: Final = 400
_SETTLED: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Correction:
    """What was seen (seven probabilities, before any offset), and what it should have been."""

    id: str
    at: datetime  # UTC
    seen: Mapping[str, float]
    should_be: Expression
    undone: datetime | None = None  # UTC

    def holds(self, at: datetime) -> bool:
        """Tell whether it counted at a time."""
        return self.at <= at and (self.undone is None or at < self.undone)


@dataclass(frozen=True, slots=True)
class Calibration:
    """An offset for each of `EXPRESSIONS`, -BOUND..BOUND, fitted to `corrections` of them."""

    offsets: tuple[float, ...] = (0.0,) * len(EXPRESSIONS)
    corrections: int = 0

    def apply(self, shares: Mapping[str, float]) -> dict[str, float]:
        """Return the probabilities with the offsets, summing to 1."""
        return self._shifted(shares, 1.0)

    def take_back(self, shares: Mapping[str, float]) -> dict[str, float]:
        """Return what the probabilities were before `apply`."""
        return self._shifted(shares, -1.0)

    def judge(
        self, shares: Mapping[str, float], expression: Expression, confidence: float
    ) -> tuple[dict[str, float], Expression, float]:
        """Return probabilities, name and confidence (0..1) with the offsets.

        What was unsure stays unsure; confidence follows the probability of what is named.
        """
        after = self.apply(shares)
        if expression == UNSURE or not self.corrections:
            return after, expression, confidence
        best: Expression = max(EXPRESSIONS, key=lambda name: after[name])
        before = max(shares[name] for name in EXPRESSIONS) or 1.0
        return after, best, min(1.0, confidence * after[best] / before)

    def _shifted(self, shares: Mapping[str, float], sign: float) -> dict[str, float]:
        if not self.corrections:
            return dict(shares)
        weights = {
            name: shares[name] * math.exp(sign * offset)
            for name, offset in zip(EXPRESSIONS, self.offsets, strict=True)
        }
        total = math.fsum(weights.values())
        if total <= 0:
            return dict.fromkeys(EXPRESSIONS, 1 / len(EXPRESSIONS))
        return {name: weight / total for name, weight in weights.items()}


def fit(corrections: Sequence[Correction]) -> Calibration:
    """Return the offsets that corrections ask for: those in force, the newest `NEWEST` of them.

    The most probable offsets under a normal prior around 0: the minimum of the cross-entropy plus
    PRIOR / 2 |offsets|^2 within the box of BOUND, found by projected gradient descent (the problem
    is convex, so there is one). Corrections that contradict each other cancel.
    """
    chosen = sorted(
        (one for one in corrections if one.undone is None), key=lambda one: (one.at, one.id)
    )[-NEWEST:]
    if not chosen:
        return Calibration()
    seen = np.array([[max(one.seen[name], _LEAST) for name in EXPRESSIONS] for one in chosen])
    wanted = np.array([[name == one.should_be for name in EXPRESSIONS] for one in chosen])
    offsets = np.zeros(len(EXPRESSIONS))
    step = 1 / (PRIOR + len(chosen) / 2)  # the steepest that the slope can change
    for _ in range(_ROUNDS):
        weights = seen * np.exp(offsets)
        surplus = weights / weights.sum(axis=1, keepdims=True) - wanted
        slope = surplus.sum(axis=0) + PRIOR * offsets
        before, offsets = offsets, np.clip(offsets - step * slope, -BOUND, BOUND)
        if np.abs(offsets - before).max() < _SETTLED:
            break
    return Calibration(tuple(float(one) for one in offsets), len(chosen))


def fit_at(corrections: Sequence[Correction], at: datetime) -> Calibration:
    """Return the offsets as they were at a time, from all corrections, undone ones too."""
    then = [one for one in corrections if one.holds(at)]
    return fit([Correction(one.id, one.at, one.seen, one.should_be) for one in then])
