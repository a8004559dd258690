"""What an absent target means, and which series are too short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from runner.errors import DataError
from runner.load.grid import show
from runner.panel import Bools, Floats, Ints, Panel

Gaps = Literal["missing", "zero", "ffill", "error"]
ShortSeries = Literal["keep", "drop", "error"]


def fill_gaps(panel: Panel, gaps: Gaps) -> Panel:
    """The panel with absent targets between each series' first and last row made what `gaps` says."""
    steps = np.arange(panel.n_steps)
    inside = (steps >= panel.start[:, None]) & (steps < panel.stop[:, None])  # [N, T]
    absent = inside & np.isnan(panel.y)
    if gaps == "missing" or not absent.any():
        return panel
    if gaps == "error":
        raise DataError(_told(panel, absent))
    return replace(panel, y=_FILL[gaps](panel.y, absent))


def keep_long(panel: Panel, short_series: ShortSeries, least: int) -> Panel:
    """The panel without, or checked for, series of fewer than `least` steps: horizon, gap and one to learn from."""
    short = panel.stop - panel.start < least  # [N]
    if short_series == "keep" or not short.any():
        return panel
    if short_series == "error" or short.all():
        first = panel.label(int(np.argmax(short)))
        raise DataError(
            f"data.short_series: {short.sum()} of {panel.n_series} series are shorter than gap, horizon and one step "
            f"({least}), the first of them {first}; shorten forecast.horizon, or keep or drop them"
        )
    return _select(panel, np.flatnonzero(~short))


def _zero(y: Floats, absent: Bools) -> Floats:
    return np.where(absent, 0.0, y)


def _forward(y: Floats, absent: Bools) -> Floats:
    """The value before; a missing one at the beginning stays missing."""
    last = np.maximum.accumulate(np.where(np.isnan(y), 0, np.arange(y.shape[1])), axis=1)  # [N, T]
    return np.where(absent, np.take_along_axis(y, last, axis=1), y)


_FILL: Final[dict[str, Callable[[Floats, Bools], Floats]]] = {"zero": _zero, "ffill": _forward}


def _told(panel: Panel, absent: Bools) -> str:
    series, step = (int(i[0]) for i in np.nonzero(absent))
    time = show(int(panel.times.astype(np.int64)[step]), panel.freq)
    count, among = int(absent.sum()), int(absent.any(axis=1).sum())
    many = "1 target is" if count == 1 else f"{count:,} targets in {among:,} series are"
    return (
        f"data.gaps: {many} absent between the first and the last row of the series, the first of series "
        f"{panel.label(series)} at {time}; say what that means: missing, zero or ffill"
    )


def _select(panel: Panel, keep: Ints) -> Panel:
    covariates = tuple(
        replace(c, values=c.values[keep]) if c.role == "static" or c.values.ndim == 2 else c for c in panel.covariates
    )
    ids = tuple(panel.ids[i] for i in keep.tolist())
    return replace(
        panel, ids=ids, y=panel.y[keep], start=panel.start[keep], stop=panel.stop[keep], covariates=covariates
    )
