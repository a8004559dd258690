"""What a feature may look at: all of the window's training part to learn from, and the past of each origin.

A feature gets a `TrainingPart` in `fit` and a `Sight` in `columns`, and nothing else, so only its state can hold values
from after an origin; `FeatureConformance` finds a state that does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.families.features import rolling
from runner.families.features.rows import Rows, Whole
from runner.families.targets.chain import Units
from runner.values.panel import Covariate, Floats, Ints, View

State = Mapping[str, NDArray[Any]]
"""Name -> array (a scalar is one of shape []); texts are numpy's, so that it is saved without pickles."""


@dataclass(frozen=True)
class Column:
    """One feature. `values` is called once, when its turn comes, and gives [R]; NaN, or code -1, is missing."""

    name: str
    values: Callable[[Rows], Floats]
    categorical: bool = False
    absolute_date: bool = False  # names a date that never comes again
    depends_on: Any = None
    """What of the member's arguments decides the values, ready for JSON; all of them when None (for the cache)."""


@dataclass(frozen=True)
class TrainingPart:
    """The visible part of a window, up to each cutoff; the target is in the units of its pointwise steps.

    Under `anchor: series_end` cutoffs differ: what crosses series uses only dates before the earliest it serves.
    """

    view: View


@dataclass(frozen=True)
class ObservedCovariate:
    """A covariate whose values are seen through `Sight.latest` alone."""

    name: str
    categories: tuple[str, ...] | None
    role: Literal["observed"] = "observed"


class Sight:
    """What may be seen from each origin. Steps back from it count from 1, the last visible one."""

    def __init__(self, view: View, origin: Ints, past: Callable[[], tuple[Floats, Units]]) -> None:
        """Take `past`, called when needed: the visible target [N, T] and units at each origin [N, K]."""
        panel = view.panel
        self.season, self.gap = view.season, view.gap
        self.freq, self.times = panel.freq, panel.times
        self.id_columns, self.ids = panel.id_columns, panel.ids
        self.covariates: tuple[Covariate, ...] = tuple(c for c in panel.covariates if c.role != "observed")
        self._observed = {c.name: c for c in panel.covariates if c.role == "observed"}
        self.observed = tuple(ObservedCovariate(c.name, c.categories) for c in self._observed.values())
        self._shape, self._origin, self._seen = panel.y.shape, origin, past

    @property
    def units(self) -> Units:
        """Return level and scale of the target at each origin."""
        return self._past[1]

    def lag(self, back: int) -> Floats:
        """Return the target so many steps before each origin, [N, K]."""
        series = np.arange(self._shape[0])[:, None]
        return self._before(self._flat_y, series, self._origin, np.broadcast_to(back, self._origin.shape))

    def value(self, rows: Rows, back: Ints) -> Floats:
        """Return the target so many steps [R] before each row's origin, [R]; NaN at or after the origin."""
        return self._before(self._flat_y, rows.series, rows.origin, back)

    def seasonal_mean(self, rows: Rows, back: Ints) -> Floats:
        """Return the mean of the target so many steps, and whole seasons more, before each row's origin, [R]."""
        return self._before(self._flat_seasonal, rows.series, rows.origin, back)

    def statistic(self, stat: str, window: int | None) -> Floats:
        """Return a statistic of the target's last steps before each origin, [N, K]."""
        return np.take_along_axis(rolling.STATISTICS[stat](self._past[0], window), self._origin, axis=1)

    def latest(self, covariate: ObservedCovariate) -> Floats:
        """Return the last value present of an observed covariate before each origin, [N, K]."""
        values = np.broadcast_to(self._observed[covariate.name].values[..., : self._shape[1]], self._shape)
        return np.take_along_axis(rolling.last_value(values), self._origin, axis=1)

    def positions_in(self, ids: NDArray[Any]) -> Ints:
        """Return each series' position among the ids [M, columns] of a state, [N]; -1 for an absent one."""
        place = {tuple(row): i for i, row in enumerate(ids.tolist())}
        return np.array([place.get(row, -1) for row in self.ids], dtype=np.int64)

    def _before(self, flat: Floats, series: Whole, origin: Whole, back: Ints) -> Floats:
        """Return values from the flattened [N, T+1] whose last column is NaN."""
        width = self._shape[1] + 1
        position = origin - back
        seen = (back >= 1) & (position >= 0)
        values: Floats = flat[series * width + np.where(seen, position, width - 1)]
        return values

    @cached_property
    def _past(self) -> tuple[Floats, Units]:
        return self._seen()

    @cached_property
    def _flat_y(self) -> Floats:
        return _flat(self._past[0])

    @cached_property
    def _flat_seasonal(self) -> Floats:
        """Return the mean at each position of the values present there and whole seasons before, flattened."""
        n, t = self._shape
        cycles = -(-t // self.season) if t else 0
        folded = np.full((n, cycles * self.season), np.nan)
        folded[:, :t] = self._past[0]
        folded = folded.reshape(n, cycles, self.season)
        total = np.nancumsum(folded, axis=1)
        count = np.cumsum(~np.isnan(folded), axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: Floats = (total / count).reshape(n, -1)[:, :t]
        return _flat(means)


class Feature(Protocol):
    """A member of the family: loaded with its arguments, the value of its key under `features:`."""

    def fit(self, training: TrainingPart) -> State:
        """Learn what is the same for all rows of a window; it is saved with the model."""

    def columns(self, sight: Sight, state: State) -> Sequence[Column]:
        """Return the columns, none of them computed yet."""


class Stateless:
    """A feature that learns nothing."""

    def fit(self, training: TrainingPart) -> State:
        """Return the empty state."""
        return {}


def _flat(values: Floats) -> Floats:
    return np.concatenate([values, np.full((values.shape[0], 1), np.nan)], axis=1).ravel()
