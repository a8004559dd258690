"""Metrics that weigh cells by a known covariate."""

from __future__ import annotations

import numpy as np

from runner.families.metrics.base import Cells, Measure, Parts, counted, present
from runner.members.metrics.weighted import WeightedMetric

FACTOR = 5.0


def wmae(ref: WeightedMetric, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Sum of w |f - y| over sum of w, with w = 1 + (factor - 1) x column; a missing value of the column counts as 0.

    The metric of the Walmart store sales competition at Kaggle (2014), whose holidays weigh 5.
    """
    more = (FACTOR if ref.factor is None else ref.factor) - 1

    def contribute(cells: Cells) -> Parts:
        column = np.zeros(cells.truth.shape) if ref.weight is None else cells.known(ref.weight)
        weight = 1 + more * np.nan_to_num(column)
        return counted(weight * np.abs(cells.forecast.point - cells.truth), weight, present(cells))

    return Measure(ref.name, "lower", "target", contribute, covariates=(ref.weight,) if ref.weight else ())
