"""Baselines that need no training, for all series at once.

Each needs one observation before the cut-off; without any its point is NaN. Where a rule cannot serve a cell a
simpler one does, and `Forecast.fallback` marks the cell. Definitions follow Hyndman and Athanasopoulos (2021),
"Forecasting: Principles and Practice", 3rd edition, section 5.2, unless a docstring says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from runner.families.models import ModelError
from runner.families.models.base import Task
from runner.values.panel import Bools, Floats, Forecast, Ints, View, last_observed

Rule = Callable[[View], Forecast]
_GROWTH_LIMITS = (0.5, 2.0)


@dataclass(frozen=True)
class BaselineFit:
    """A baseline on one window, complete from the start."""

    kind: str
    params: Mapping[str, Any]
    rule: Rule
    view: View

    @property
    def shape(self) -> tuple[int, int]:
        """The observations it saw, and no column."""
        return int(np.isfinite(self.view.panel.y).sum()), 0

    def grow(self, rounds: int) -> None:
        """Nothing to grow."""

    def forecast(self) -> Forecast:
        """The forecast, [N, H]."""
        return self.rule(self.view)

    def save(self, folder: Path) -> None:
        """Write `baseline.json`: all there is to know of a rule without training."""
        view = self.view
        document = {
            "kind": self.kind,
            "params": dict(self.params),
            "season": view.season,
            "gap": view.gap,
            "horizon": view.horizon,
        }
        (folder / "baseline.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Baseline:
    """A rule from the visible past to the forecast."""

    kind: str
    params: Mapping[str, Any]
    rule: Rule
    grows: bool = False
    needs_tables: bool = False

    def start(self, task: Task) -> BaselineFit:
        """Bind the rule to the window."""
        return BaselineFit(self.kind, self.params, self.rule, task.view)


def naive(params: Mapping[str, Any], _seed: int) -> Baseline:
    """The last value that is not missing, for every step ahead."""
    return _without_params("naive", params, _naive)


def seasonal_naive(params: Mapping[str, Any], _seed: int) -> Baseline:
    """The value whole seasons before the target date: the latest before the cut-off that is not missing.

    A cell without any such value gets the naive forecast.
    """
    return _without_params("seasonal_naive", params, _seasonal_naive)


def seasonal_growth(params: Mapping[str, Any], _seed: int) -> Baseline:
    """The seasonal naive value times the growth of the last season over the one before, once a season of distance.

    Growth is the ratio of the sums over the dates that both seasons have, kept between 1/2 and 2. A series whose
    two last seasons share less than half of their dates, or do not both have a positive sum, gets the seasonal
    naive forecast.
    """
    return _without_params("seasonal_growth", params, _seasonal_growth)


def drift(params: Mapping[str, Any], _seed: int) -> Baseline:
    """The straight line through the first and the last observation; the naive forecast where they are the same."""
    return _without_params("drift", params, _drift)


def zero(params: Mapping[str, Any], _seed: int) -> Baseline:
    """Zero."""
    return _without_params("zero", params, _zero)


def moving_average(params: Mapping[str, Any], _seed: int) -> Baseline:
    """The mean of the last `window` steps before the cut-off (default 4), missing ones left out.

    A series with nothing but missing values there gets the naive forecast. Raises ModelError for a window below 1.
    """
    window = params.get("window", 4)
    if set(params) - {"window"} or isinstance(window, bool) or not isinstance(window, int) or window < 1:
        raise ModelError(f"moving_average takes a window of at least 1 step and nothing else, not {dict(params)}")
    return Baseline("moving_average", {"window": window}, partial(_moving_average, window=window))


def _without_params(kind: str, params: Mapping[str, Any], rule: Rule) -> Baseline:
    if params:
        raise ModelError(f"{kind} takes no parameters, not {', '.join(sorted(params))}")
    return Baseline(kind, {}, rule)


def _naive(view: View) -> Forecast:
    return Forecast(_carried(view))


def _zero(view: View) -> Forecast:
    return Forecast(_carried(view) * 0.0)


def _carried(view: View) -> Floats:
    """The last observation for every step ahead, [N, H]."""
    return np.repeat(last_observed(view.panel.y)[:, None], view.horizon, axis=1)


def _seasonal_naive(view: View) -> Forecast:
    return _or_else(_seasonal_values(view)[0], _carried(view))


def _seasonal_growth(view: View) -> Forecast:
    values, seasons = _seasonal_values(view)  # [N, H] each
    growth = _growth(view)[:, None]  # [N, 1]
    simpler = _seasonal_naive(view)
    return _or_else(values * growth**seasons, simpler.point)


def _drift(view: View) -> Forecast:
    y, steps = view.panel.y, np.arange(view.panel.n_steps)
    seen = np.isfinite(y)  # [N, T]
    first = np.where(seen, steps, view.panel.n_steps).min(axis=1, initial=view.panel.n_steps)  # [N]
    last = np.where(seen, steps, -1).max(axis=1, initial=-1)  # [N]
    length = last - first  # [N], 0 for one observation and negative for none
    rise = last_observed(y) - last_observed(y[:, ::-1])  # [N]
    slope = np.where(length > 0, rise / np.maximum(length, 1), np.nan)  # [N]
    ahead = view.targets - last[:, None]  # [N, H]
    return _or_else(_carried(view) + slope[:, None] * ahead, _carried(view))


def _moving_average(view: View, window: int) -> Forecast:
    positions = view.cutoff[:, None] - 1 - np.arange(min(window, view.panel.n_steps))  # [N, window]
    recent = _at(view.panel.y, positions)  # [N, window]
    mean = _mean(recent, np.isfinite(recent))  # [N]
    return _or_else(np.repeat(mean[:, None], view.horizon, axis=1), _carried(view))


def _or_else(point: Floats, simpler: Floats) -> Forecast:
    """The point where there is one, else the simpler rule's, marked."""
    served = ~np.isfinite(point) & np.isfinite(simpler)  # [N, H]
    return Forecast(np.where(served, simpler, point), fallback=served)


