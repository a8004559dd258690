"""Choose season, horizon, windows and training rows that fit the history."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np

from runner.errors import DataError
from runner.language.frequency import parse_frequency
from runner.values.panel import Floats, Panel

_DAY: Final = 86_400
_HORIZONS: Final = {"day": 28, "business": 20, "week": 13, "month": 12, "quarter": 4, "year": 3}
_CLOCK_DAYS: Final = 7
FEWEST: Final = 8
_OF_A_WEEK: Final = (4, 7)
"""Tuning and test windows where the horizon is shorter than a week, so that they cover all weekdays."""
_WEEKS: Final = 12
"""Weeks of history that such windows need, so that enough is left for training."""
MOST_ROWS: Final = 120_000
"""Training rows of a model; more take minutes and gain little in a first draft."""


@dataclass(frozen=True)
class Task:
    """The forecasting task, and how the history is divided."""

    seasons: tuple[int, ...]  # the main one first; empty when there is none
    seasonal: bool  # whether the value a season ago forecasts better than the last one
    horizon: int
    tuning: int
    test: int
    tuning_step: int  # between two tuning windows
    test_step: int
    steps: int  # of the series that count, in the median
    every: int = 1  # steps between two origins
    last: int | None = None  # origins
    every_step: int = 1


def plan_task(panel: Panel, horizon: int | None = None) -> Task:
    """Return a task that the panel's history allows. Raises DataError when it is too short for any."""
    steps = int(np.median(panel.stop - panel.start))
    seen = int(np.median(np.isfinite(panel.y).sum(axis=1)))
    if seen < FEWEST:
        raise DataError(f"the series have too few targets (median {seen}); hint: at least {FEWEST} are needed")
    usual = horizon or usual_horizon(panel.freq)
    seasons = _seasons(panel, steps)
    horizon, tuning, test = _divided(steps, usual, seasons[0] if seasons else 1, fixed=horizon is not None)
    seasonal = bool(seasons) and _error(panel.y, horizon, seasons[0]) <= _error(panel.y, horizon, None)
    every, last, every_step = _rows(panel.n_series, steps, horizon, seasons[0] if seasons else 1)
    week, tuning_step, test_step = _week(panel.freq), horizon, horizon
    if horizon < week and _WEEKS * week <= steps:
        tuning, test = _OF_A_WEEK
        tuning_step, test_step = (_spread(week, windows, horizon) for windows in _OF_A_WEEK)
    return Task(seasons, seasonal, horizon, tuning, test, tuning_step, test_step, steps, every, last, every_step)


def usual_horizon(freq: str | None) -> int:
    """Return the usual horizon of a frequency: a quarter of weeks, a year of months, a day of hours."""
    if freq is None:
        return 10
    frequency = parse_frequency(freq)
    if frequency.kind == "clock":
        day = max(1, round(_DAY / frequency.seconds))
        return day * _CLOCK_DAYS if day <= 8 else min(day, 96)
    return max(1, _HORIZONS.get(frequency.kind, 10) // frequency.multiple)


def _week(freq: str | None) -> int:
    """Return the steps of a week for hours and shorter; 0 for days and longer."""
    frequency = parse_frequency(freq) if freq else None
    return round(7 * _DAY / frequency.seconds) if frequency and frequency.kind == "clock" else 0


def _spread(week: int, windows: int, horizon: int) -> int:
    """Return the steps between windows that together cover a week, a multiple of the horizon."""
    return horizon * max(1, round(week / windows / horizon))


def candidates(freq: str | None) -> tuple[int, ...]:
    """Return the possible seasons of a frequency, in steps."""
    if freq is None:
        return ()
    frequency = parse_frequency(freq)
    seasons = [frequency.season]
    if frequency.kind == "clock":
        seasons += [round(days * _DAY / frequency.seconds) for days in (1, 7)]
    if frequency.kind == "day" and frequency.multiple == 1:
        seasons.append(364)  # the same weekday a year ago
    return tuple(dict.fromkeys(season for season in seasons if 1 < season <= 10_000))


def _seasons(panel: Panel, steps: int) -> tuple[int, ...]:
    """Return the seasons that the history contains twice and that forecast well, the best first."""
    errors = {season: _error(panel.y, 1, season) for season in candidates(panel.freq) if steps >= 2 * season + 1}
    ranked = sorted((season for season in errors if np.isfinite(errors[season])), key=lambda season: errors[season])
    return tuple(season for season in ranked if errors[season] <= 1.5 * errors[ranked[0]])


def _error(y: Floats, horizon: int, season: int | None) -> float:
    """Return the mean absolute error of the last value, or of that a season ago, over the horizon."""
    errors = []
    for ahead in sorted({1, (horizon + 1) // 2, horizon}):
        lag = ahead if season is None else season * -(-ahead // season)
        difference = np.abs(y[:, lag:] - y[:, :-lag]) if lag < y.shape[1] else np.array([np.nan])
        finite = difference[np.isfinite(difference)]
        errors.append(float(finite.mean()) if len(finite) else np.inf)
    return float(np.mean(errors))


def _divided(steps: int, horizon: int, season: int, *, fixed: bool) -> tuple[int, int, int]:
    """Return (horizon, tuning windows, test windows), trying fewer windows before a shorter horizon."""
    for ahead in [horizon] if fixed else range(horizon, 0, -1):
        for tuning, test in ((2, 3), (2, 2), (1, 1)) if fixed or ahead <= horizon // 2 else ((2, 3),):
            learn = max(2 * ahead, season + ahead if season + ahead < steps // 2 else 0, 4)
            if (tuning + test) * ahead + learn <= steps:
                return ahead, tuning, test
    raise DataError(
        f"the series are too short (median {steps} steps) to tune and test {horizon} steps ahead; "
        "hint: add history, or choose a shorter --horizon"
    )


def _rows(n_series: int, steps: int, horizon: int, season: int) -> tuple[int, int | None, int]:
    """Return (every, last, every step) so that at most MOST_ROWS rows train."""
    every_step = 1 if horizon < 8 or n_series * steps * horizon <= MOST_ROWS else min(4, horizon // 4)
    rows = n_series * steps * horizon / every_step
    every = max(1, int(np.ceil(rows / MOST_ROWS)))
    every = min(every, max(1, min(12, steps // 20)))
    while every > 1 and gcd(every, season) > 1:  # else some phases of the season would never be an origin
        every += 1
    per_origin = max(1, n_series * horizon // every_step)
    last = max(20, MOST_ROWS // per_origin)
    return every, (last if steps // every > 1.5 * last else None), every_step
