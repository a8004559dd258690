"""Metrics in multiples of the in-sample error of a seasonal naive forecast, per series and window."""

from __future__ import annotations

import numpy as np

from runner.families.metrics.base import Cells, Measure, Parts, counted, present, ratio_or_nan
from runner.members.metrics.section import ScaledMetric
from runner.values.panel import Floats


def mase(ref: ScaledMetric, season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the mean of |f - y| / s, with s the mean of |y_t - y_(t-season)| in the visible past.

    Hyndman and Koehler (2006), IJF 22(4); averaged over all cells as fev does, not over series. A series with s = 0
    or without a pair does not count.
    """
    length = ref.season or season

    def contribute(cells: Cells) -> Parts:
        scale = _seasonal_differences(cells.past, length, power=1)[:, None]  # [N, 1]
        return counted(np.abs(cells.forecast.point - cells.truth) / scale, 1.0, present(cells) & (scale > 0))

    return Measure(ref.name, "lower", "scale", contribute)


def rmsse(ref: ScaledMetric, season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the mean over series of sqrt(mean of (f - y)^2 / s), s the past mean of (y_t - y_(t-season))^2.

    The M5 competition without its weights: Makridakis, Spiliotis, Assimakopoulos (2022), IJF 38(4). A series with
    s = 0 or without a pair does not count.
    """
    length = ref.season or season

    def contribute(cells: Cells) -> Parts:
        scale = _seasonal_differences(cells.past, length, power=2)[:, None]  # [N, 1]
        return counted((cells.forecast.point - cells.truth) ** 2 / scale, 1.0, present(cells) & (scale > 0))

    return Measure(ref.name, "lower", "scale", contribute, average="series", finisher=np.sqrt)


def _seasonal_differences(past: Floats, season: int, power: int) -> Floats:
    """Return the mean of |y_t - y_(t-season)|^power [N] over pairs both present; NaN without a pair."""
    differences = np.abs(past[:, season:] - past[:, : max(past.shape[1] - season, 0)]) ** power  # [N, T - season]
    paired = np.isfinite(differences)
    pairs = paired.sum(axis=1)  # [N]
    total = np.where(paired, differences, 0.0).sum(axis=1)  # [N]
    return ratio_or_nan(total, pairs)
