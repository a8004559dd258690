"""How far the windows of a candidate grow: a pure state machine, apart from the fits.

    while isinstance(step := growth.next(), Grow):
        grow every window to `step.to` rounds, and score their forecasts together
        growth = growth.observe(value)

The values are those of the tuned metric over all windows and the whole horizon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from runner.families.metrics import better
from runner.families.metrics.base import Direction
from runner.members.training import Rounds
from runner.values.records import CurvePoint

ShouldStop = Callable[[int, float], bool]
"""(step of the curve from 0, best value so far) -> whether to prune the candidate."""


@dataclass(frozen=True)
class Grow:
    """Every window grows until it has so many rounds."""

    to: int


@dataclass(frozen=True)
class Finish:
    """No window grows further."""

    reason: Literal["pruned", "patience", "max rounds"]


@dataclass(frozen=True)
class Growth:
    """What has been observed so far, and what to do next."""

    limits: Rounds
    direction: Direction
    should_stop: ShouldStop | None = None
    curve: tuple[CurvePoint, ...] = ()
    best_rounds: int = 0
    best_value: float | None = None
    waited: int = 0  # observations since the best one

    def next(self) -> Grow | Finish:
        """Return the next step; the same one until `observe`."""
        if self._pruned:
            return Finish("pruned")
        if self._rounds >= self.limits.max:
            return Finish("max rounds")
        if self.waited >= self.limits.patience:
            return Finish("patience")
        return Grow(min(self._rounds + self.limits.chunk, self.limits.max))

    def observe(self, value: float) -> Growth:
        """Return the state after windows of the size that `next` asked for have been scored."""
        step = self.next()
        if isinstance(step, Finish):
            raise ValueError(f"the growth has stopped: {step.reason}")
        curve = (*self.curve, CurvePoint(rounds=step.to, value=value))
        if self.best_value is None or better(self.direction, value, self.best_value):
            return replace(self, curve=curve, best_rounds=step.to, best_value=value, waited=0)
        return replace(self, curve=curve, waited=self.waited + 1)

    @property
    def _rounds(self) -> int:
        return self.curve[-1].rounds if self.curve else 0

    @property
    def _pruned(self) -> bool:
        if self.should_stop is None or self.best_value is None:
            return False
        return self.should_stop(len(self.curve) - 1, self.best_value)
