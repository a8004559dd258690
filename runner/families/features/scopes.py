"""What a feature may look at. A family gets the object of its scope and nothing else, so it cannot look further.

ahead    Ahead     what is known when the forecast is made: dates, ids, static and known covariates
origin   Past      the target and observed covariates before each row's own origin
window   Visible   all of the window's visible part, also for rows whose origin lies long before the cut-off
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from runner.families.features import rolling
from runner.families.features.rows import Rows
from runner.values.panel import Covariate, Floats, Ints, Panel, View

Scope = Literal["ahead", "origin", "window"]


@dataclass(frozen=True)
class Column:
    """One feature. `values` is called once, when its turn comes, and gives [R]; NaN, or code -1, is missing."""

    name: str
    values: Callable[[Rows], Floats]
    categorical: bool = False
    absolute_date: bool = False  # names a date that never comes again


@dataclass(frozen=True)
class Scale:
    """Level and scale of the target at each origin: every feature in the target's units is brought to them."""

    level: Floats  # [N, K]
    scale: Floats  # [N, K]

    def apply(self, values: Floats) -> Floats:
        """Values [N, K] or [N, 1], scaled as the target is."""
        return (values - self.level) / self.scale

    def apply_rows(self, values: Floats, rows: Rows) -> Floats:
        """Values [R], scaled as the target is."""
        return (values - rows.spread(self.level)) / rows.spread(self.scale)


class Ahead:
    """What is known of any date when the forecast is made."""

    def __init__(self, view: View) -> None:
        self.season = view.season
        self.freq = view.panel.freq
        self.times = view.panel.times
        self.id_columns = view.panel.id_columns
        self.ids = view.panel.ids
        self.covariates = tuple(c for c in view.panel.covariates if c.role != "observed")


class Past:
    """What was seen before an origin. Steps back from it count from 1, the last visible one."""

    def __init__(self, panel: Panel, *, origin: Ints, scale: Scale, season: int, gap: int) -> None:
        self.season, self.gap, self.scale = season, gap, scale
        self.observed: tuple[Covariate, ...] = tuple(c for c in panel.covariates if c.role == "observed")
        self._y, self._origin = panel.y, origin

    def lag(self, back: int) -> Floats:
        """The target so many steps before each origin, [N, K]."""
        series = np.arange(len(self._y))[:, None]
        return self._before(self._flat_y, series, self._origin, np.broadcast_to(back, self._origin.shape))

    def value(self, rows: Rows, back: Ints) -> Floats:
        """The target so many steps [R] before each row's origin, [R]; NaN where that is not before the origin."""
        return self._before(self._flat_y, rows.series, rows.origin, back)

    def seasonal_mean(self, rows: Rows, back: Ints) -> Floats:
        """Mean of the target so many steps before each row's origin and any number of seasons earlier, [R]."""
        return self._before(self._flat_seasonal, rows.series, rows.origin, back)

    def statistic(self, stat: str, window: int | None) -> Floats:
        """A statistic of the target's last steps before each origin, [N, K]."""
        return np.take_along_axis(rolling.STATISTICS[stat](self._y, window), self._origin, axis=1)

    def latest(self, covariate: Covariate) -> Floats:
        """The last value of an observed covariate that is there before each origin, [N, K]."""
        steps = self._y.shape[1]
        values = np.broadcast_to(covariate.values[..., :steps], self._y.shape)
        return np.take_along_axis(rolling.last_value(values), self._origin, axis=1)

    def _before(self, flat: Floats, series: Ints, origin: Ints, back: Ints) -> Floats:
        """From the flattened [N, T+1] whose last column is NaN."""
        width = self._y.shape[1] + 1
        position = origin - back
        seen = (back >= 1) & (position >= 0)
        found: Floats = flat[series * width + np.where(seen, position, width - 1)]
        return found

    @cached_property
    def _flat_y(self) -> Floats:
        return _flat(self._y)

    @cached_property
    def _flat_seasonal(self) -> Floats:
        """The mean at each position of the values there and whole seasons before, flattened."""
        n, t = self._y.shape
        cycles = -(-t // self.season) if t else 0
        folded = np.full((n, cycles * self.season), np.nan)
        folded[:, :t] = self._y
        folded = folded.reshape(n, cycles, self.season)
        total = np.nancumsum(folded, axis=1)
        count = np.cumsum(~np.isnan(folded), axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: Floats = (total / count).reshape(n, -1)[:, :t]
        return _flat(means)


@dataclass(frozen=True)
class Visible:
    """The window's visible part, to learn from what is the same for all rows of a series or a group.

    Under `anchor: series_end` cut-offs differ: what crosses series uses only dates before the earliest it serves.
    """

    view: View
    scale: Scale


def _flat(values: Floats) -> Floats:
    return np.concatenate([values, np.full((values.shape[0], 1), np.nan)], axis=1).ravel()
