"""Describe a panel as a small document: `overview.json` of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from runner.data.checks import is_constant
from runner.data.saved_panel import open_panel
from runner.values.panel import Floats, Ints, Panel

BINS = 24
POINTS = 400
"""Points of a line over time; with up to twice as many steps each point is one step."""


def overview_of(folder: Path) -> dict[str, Any]:
    """Return the overview of a saved panel. Raises StoreError when it is damaged."""
    return overview(open_panel(folder))


def overview(panel: Panel) -> dict[str, Any]:
    """Return counts, histograms over series, and the total over time.

    Each point of the total is a mean over `step` steps, with their lowest and highest value where there are several.
    """
    present = np.isfinite(panel.y)  # [N, T]
    length = np.maximum(panel.stop - panel.start, 0)  # [N]
    inside = np.arange(panel.n_steps)
    within = (inside >= panel.start[:, None]) & (inside < panel.stop[:, None])  # [N, T]
    gaps = (within & ~present).sum(axis=1)  # [N]
    zeros = (present & (panel.y == 0)).sum(axis=1)  # [N]
    counted = present.sum(axis=1)  # [N]
    step = max(1, panel.n_steps // POINTS)
    starts = np.arange(0, panel.n_steps, step)
    total, alive = np.nansum(panel.y, axis=0), present.sum(axis=0)  # [T]
    return {
        "n_series": panel.n_series,
        "n_steps": panel.n_steps,
        "freq": panel.freq,
        "observations": int(counted.sum()),
        "missing": int(gaps.sum()),
        "zeros": int(zeros.sum()),
        "negative": int((present & (panel.y < 0)).sum()),
        "constant": int(is_constant(panel.y).sum()),
        "series_with_gaps": int((gaps > 0).sum()),
        "lengths": _histogram(length.astype(float)),
        "gap_shares": _histogram(gaps / np.maximum(length, 1)),
        "zero_shares": _histogram(zeros / np.maximum(counted, 1)),
        "step": step,
        "times": [_text(moment) for moment in panel.times[starts]],
        "total": _means(total, starts),
        "alive": _means(alive.astype(float), starts),
        **(
            {"low": _reduced(np.minimum, total, starts), "high": _reduced(np.maximum, total, starts)}
            if step > 1
            else {}
        ),
    }


def _histogram(values: Floats) -> dict[str, list[float]]:
    if not len(values):
        return {"counts": [0], "edges": [0.0, 1.0]}
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9 * max(1.0, abs(high)):  # equal except for rounding
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    return {"counts": [int(c) for c in counts], "edges": [float(e) for e in edges]}


def _means(values: Floats, starts: Ints) -> list[float]:
    """Return the mean of the values from each start to the next."""
    counts = np.diff(np.append(starts, len(values)))
    return [float(v) for v in np.add.reduceat(values, starts) / counts]


def _reduced(most: np.ufunc, values: Floats, starts: Ints) -> list[float]:
    return [float(v) for v in most.reduceat(values, starts)]


def _text(moment: Any) -> str | int:
    return str(moment.astype("datetime64[m]")) if isinstance(moment, np.datetime64) else int(moment)
