"""The grid of dates, as features of the target date see it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from runner.errors import DataError
from runner.families.features.rows import Rows
from runner.families.features.sight import Sight
from runner.values.panel import Floats, Panel


def first_time(panel: Panel) -> NDArray[np.int64]:
    """Return the first time of the grid: a step, or microseconds since 1970, [] (as a state has it)."""
    times = np.asarray(panel.times[:1])
    return (times if panel.freq is None else times.astype("datetime64[us]")).astype(np.int64).reshape(())


def steps_since(first: NDArray[np.int64], sight: Sight) -> int:
    """Return the steps from a first time to the first of what is seen; negative when that is earlier."""
    if sight.freq is None:
        return int(sight.times[0]) - int(first)
    then, now = pd.Timestamp(int(first), unit="us"), pd.Timestamp(sight.times[0])
    steps = len(pd.date_range(min(then, now), max(then, now), freq=sight.freq)) - 1
    return steps if now >= then else -steps


def dated(grid: Panel | Sight, key: str) -> pd.DatetimeIndex:
    """Return the grid's dates. Raises DataError naming the key when time is counted in steps."""
    if grid.freq is None:
        raise DataError(f"{key}: needs dates, but the time column counts whole steps; remove the key", key=key)
    return pd.DatetimeIndex(grid.times)


def at_target(values: Floats, rows: Rows) -> Floats:
    """Return the value in `values` [T+F] at each row's target date, [R]."""
    return values[rows.target]
