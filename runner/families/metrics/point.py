"""Metrics of the point forecast. y is the truth, f the forecast; a cell without truth never counts.

Hyndman and Koehler (2006), "Another look at measures of forecast accuracy", IJF 22(4), unless a docstring
names another source.
"""

from __future__ import annotations

import numpy as np

from runner.families.metrics.base import Cells, Measure, Parts, counted, present
from runner.members.metrics.section import MetricRef


def mape(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the mean of |f - y| / |y| over cells with y other than 0, as sklearn; n/a without any."""
    return Measure(ref.name, "lower", "share", _relative_errors)


def smape(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the mean of 2 |f - y| / (|f| + |y|), a share from 0 to 2; y = f = 0 scores 0.

    The definition of the M4 competition: Makridakis, Spiliotis, Assimakopoulos (2020), IJF 36(1). It is twice the
    one of utilsforecast.
    """
    return Measure(ref.name, "lower", "share", _symmetric_errors)


def wape(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the sum of |f - y| over that of |y|; cells with y = 0 count in the first. n/a when every y is 0.

    Kolassa and Schütz (2007), "Advantages of the MAD/MEAN ratio over the MAPE", Foresight 6; as in fev.
    """
    return Measure(ref.name, "lower", "share", _errors_and_volume)


def rmse(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the square root of the mean of (f - y)^2, over all cells alike."""
    return Measure(ref.name, "lower", "target", _squared_errors, finisher=np.sqrt)


def mae(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the mean of |f - y|, over all cells alike."""
    return Measure(ref.name, "lower", "target", _absolute_errors)


def bias(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the sum of f - y over that of |y|: positive when too high. n/a when every y is 0.

    The percentage bias of Davydenko and Fildes (2013), IJF 29(3), pooled over cells.
    """
    return Measure(ref.name, "zero", "share", _signed_errors_and_volume)


def directional_accuracy(ref: MetricRef, _season: int, _quantiles: tuple[float, ...]) -> Measure:
    """Return the share of cells where sign(f - l) = sign(y - l), with l the last value at the cutoff.

    Blaskowitz and Herwartz (2011), "On economic evaluation of directional forecasts", IJF 27(4). No change is a
    direction of its own: where y = l only f = l is right. A series without a last value does not count.
    """
    return Measure(ref.name, "higher", "share", _right_directions)


def _absolute_errors(cells: Cells) -> Parts:
    return counted(np.abs(cells.forecast.point - cells.truth), 1.0, present(cells))


def _squared_errors(cells: Cells) -> Parts:
    return counted((cells.forecast.point - cells.truth) ** 2, 1.0, present(cells))


def _errors_and_volume(cells: Cells) -> Parts:
    return counted(np.abs(cells.forecast.point - cells.truth), np.abs(cells.truth), present(cells))


def _signed_errors_and_volume(cells: Cells) -> Parts:
    return counted(cells.forecast.point - cells.truth, np.abs(cells.truth), present(cells))


def _relative_errors(cells: Cells) -> Parts:
    errors = np.abs(cells.forecast.point - cells.truth) / np.abs(cells.truth)  # [N, H]
    return counted(errors, 1.0, present(cells) & (cells.truth != 0))


def _symmetric_errors(cells: Cells) -> Parts:
    size = np.abs(cells.forecast.point) + np.abs(cells.truth)  # [N, H]
    errors = 2 * np.abs(cells.forecast.point - cells.truth) / np.where(size == 0, 1.0, size)  # [N, H]
    return counted(errors, 1.0, present(cells))


def _right_directions(cells: Cells) -> Parts:
    last = cells.last[:, None]  # [N, 1]
    right = np.sign(cells.forecast.point - last) == np.sign(cells.truth - last)  # [N, H]
    # An infinite forecast has a direction but is no forecast.
    hits = np.where(np.isfinite(cells.forecast.point), right, np.nan)  # [N, H]
    return counted(hits, 1.0, present(cells) & np.isfinite(last))
