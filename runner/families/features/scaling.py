"""Level and scale of the target at each origin, from values before it alone.

A statistic of the window that is undefined, or a scale that is zero, is replaced by the same statistic of all the
past, then by the mean absolute value of all the past, then by 1 (a level by 0): a scale is never 0, NaN or infinite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from runner.families.features import rolling
from runner.families.features.rolling import Window
from runner.members.targets.section import TargetScaling
from runner.values.panel import Bools, Floats, Ints

# A constant series read from text may differ in its last digits: what is smaller than this share of it is nothing.
NEGLIGIBLE: Final = 1e-9
# Dividing by less than this overflows.
TINY: Final = 1e-30


def level_and_scale(y: Floats, origin: Ints, target: TargetScaling) -> tuple[Floats, Floats]:
    """(level, scale) at each origin [N, K], in the units of y [N, T]."""
    return _level(y, origin, target), _scale(y, origin, target)


def _level(y: Floats, origin: Ints, target: TargetScaling) -> Floats:
    level: Floats = np.full(origin.shape, np.nan)
    for window in (target.window, None):
        found = _at(LEVELS[target.level](y, window), origin)
        level = np.where(np.isnan(level), found, level)
    return np.where(np.isnan(level), 0.0, level)


def _scale(y: Floats, origin: Ints, target: TargetScaling) -> Floats:
    if target.scale == "none":
        return np.ones(origin.shape)
    size = _at(_absolute(y, None), origin)
    scale = np.full(origin.shape, np.nan)
    for window in (target.window, None):
        found = _at(SCALES[target.scale](y, window), origin)
        scale = np.where(_usable(scale, size), scale, found)
    scale = np.where(_usable(scale, size), scale, size)
    return np.where(_usable(scale, size), scale, 1.0)


def _usable(scale: Floats, size: Floats) -> Bools:
    usable: Bools = np.isfinite(scale) & (scale > TINY) & (scale > NEGLIGIBLE * size)
    return usable


def _at(values: Floats, origin: Ints) -> Floats:
    return np.take_along_axis(values, origin, axis=1)


def _absolute(y: Floats, window: Window) -> Floats:
    return rolling.mean(np.abs(y), window)


def _difference(y: Floats, window: Window) -> Floats:
    """Both ends of a difference lie in the window, which has one difference less than steps."""
    steps = np.abs(np.diff(y, axis=1, prepend=np.nan))
    if window == 1:
        return np.full((y.shape[0], y.shape[1] + 1), np.nan)
    return rolling.mean(steps, None if window is None else window - 1)


LEVELS: Final[dict[str, Callable[[Floats, Window], Floats]]] = {
    "none": lambda y, _window: np.zeros((y.shape[0], y.shape[1] + 1)),
    "mean": rolling.mean,
    "last": lambda y, _window: rolling.last_value(y),
}
SCALES: Final[dict[str, Callable[[Floats, Window], Floats]]] = {
    "mean": _absolute,
    "std": rolling.std,
    "difference": _difference,
}
