"""From cells to scores, and the order of scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from runner.families.metrics.base import Cells, Direction, Metric, Parts, ratio_or_nan
from runner.values.panel import Floats

Axis = Literal["series", "step", "window"]
_AXES: dict[Axis, int] = {"window": 0, "series": 1, "step": 2}


class NonFinite(ValueError):
    """A forecast, or its error, is not finite in a cell that counts. Positions count from 0."""

    def __init__(self, metric: str, window: int, series: int, step: int) -> None:
        self.metric, self.window, self.series, self.step = metric, window, series, step
        super().__init__(
            f"{metric}: the forecast is missing or not finite "
            f"(window {window + 1}, series at position {series}, step {step + 1})"
        )

    def __reduce__(self) -> tuple[type[NonFinite], tuple[str, int, int, int]]:
        # A default reduce would call __init__ with the sentence alone and fail on the way back from a worker.
        return NonFinite, (self.metric, self.window, self.series, self.step)


def score(metric: Metric, cells: Sequence[Cells]) -> float | None:
    """Return the metric over all cells of any number of windows; None when no cell counts. Raises NonFinite."""
    if not cells:
        return None
    value = float(_reduce(metric, _stack(metric, cells), keep=None))
    return None if math.isnan(value) else value


def score_by(metric: Metric, cells: Sequence[Cells], axis: Axis) -> Floats:
    """Return the metric per series [N], step [H] or window [W], NaN where no cell counts. Raises NonFinite."""
    if not cells:
        return np.empty(0)
    return _reduce(metric, _stack(metric, cells), keep=_AXES[axis])


def _stack(metric: Metric, cells: Sequence[Cells]) -> Parts:
    """Return the parts of all windows, [W, N, H]; shorter windows are filled with cells that do not count."""
    horizon = max(c.truth.shape[1] for c in cells)
    numerator = np.zeros((len(cells), cells[0].truth.shape[0], horizon))  # [W, N, H]
    denominator = np.zeros_like(numerator)  # [W, N, H]
    for window, one in enumerate(cells):
        # A broken forecast is not a warning: it is found below, with its address.
        with np.errstate(all="ignore"):
            parts = metric.parts(one)
        width = one.truth.shape[1]
        numerator[window, :, :width] = parts.numerator
        denominator[window, :, :width] = parts.denominator
    _check(metric, numerator)
    return Parts(numerator, denominator)


def _check(metric: Metric, numerator: Floats) -> None:
    broken = np.argwhere(~np.isfinite(numerator))
    if len(broken):
        window, series, step = (int(position) for position in broken[0])
        raise NonFinite(metric.name, window, series, step)


def _reduce(metric: Metric, parts: Parts, keep: int | None) -> Floats:
    """Sum over all axes of [W, N, H] but `keep`, and finish; by series first where the metric says so."""
    within = {keep, 1} if metric.average == "series" else {keep}
    over = tuple(axis for axis in range(3) if axis not in within)
    numerator = parts.numerator.sum(axis=over, keepdims=True)
    denominator = parts.denominator.sum(axis=over, keepdims=True)
    values = metric.finish(ratio_or_nan(numerator, denominator))
    if metric.average == "series" and keep != 1:
        values = _mean_present(values, axis=1)
    return values.reshape(-1) if keep is not None else values.reshape(())


def _mean_present(values: Floats, axis: int) -> Floats:
    """Return the mean along an axis over what is not NaN; NaN where nothing is."""
    present = np.isfinite(values)
    total = np.where(present, values, 0.0).sum(axis=axis, keepdims=True)
    count = present.sum(axis=axis, keepdims=True)
    return ratio_or_nan(total, count)


def sort_key(direction: Direction, value: float | None) -> float:
    """Return a number that is smaller for a better value; n/a and NaN come last."""
    if value is None or math.isnan(value):
        return math.inf
    return {"lower": value, "higher": -value, "zero": abs(value)}[direction]


def better(direction: Direction, a: float | None, b: float | None) -> bool:
    """Return whether `a` is strictly better than `b`; anything is better than n/a."""
    return sort_key(direction, a) < sort_key(direction, b)


def gain(direction: Direction, value: float | None, baseline: float | None) -> float | None:
    """Return the share of the baseline's score that `value` saves; n/a when either is, or a baseline of 0."""
    if value is None or baseline is None or not math.isfinite(value) or not math.isfinite(baseline) or baseline == 0:
        return None
    return (sort_key(direction, baseline) - sort_key(direction, value)) / abs(baseline)
