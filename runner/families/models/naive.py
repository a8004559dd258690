"""Baselines that need no training, for all series and any number of origins at once.

Each needs one observation before the origin; without any its path is NaN. Where a rule cannot serve a cell a simpler
one does, and `Forecast.fallback` marks the cell. Definitions follow Hyndman and Athanasopoulos (2021), "Forecasting:
Principles and Practice", 3rd edition, section 5.2, unless a docstring says otherwise.

Shapes: y [N, T], origins [O, N], paths [O, N, H]. The forecast is the path of the cutoff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from runner.families.models.base import Task
from runner.families.models.files import write_meta
from runner.values.panel import Bools, Floats, Forecast, Ints, View

Served = tuple[Floats, Floats | None]
"""Paths, and those of the simpler rule that serves where they are not finite."""
_GROWTH_LIMITS = (0.5, 2.0)


class Past:
    """What a rule looks at: the history before each of some origins."""

    def __init__(self, view: View, origins: Ints) -> None:
        self.y, self.season = view.panel.y, view.season
        self.origins = origins  # [O, N]
        self.horizon = view.horizon
        self.targets = origins[:, :, None] + view.gap + np.arange(view.horizon)  # [O, N, H]

    def last(self) -> Ints:
        """Return the position of the last observation before each origin, [O, N]; -1 without any."""
        steps = np.where(np.isfinite(self.y), np.arange(self.y.shape[1]), -1)
        latest = np.maximum.accumulate(steps, axis=1) if steps.size else steps
        before = np.pad(latest, ((0, 0), (1, 0)), constant_values=-1)  # [N, T+1], entry t is of the steps before t
        last: Ints = before[np.arange(len(self.y)), self.origins]
        return last

    def at(self, positions: Ints) -> Floats:
        """Return the target at positions [O, N, K]; NaN before the first step."""
        values: Floats = _at(self.y, positions)
        return values

    def carried(self) -> Floats:
        """Return the last observation for every step ahead, [O, N, H]."""
        return np.repeat(self.at(self.last()[:, :, None]), self.horizon, axis=2)


@dataclass(frozen=True)
class Baseline:
    """A rule from the past of an origin to its path. As a model it is complete at once, and is saved as its name."""

    kind: str
    params: Mapping[str, Any]
    rule: Callable[[Past], Served]
    grows: bool = False
    inputs: str = "history"

    def paths(self, history: View, origins: Ints) -> Floats:
        """Return the path from each origin, [O, N, H]; nothing at or after an origin changes its path."""
        return self._served(history, origins).point

    def start(self, task: Task) -> BaselineFit:
        """Bind the rule to the window."""
        return BaselineFit(self, task.view)

    def forecast(self, task: Task) -> Forecast:
        """Return the forecast, [N, H]."""
        whole = self._served(task.view, task.view.cutoff[None, :])
        return Forecast(whole.point[0], fallback=None if whole.fallback is None else whole.fallback[0])

    def _served(self, history: View, origins: Ints) -> Forecast:
        point, simpler = self.rule(Past(history, origins))
        if simpler is None:
            return Forecast(point)
        served = ~np.isfinite(point) & np.isfinite(simpler)  # [O, N, H]
        return Forecast(np.where(served, simpler, point), fallback=served)


@dataclass(frozen=True)
class BaselineFit:
    """A baseline on one window, complete from the start."""

    baseline: Baseline
    view: View

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of observations, and no column."""
        return int(np.isfinite(self.view.panel.y).sum()), 0

    def grow(self, rounds: int) -> None:
        """Do nothing: a baseline does not grow."""

    def forecast(self) -> Forecast:
        """Return the forecast, [N, H]."""
        return self.baseline.forecast(Task(self.view))

    def save(self) -> dict[str, bytes]:
        """Return `meta.json`: all there is to know of a rule without training."""
        return write_meta(self.baseline.kind, self.baseline.params)