def _seasonal_values(view: View) -> tuple[Floats, Ints]:
    """The value whole seasons before each target, NaN without any, and how many seasons before; [N, H] each."""
    sources = _latest_of_phase(view.panel.y, view.season)  # [N, T]
    ahead = view.targets - view.cutoff[:, None]  # [N, H], steps from the first that is hidden
    back = (ahead // view.season + 1) * view.season  # [N, H], the fewest whole seasons that reach before the cut-off
    found = _at(sources, view.targets - back, missing=-1)  # [N, H]
    return _at(view.panel.y, found), (view.targets - found) // view.season


def _latest_of_phase(y: Floats, season: int) -> Ints:
    """Position of the latest value at or before each step, whole seasons back, that is not missing; -1 without any."""
    n, steps = y.shape
    positions = np.where(np.isfinite(y), np.arange(steps), -1)  # [N, T]
    padded = np.pad(positions, ((0, 0), (0, -steps % season)), constant_values=-1)
    by_phase = padded.reshape(n, -1, season)  # [N, seasons, season]
    latest: Ints = np.maximum.accumulate(by_phase, axis=1).reshape(n, -1)[:, :steps]
    return latest


def _growth(view: View) -> Floats:
    """Sum over the last season before the cut-off over that of the one before, [N]; NaN where it means nothing."""
    back = view.cutoff[:, None] - 1 - np.arange(view.season)  # [N, season]
    late, early = _at(view.panel.y, back), _at(view.panel.y, back - view.season)  # [N, season] each
    both = np.isfinite(late) & np.isfinite(early)  # [N, season]
    above, below = _mean(late, both), _mean(early, both)  # [N] each
    enough = both.sum(axis=1) * 2 >= view.season  # [N]
    usable = enough & (above > 0) & (below > 0)  # [N]
    ratio = np.divide(above, below, out=np.full(len(above), np.nan), where=usable)
    limited: Floats = np.clip(ratio, *_GROWTH_LIMITS)
    return limited


def _mean(values: Floats, where: Bools) -> Floats:
    """Mean of each row over `where`, [N]; NaN where that is empty."""
    count = where.sum(axis=1)  # [N]
    total = np.where(where, values, 0.0).sum(axis=1)  # [N]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _at(values: Any, positions: Ints, missing: float = np.nan) -> Any:
    """Each row's values at positions [N, K]; `missing` where a position lies before the first step."""
    if not values.shape[1]:
        return np.full(positions.shape, missing)
    taken = np.take_along_axis(values, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, taken, missing)
