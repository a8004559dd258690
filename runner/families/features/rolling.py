"""Statistics of the last steps: values [N, T] -> [N, T+1], where entry t is of `values[t - window : t]` alone.

Missing values are skipped; where a statistic is undefined it is NaN. `window` None means all steps before t. No entry
depends on a value at or after t, not even by rounding: sums run forward, and are centred on each series' first value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from runner.values.panel import Floats, Ints

Window = int | None
BLOCK = 4_000_000  # values sorted together


def mean(values: Floats, window: Window) -> Floats:
    """Return the mean, clipped to minimum and maximum, so that equal values have exactly that mean."""
    total, count = _sums(np.nan_to_num(values), window), counts(values, window)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(total / count, minimum(values, window), maximum(values, window))


def std(values: Floats, window: Window) -> Floats:
    """Return the standard deviation of a sample (n - 1), NaN of fewer than two values.

    Differences of running sums lose digits where values are large and near to each other; the bounds that the range
    sets to any variance (Popoviciu 1935, von Szokefalvi Nagy 1918) correct that, and make it 0 for equal values.
    """
    centred = np.nan_to_num(values - _first(values))
    count = counts(values, window)
    span = maximum(values, window) - minimum(values, window)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = _sums(centred**2, window) - _sums(centred, window) ** 2 / count
        squares = np.clip(squares, span**2 / 2, span**2 * count / 4)
        return np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)


def minimum(values: Floats, window: Window) -> Floats:
    """Return the smallest value."""
    return _extreme(values, window, np.fmin)


def maximum(values: Floats, window: Window) -> Floats:
    """Return the largest value."""
    return _extreme(values, window, np.fmax)


def median(values: Floats, window: Window) -> Floats:
    """Return the median; the mean of the two in the middle of an even number."""
    n, t = values.shape
    width = max(1, min(t, window or t))
    padded = np.concatenate([np.full((n, width), np.nan), values], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)  # [N, T+1, w]
    out = np.empty((n, t + 1))
    block = max(1, BLOCK // max(1, n * width))
    for at in range(0, t + 1, block):
        out[:, at : at + block] = _middle(np.sort(windows[:, at : at + block], axis=2))
    return out


def counts(values: Floats, window: Window) -> Floats:
    """Return the number of values present."""
    return _sums((~np.isnan(values)).astype(np.float64), window)


def last_value(values: Floats) -> Floats:
    """Return the latest value present before t."""
    steps = np.where(np.isnan(values), -1, np.arange(values.shape[1]))
    latest: Ints = np.maximum.accumulate(steps, axis=1) if steps.size else steps
    filled = np.take_along_axis(values, np.maximum(latest, 0), axis=1)
    return _shifted(np.where(latest < 0, np.nan, filled))


STATISTICS: Final[dict[str, Callable[[Floats, Window], Floats]]] = {
    "mean": mean,
    "std": std,
    "min": minimum,
    "max": maximum,
    "median": median,
}


def _sums(values: Floats, window: Window) -> Floats:
    totals = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=totals[:, 1:])
    if window is None or window > values.shape[1]:
        return totals
    sums = totals.copy()
    sums[:, window:] -= totals[:, :-window]
    return sums


def _extreme(values: Floats, window: Window, pick: Any) -> Floats:
    """Return the extreme by doubling: that of 2n values is the extreme of two blocks of n."""
    if window is None or window >= values.shape[1]:
        return _shifted(pick.accumulate(values, axis=1))
    best, span = values, 1
    while span < window:
        more = min(span, window - span)
        best = np.concatenate([best[:, :more], pick(best[:, more:], best[:, :-more])], axis=1)
        span += more
    return _shifted(best)


def _middle(ordered: Floats) -> Floats:
    """Return the median along the last axis of sorted values whose NaN come last."""
    count = (~np.isnan(ordered)).sum(axis=2, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=2)
    high = np.take_along_axis(ordered, np.minimum(count // 2, ordered.shape[2] - 1), axis=2)
    middle: Floats = ((low + high) / 2)[:, :, 0]
    return middle


def _first(values: Floats) -> Floats:
    """Return each series' first value, [N, 1]; 0 without one."""
    observed = ~np.isnan(values)
    if not values.shape[1]:
        return np.zeros((values.shape[0], 1))
    return np.nan_to_num(np.take_along_axis(values, observed.argmax(axis=1)[:, None], axis=1))


def _shifted(values: Floats) -> Floats:
    """Return the values one step later, so that entry t is of the steps before t."""
    return np.concatenate([np.full((values.shape[0], 1), np.nan), values], axis=1)
