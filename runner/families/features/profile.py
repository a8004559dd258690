"""What kind of series it is: statistics of the window's visible part, the same for all rows of a series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from runner.families.features.rows import Rows
from runner.families.features.sight import Column, Sight, State, TrainingPart
from runner.values.panel import Floats, View


@dataclass(frozen=True)
class Profile:
    """`profile.cv` and the like; the mean is in the units of the transformed target, the others have none."""

    statistics: tuple[str, ...]

    def fit(self, training: TrainingPart) -> State:
        """Return each statistic [N] and the ids of the series."""
        view = training.view
        with np.errstate(invalid="ignore", divide="ignore"):
            values = {name: PROFILES[name](view) for name in self.statistics}
        return {"ids": np.array(view.panel.ids, dtype=np.str_), **values}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each statistic; a series that was not in training has missing values."""
        place = sight.positions_in(state["ids"])
        return [
            Column(
                f"profile.{name}", partial(_values, sight, name, np.append(state[name], np.nan)[place]), depends_on=""
            )
            for name in self.statistics
        ]


def _values(sight: Sight, name: str, values: Floats, rows: Rows) -> Floats:
    return rows.spread(sight.units.convert(values[:, None])) if name == "mean" else values[rows.series]


def _mean(view: View) -> Floats:
    return _average(view.panel.y)


def _cv(view: View) -> Floats:
    """Return the standard deviation divided by the absolute mean."""
    y = view.panel.y
    mean = _average(y)
    return np.sqrt(_average((y - mean[:, None]) ** 2)) / np.where(mean == 0, np.nan, np.abs(mean))


def _zeros(view: View) -> Floats:
    """Return the share of zeros among the values present."""
    y = view.panel.y
    return _average(np.where(np.isnan(y), np.nan, y == 0))


def _missing(view: View) -> Floats:
    """Return the share of steps from the first row to the cutoff without a value.

    Not to the last row: that one is clipped to the cutoff, so it would leak whether the series continues after it.
    """
    steps = np.arange(view.panel.n_steps)
    inside = (steps >= view.panel.start[:, None]) & (steps < view.cutoff[:, None])
    return _average(np.where(inside, np.isnan(view.panel.y), np.nan))


def _trend(view: View) -> Floats:
    """Return the least-squares slope: growth over one season, as a share of the mean absolute value."""
    size = _average(np.abs(view.panel.y))
    return _slope(view.panel.y)[0] * view.season / np.where(size == 0, np.nan, size)


def _seasonality(view: View) -> Floats:
    """Return the strength from 0 to 1 (Wang, Smith and Hyndman 2006): 1 - var(remainder) / var(detrended).

    NaN of a series with less than two seasons of values, whose every point would be its own season.
    """
    y, season = view.panel.y, view.season
    slope, middle = _slope(y)
    rest = y - slope[:, None] * (np.arange(y.shape[1]) - middle[:, None])
    rest = rest - _average(rest)[:, None]
    places = _folded(rest, season)  # [N, cycles, season]
    remainder = places - _average(places, axis=1)[:, None]
    strength = 1 - _average(remainder.reshape(len(y), -1) ** 2) / _average(rest**2)
    enough = (season > 1) & ((~np.isnan(y)).sum(axis=1) >= 2 * season)
    return np.where(enough & np.isfinite(strength), np.maximum(strength, 0), np.nan)


def _slope(y: Floats) -> tuple[Floats, Floats]:
    """Return the slope per step, and the middle of the steps that have a value; [N] each."""
    steps = np.where(np.isnan(y), np.nan, np.arange(y.shape[1]))
    middle = _average(steps)
    aside = steps - middle[:, None]
    return _average(aside * (y - _average(y)[:, None])) / _average(aside**2), middle


def _folded(values: Floats, season: int) -> Floats:
    n, t = values.shape
    cycles = -(-t // season)
    folded = np.full((n, cycles * season), np.nan)
    folded[:, :t] = values
    return folded.reshape(n, cycles, season)


def _average(values: Floats, axis: int = -1) -> Floats:
    """Return the mean of the values present, NaN of none, without numpy's warning."""
    there = ~np.isnan(values)
    average: Floats = np.where(there, values, 0).sum(axis=axis) / there.sum(axis=axis)
    return average


PROFILES: Final[dict[str, Callable[[View], Floats]]] = {
    "mean": _mean,
    "cv": _cv,
    "zeros": _zeros,
    "missing": _missing,
    "trend": _trend,
    "seasonality": _seasonality,
}
