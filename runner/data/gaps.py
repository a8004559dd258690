"""What an absent target means."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from runner.data.grid import show
from runner.errors import DataCode, DataError
from runner.values.panel import Bools, Floats, Panel

Gaps = Literal["missing", "zero", "ffill", "error"]


def fill_gaps(panel: Panel, gaps: Gaps) -> Panel:
    """Return the panel with its gaps, from a series' first row to its last target, filled as `gaps` says."""
    steps = np.arange(panel.n_steps)
    inside = (steps >= panel.start[:, None]) & (steps < panel.stop[:, None])  # [N, T]
    absent = inside & np.isnan(panel.y)
    if gaps == "missing" or not absent.any():
        return panel
    if gaps == "error":
        raise DataError(_gap_message(panel, absent), code=DataCode.GAP, key="data.gaps")
    return replace(panel, y=np.where(absent, 0.0, panel.y) if gaps == "zero" else _forward(panel.y, absent))


def _forward(y: Floats, absent: Bools) -> Floats:
    """Return the values carried forward; a missing one at the beginning stays missing."""
    last = np.maximum.accumulate(np.where(np.isnan(y), 0, np.arange(y.shape[1])), axis=1)  # [N, T]
    return np.where(absent, np.take_along_axis(y, last, axis=1), y)


def _gap_message(panel: Panel, absent: Bools) -> str:
    series, step = (int(i[0]) for i in np.nonzero(absent))
    time = show(int(panel.times.astype(np.int64)[step]), panel.freq)
    count, among = int(absent.sum()), int(absent.any(axis=1).sum())
    many = "1 target is" if count == 1 else f"{count:,} targets in {among:,} series are"
    return (
        f"data.gaps: {many} absent between the first row and the last target of the series, the first of series "
        f"{panel.label(series)} at {time}; say what that means: missing, zero or ffill"
    )
