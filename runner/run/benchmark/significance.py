"""Tests of equal accuracy against the best model.

Diebold and Mariano, "Comparing predictive accuracy", JBES 1995, with the small-sample correction and Student's t of
Harvey, Leybourne and Newbold, "Testing the equality of prediction mean squared errors", IJF 1997.

One observation is one window: the loss averaged over its series and steps, as in Quaedvlieg, "Multi-horizon forecast
comparison", JBES 2021. The steps of a window are forecast from one cut-off and err together, so they are no
observations of their own: with three windows of 42 steps, taking 126 gave p-values of 1e-50.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import stdtr  # scipy.stats takes a second longer to import

from runner.families.metrics.base import Cells, Metric
from runner.language.sections.evaluation import Compare
from runner.values.panel import Floats
from runner.values.records import Comparison


def compare_with_best(
    cells: Mapping[str, Sequence[Cells]], best: str, metric: Metric, compare: Compare, overlap: int
) -> tuple[Comparison, ...]:
    """One comparison for each other model. `cells` holds one entry a test window for each model.

    `overlap` is the number of windows that a target can lie in: the horizon over the step, rounded up.
    """
    losses = {name: _losses(metric, windows) for name, windows in cells.items()}
    others = [name for name in losses if name != best]
    tests = [diebold_mariano(losses[name] - losses[best], overlap) for name in others]
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
    """The mean loss of each window over its cells with a truth, [W]; smaller is better, NaN where there is none."""
    return np.array([_mean_loss(metric, cells) for cells in windows])


def _mean_loss(metric: Metric, cells: Cells) -> float:
    counted = int(np.isfinite(cells.truth).sum())
    if not counted:
        return float("nan")
    loss = float(np.nansum(metric.parts(cells).numerator)) / counted
    return -loss if metric.direction == "higher" else abs(loss) if metric.direction == "zero" else loss