def naive(_params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return the last value that is not missing, for every step ahead."""
    return Baseline("naive", {}, _naive)


def seasonal_naive(_params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return the latest value whole seasons before the target date, before the cutoff and not missing.

    A cell without any such value gets the naive forecast.
    """
    return Baseline("seasonal_naive", {}, _seasonal_naive)


def seasonal_growth(_params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return seasonal naive times the last season's growth over the one before, per season of distance.

    Growth is the ratio of the sums over the dates that both seasons have, kept between 1/2 and 2. A series whose
    two last seasons share less than half of their dates, or do not both have a positive sum, gets the seasonal
    naive forecast.
    """
    return Baseline("seasonal_growth", {}, _seasonal_growth)


def drift(_params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return the line through the first and last observation; naive where they are the same."""
    return Baseline("drift", {}, _drift)


def zero(_params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return zero."""
    return Baseline("zero", {}, _zero)


def moving_average(params: Mapping[str, Any], _seed: int) -> Baseline:
    """Return the mean of the last `window` steps before the cutoff (default 4), missing ones left out.

    A series with nothing but missing values there gets the naive forecast.
    """
    return Baseline("moving_average", dict(params), partial(_moving_average, window=params["window"]))


def _naive(past: Past) -> Served:
    return past.carried(), None


def _zero(past: Past) -> Served:
    return past.carried() * 0.0, None


def _seasonal_naive(past: Past) -> Served:
    return _seasonal_values(past)[0], past.carried()


def _seasonal_growth(past: Past) -> Served:
    values, seasons = _seasonal_values(past)  # [O, N, H] each
    carried = past.carried()
    simpler = np.where(np.isfinite(values), values, carried)
    return values * _growth(past)[:, :, None] ** seasons, simpler


def _drift(past: Past) -> Served:
    y = past.y
    steps = np.where(np.isfinite(y), np.arange(y.shape[1]), y.shape[1])
    first, last = steps.min(axis=1, initial=y.shape[1]), past.last()  # [N], [O, N]
    length = last - first  # 0 for one observation and negative for none
    carried = past.carried()  # [O, N, H]
    rise = carried[:, :, 0] - past.at(np.where(length >= 0, first, -1)[:, :, None])[:, :, 0]
    slope = np.where(length > 0, rise / np.maximum(length, 1), np.nan)  # [O, N]
    return carried + slope[:, :, None] * (past.targets - last[:, :, None]), carried


def _moving_average(past: Past, window: int) -> Served:
    recent = past.at(past.origins[:, :, None] - 1 - np.arange(min(window, past.y.shape[1])))  # [O, N, window]
    mean = _mean(recent, np.isfinite(recent))  # [O, N]
    return np.repeat(mean[:, :, None], past.horizon, axis=2), past.carried()


def _seasonal_values(past: Past) -> tuple[Floats, Ints]:
    """Return the value whole seasons before each target, NaN without any, and how many; [O, N, H] each."""
    sources = _latest_of_phase(past.y, past.season)  # [N, T]
    ahead = past.targets - past.origins[:, :, None]  # [O, N, H], steps from the first that is hidden
    back = (ahead // past.season + 1) * past.season  # the fewest whole seasons that reach before the origin
    found = _at(sources, past.targets - back, missing=-1)
    return past.at(found), (past.targets - found) // past.season


def _latest_of_phase(y: Floats, season: int) -> Ints:
    """Return the position of the latest value present whole seasons back from each step; -1 without any."""
    n, steps = y.shape
    positions = np.where(np.isfinite(y), np.arange(steps), -1)  # [N, T]
    padded = np.pad(positions, ((0, 0), (0, -steps % season)), constant_values=-1)
    by_phase = padded.reshape(n, -1, season)  # [N, seasons, season]
    latest: Ints = np.maximum.accumulate(by_phase, axis=1).reshape(n, -1)[:, :steps]
    return latest


def _growth(past: Past) -> Floats:
    """Sum over the last season before the origin over that of the one before, [O, N]; NaN where it means nothing."""
    back = past.origins[:, :, None] - 1 - np.arange(past.season)  # [O, N, season]
    late, early = past.at(back), past.at(back - past.season)  # [O, N, season] each
    both = np.isfinite(late) & np.isfinite(early)
    above, below = _mean(late, both), _mean(early, both)  # [O, N] each
    enough = both.sum(axis=-1) * 2 >= past.season
    usable = enough & (above > 0) & (below > 0)
    with np.errstate(over="ignore"):  # the limits below bound it
        ratio = np.divide(above, below, out=np.full(above.shape, np.nan), where=usable)
    limited: Floats = np.clip(ratio, *_GROWTH_LIMITS)
    return limited


def _mean(values: Floats, where: Bools) -> Floats:
    """Return mean along the last axis over `where`; NaN where that is empty."""
    count = where.sum(axis=-1)
    total = np.where(where, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _at(values: Any, positions: Ints, missing: float = np.nan) -> Any:
    """Return each series' values [N, T] at positions [O, N, K]; `missing` before the first step."""
    if not values.shape[1]:
        return np.full(positions.shape, missing)
    picked_values = values[np.arange(len(values))[None, :, None], np.maximum(positions, 0)]
    return np.where(positions >= 0, picked_values, missing)
