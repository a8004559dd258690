"""Metrics of quantile forecasts. A model without the quantiles they need is n/a."""

from __future__ import annotations

import numpy as np

from runner.families.metrics.base import Cells, Measure, Parts, counted, present
from runner.members.metrics.section import CoverageMetric, MetricRef
from runner.values.panel import Floats


def pinball(ref: MetricRef, _season: int, quantiles: tuple[float, ...]) -> Measure:
    """Return the mean over cells and levels q of max(q (y - f_q), (q - 1) (y - f_q)), in target units.

    Koenker and Bassett (1978), Econometrica 46(1), without the factor 2 that GluonTS and fev put before it; as
    sklearn's `mean_pinball_loss`. At level .5 it is half the absolute error.
    """

    def contribute(cells: Cells) -> Parts:
        levels = np.asarray(cells.quantiles or quantiles)  # [Q]
        if cells.forecast.quantiles is None or not len(levels):
            return _nothing(cells)
        error = cells.truth[:, :, None] - cells.forecast.quantiles  # [N, H, Q]
        loss = np.maximum(levels * error, (levels - 1) * error)  # [N, H, Q]
        return counted(loss.mean(axis=2), 1.0, present(cells))

    return Measure(ref.name, "lower", "target", contribute)


def coverage(ref: CoverageMetric, _season: int, quantiles: tuple[float, ...]) -> Measure:
    """Return the share of cells inside the central interval, ends included, minus its nominal level.

    -.05 at level .8: only 75 % were inside, the interval is too narrow. Without `level` it is the widest interval
    whose two quantiles are forecast; n/a without both. Gneiting, Balabdaoui, Raftery (2007), JRSS B 69(2).
    """
    level = ref.level or _widest(quantiles)

    def contribute(cells: Cells) -> Parts:
        levels = cells.quantiles or quantiles
        low, high = _position(levels, (1 - level) / 2), _position(levels, (1 + level) / 2)
        if cells.forecast.quantiles is None or low is None or high is None or low == high:
            return _nothing(cells)
        lower, upper = cells.forecast.quantiles[:, :, low], cells.forecast.quantiles[:, :, high]  # [N, H] each
        inside = (lower <= cells.truth) & (cells.truth <= upper)  # [N, H]
        # A comparison with NaN is False, which would pass for a miss.
        hits = np.where(np.isfinite(lower) & np.isfinite(upper), inside, np.nan)  # [N, H]
        return counted(hits, 1.0, present(cells))

    def excess(share: Floats) -> Floats:
        return share - level

    return Measure(ref.name, "zero", "share", contribute, finisher=excess)


def _widest(quantiles: tuple[float, ...]) -> float:
    """Return the level of the widest central interval whose two quantiles are present; 0 without any."""
    paired = [q for q in quantiles if q < 0.5 and _position(quantiles, 1 - q) is not None]
    return 1 - 2 * min(paired) if paired else 0.0


def _position(levels: tuple[float, ...], wanted: float) -> int | None:
    """Return the position of a level among the levels; (1 - .8) / 2 is not the float .1, hence the tolerance."""
    return next((i for i, level in enumerate(levels) if abs(level - wanted) < 1e-9), None)


def _nothing(cells: Cells) -> Parts:
    return counted(cells.truth, 0.0, np.zeros(cells.truth.shape, dtype=bool))
