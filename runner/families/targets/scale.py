"""Divide by a scale of each series, from values before the origin alone.

A statistic of the window that is undefined or zero is replaced by the same statistic of all the past, then by the
mean absolute value of all the past, then by 1: a scale is never 0, NaN or infinite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from runner.families.features import rolling
from runner.families.features.rolling import Window
from runner.families.targets.chain import Stretch
from runner.values.panel import Bools, Floats, Ints, View

# A constant series read from text may differ in its last digits: what is smaller than this share of it is nothing.
NEGLIGIBLE: Final = 1e-9
# Dividing by less than this overflows.
TINY: Final = 1e-30


@dataclass(frozen=True)
class Scale:
    """The mean absolute value, standard deviation or mean absolute change of the `window` steps before each origin."""

    scale: str
    window: Window = None

    def fit(self, view: View, origins: Ints) -> Stretch:
        """Return the scales at each origin, [N, K]."""
        y = view.panel.y
        size = _at(_absolute(y, None), origins)
        scale = np.full(origins.shape, np.nan)
        for window in (self.window, None):
            values = _at(SCALES[self.scale](y, window), origins)
            scale = np.where(_usable(scale, size), scale, values)
        scale = np.where(_usable(scale, size), scale, size)
        return Stretch(np.where(_usable(scale, size), scale, 1.0))


def _usable(scale: Floats, size: Floats) -> Bools:
    usable: Bools = np.isfinite(scale) & (scale > TINY) & (scale > NEGLIGIBLE * size)
    return usable


def _at(values: Floats, origins: Ints) -> Floats:
    return np.take_along_axis(values, origins, axis=1)


def _absolute(y: Floats, window: Window) -> Floats:
    return rolling.mean(np.abs(y), window)


def _difference(y: Floats, window: Window) -> Floats:
    """Return the scale of differences inside the window, which has one less than steps."""
    steps = np.abs(np.diff(y, axis=1, prepend=np.nan))
    if window == 1:
        return np.full((y.shape[0], y.shape[1] + 1), np.nan)
    return rolling.mean(steps, None if window is None else window - 1)


SCALES: Final[dict[str, Callable[[Floats, Window], Floats]]] = {
    "mean": _absolute,
    "std": rolling.std,
    "difference": _difference,
}
