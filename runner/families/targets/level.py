"""Subtract a level of each series, from values before the origin alone; where it is undefined, one of all the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from runner.families.features import rolling
from runner.families.features.rolling import Window
from runner.families.targets.chain import Shift
from runner.values.panel import Floats, Ints, View

LEVELS: Final[dict[str, Callable[[Floats, Window], Floats]]] = {
    "none": lambda y, _window: np.zeros((y.shape[0], y.shape[1] + 1)),
    "mean": rolling.mean,
    "last": lambda y, _window: rolling.last_value(y),
}


@dataclass(frozen=True)
class Level:
    """The mean or the last value of the `window` steps before each origin (all steps when None)."""

    level: str
    window: Window = None

    def fit(self, view: View, origins: Ints) -> Shift:
        """Return the levels at each origin, [N, K]; 0 where there is no past."""
        level: Floats = np.full(origins.shape, np.nan)
        for window in (self.window, None):
            values = np.take_along_axis(LEVELS[self.level](view.panel.y, window), origins, axis=1)
            level = np.where(np.isnan(level), values, level)
        return Shift(np.where(np.isnan(level), 0.0, level))
