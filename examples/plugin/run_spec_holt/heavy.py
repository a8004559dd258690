"""The code behind the descriptors, imported on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from runner.families.metrics.base import Cells, Measure, Parts, counted, present
from runner.families.models.naive import Baseline, Past


def holt(params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return Holt's method. Holt (1957), reprinted in IJF 20(1), 2004."""
    return Baseline("holt", dict(params), partial(_paths, **params))


def _paths(past: Past, level: float, trend: float) -> tuple[Any, Any]:
    """Paths [O, N, H] from each origin, and the last value for the fallback."""
    n, steps = past.y.shape
    state = np.full((2, n, steps + 1), np.nan)  # level and trend before each step
    base, slope = np.full(n, np.nan), np.zeros(n)
    for t in range(steps):
        y, known = past.y[:, t], np.isfinite(past.y[:, t])
        ahead = base + slope
        smooth = np.where(np.isfinite(base), level * y + (1 - level) * ahead, y)
        change = np.where(np.isfinite(base), trend * (smooth - base) + (1 - trend) * slope, 0.0)
        base, slope = np.where(known, smooth, ahead), np.where(known, change, slope)
        state[:, :, t + 1] = base, slope
    series = np.arange(n)
    base, slope = state[:, series, past.origins]  # [O, N] each
    distance = past.targets - past.origins[:, :, None] + 1
    return base[:, :, None] + slope[:, :, None] * distance, past.carried()


def msle(ref: Any, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the metric. As scikit-learn's `mean_squared_log_error` (2016) on values that are not negative."""

    def contribute(cells: Cells) -> Parts:
        forecast, truth = (np.log1p(np.maximum(values, 0)) for values in (cells.forecast.point, cells.truth))
        return counted((forecast - truth) ** 2, 1.0, present(cells))

    return Measure(ref.name, "lower", "scale", contribute)
