"""When to give a trial up: a threshold per step of the curve, frozen before the generation runs.

A pure function of earlier generations' complete trials, so the decision is the same in any worker, at any time.
Optuna's median and percentile pruners (Golovin et al. 2017, section 3.2.2) with one difference: the curve of a trial
that stopped early continues at its best value, because early stopping ended it and not a lack of rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runner.families.metrics import sort_key
from runner.families.metrics.base import Direction
from runner.members.pruners import PRUNERS, Pruner
from runner.values.panel import Floats
from runner.values.records import TrialRecord


@dataclass(frozen=True)
class Thresholds:
    """What a trial's best value so far must reach at each step of its curve; as keys, the smaller the better."""

    direction: Direction
    keys: tuple[float, ...] = ()  # by step; the last one holds for all later steps
    warmup: int = 0

    def should_stop(self, step: int, best: float) -> bool:
        """Return whether to prune at a step (from 0) with the score `best` so far."""
        if step < self.warmup or not self.keys:
            return False
        return sort_key(self.direction, best) > self.keys[min(step, len(self.keys) - 1)]


def thresholds(pruner: Pruner, direction: Direction, earlier: Sequence[TrialRecord]) -> Thresholds:
    """Return thresholds from earlier generations' complete trials; empty until there are `startup`."""
    curves = [record for record in earlier if record.state == "complete" and record.curve]
    share: float | None = PRUNERS[pruner.name].implementation()(pruner)
    if share is None or len(curves) < pruner.startup:
        return Thresholds(direction)
    keys = np.percentile(_best_so_far(curves, direction), share, axis=0)
    return Thresholds(direction, tuple(float(key) for key in keys), pruner.warmup)


def _best_so_far(records: Sequence[TrialRecord], direction: Direction) -> Floats:
    """Return keys [trials, steps]; a shorter curve is continued with its best."""
    steps = max(len(record.curve) for record in records)
    rows = []
    for record in records:
        keys = np.minimum.accumulate([sort_key(direction, point.value) for point in record.curve])
        rows.append(np.pad(keys, (0, steps - len(keys)), mode="edge"))
    return np.array(rows)
