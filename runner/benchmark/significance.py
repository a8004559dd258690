"""Tests of equal accuracy against the best model.

Diebold and Mariano, "Comparing predictive accuracy", JBES 1995, with the small-sample correction and Student's t of
Harvey, Leybourne and Newbold, "Testing the equality of prediction mean squared errors", IJF 1997.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import stdtr  # scipy.stats takes a second longer to import

from runner.metrics.base import Cells, Metric
from runner.panel import Floats
from runner.records import Comparison
from runner.spec.evaluation import Compare


def compare_with_best(
    cells: Mapping[str, Sequence[Cells]], best: str, metric: Metric, compare: Compare, horizon: int
) -> tuple[Comparison, ...]:
    """One comparison for each other model. `cells` holds one entry a test window for each model."""
    losses = {name: _losses(metric, windows) for name, windows in cells.items()}
    others = [name for name in losses if name != best]
    tests = [diebold_mariano(losses[name] - losses[best], horizon) for name in others]
    adjusted = holm([p for _, p in tests]) if compare.correction == "holm" else [p for _, p in tests]
    return tuple(
        Comparison(
            model=name,
            against=best,
            statistic=None if np.isnan(statistic) else statistic,
            p_value=None if np.isnan(p) else p,
            significant=bool(p < compare.alpha),
        )
        for name, (statistic, _), p in zip(others, tests, adjusted, strict=True)
    )


def diebold_mariano(differences: Floats, horizon: int) -> tuple[float, float]:
    """(statistic, two-sided p) of a series of loss differences [n]; NaN when they do not vary or are too few.

    The variance sums autocovariances up to horizon - 1; where that is not positive, Bartlett weights are used.
    """
    d = differences[np.isfinite(differences)]
    n, lags = len(d), min(horizon, len(d)) - 1
    if n < 3 or np.ptp(d) == 0:
        return float("nan"), float("nan")
    centred = d - d.mean()
    covariances = np.array([centred[k:] @ centred[: n - k] / n for k in range(lags + 1)])
    variance = covariances[0] + 2 * covariances[1:].sum()
    if variance <= 0:
        weights = 1 - np.arange(1, lags + 1) / (lags + 1)
        variance = covariances[0] + 2 * weights @ covariances[1:]
    h = lags + 1
    correction = (n + 1 - 2 * h + h * (h - 1) / n) / n
    if variance <= 0 or correction <= 0:
        return float("nan"), float("nan")
    statistic = float(d.mean() / np.sqrt(variance / n) * np.sqrt(correction))
    return statistic, float(2 * stdtr(n - 1, -abs(statistic)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down adjustment, in the order given; NaN stays and does not count."""
    adjusted = list(p_values)
    order = sorted((i for i, p in enumerate(p_values) if not np.isnan(p)), key=lambda i: p_values[i])
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def _losses(metric: Metric, windows: Sequence[Cells]) -> Floats:
    """Loss at each (window, step), the mean over the series that count there, [windows x H]."""
    sign = -1.0 if metric.direction == "higher" else 1.0
    means = []
    for cells in windows:
        parts = metric.parts(cells)
        counted = (parts.denominator > 0).sum(axis=0)  # [H]
        total = np.nansum(parts.numerator, axis=0)
        means.append(np.divide(sign * total, counted, out=np.full(len(total), np.nan), where=counted > 0))
    return np.concatenate(means)
