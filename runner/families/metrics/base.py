"""What a metric is: additive parts per cell, so that any subset of cells (a window, a series, a step) can be scored.

score = finish(sum of numerators / sum of denominators); with `average = "series"` that is done per series first
and the mean over series is taken. A cell that does not count is 0 / 0. When the denominators of a subset sum to 0
its score is n/a (`None`), never 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from runner.errors import DataError
from runner.values.panel import Bools, Floats, Forecast, Ints

Direction = Literal["lower", "higher", "zero"]
Unit = Literal["target", "share", "scale"]
Average = Literal["cells", "series"]


def _no_covariate(name: str) -> Floats:
    raise DataError(f"there is no known covariate {name} to weigh cells by", key="evaluation.metric", column=name)


@dataclass(frozen=True)
class Cells:
    """Truth and forecast of one window, with what scaled metrics need of the past."""

    truth: Floats  # [N, H], NaN where the cell does not count
    forecast: Forecast
    past: Floats  # [N, T], the visible target of the window
    last: Floats  # [N], the last value before the cutoff that is not missing
    season: int
    quantiles: tuple[float, ...] = ()  # [Q]
    known: Callable[[str], Floats] = _no_covariate
    """Name of a known covariate -> its values, [N, H]."""


@dataclass(frozen=True)
class Parts:
    """Additive parts of a score; 0 / 0 where a cell does not count, not finite where the forecast is broken."""

    numerator: Floats  # [N, H]
    denominator: Floats  # [N, H]


def counted(numerator: Floats, denominator: Floats | float, where: Bools) -> Parts:
    """Return the parts with 0 / 0 outside `where` [N, H]."""
    return Parts(np.where(where, numerator, 0.0), np.where(where, denominator, 0.0))


def present(cells: Cells) -> Bools:
    """Return the cells with a truth, [N, H]."""
    return np.isfinite(cells.truth)


def ratio_or_nan(numerator: Floats, denominator: Floats | Ints) -> Floats:
    """Return the ratio, NaN where the denominator is not positive."""
    ratio = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


class Metric(Protocol):
    """A metric with its arguments bound."""

    @property
    def name(self) -> str:
        """Return its name in tables and documents."""

    @property
    def direction(self) -> Direction:
        """Return which values are better; `zero`: the nearer to zero."""

    @property
    def unit(self) -> Unit:
        """Return `target`, `share` (of 1) or `scale` (multiples of the in-sample error)."""

    @property
    def average(self) -> Average:
        """Return whether to average over all cells alike, or within each series first."""

    @property
    def covariates(self) -> tuple[str, ...]:
        """Return the known covariates that weigh its cells."""

    def parts(self, cells: Cells) -> Parts:
        """Return the parts of each cell."""

    def finish(self, ratio: Floats) -> Floats:
        """Return the score of a ratio of sums: the identity, a square root, a difference."""


def unchanged(ratio: Floats) -> Floats:
    """Return the ratio itself."""
    return ratio


@dataclass(frozen=True)
class Measure:
    """A metric made of two functions."""

    name: str
    direction: Direction
    unit: Unit
    contribute: Callable[[Cells], Parts]
    average: Average = "cells"
    finisher: Callable[[Floats], Floats] = unchanged
    covariates: tuple[str, ...] = ()

    def parts(self, cells: Cells) -> Parts:
        """Return the parts of each cell."""
        return self.contribute(cells)

    def finish(self, ratio: Floats) -> Floats:
        """Return the score of a ratio of sums."""
        return self.finisher(ratio)


Builder = Callable[[Any, int, tuple[float, ...]], Metric]
"""(reference, season, quantiles) -> Metric: what the registry's entries are."""
