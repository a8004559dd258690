"""The panel: N series on one grid of T steps and F future ones, and what a window lets a model see of it.

Shapes in brackets: N series, T steps of history, F future steps, H horizon, Q quantiles. Times and cut-offs
are positions on the grid; a cut-off c means that the steps before c are visible and c is the first that is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Role = Literal["known", "observed", "static"]


@dataclass(frozen=True)
class Covariate:
    """A column with a role. Text is coded as positions in `categories`; NaN is missing."""

    name: str
    role: Role
    values: Floats  # known, observed: [N, T+F] or [T+F]; static: [N]
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Panel:
    """Column names are fixed here for good; nothing below `load` passes them on."""

    id_columns: tuple[str, ...]
    ids: tuple[tuple[str, ...], ...]  # [N], one text a column
    times: NDArray[np.datetime64] | Ints  # [T+F], ascending, evenly spaced by `freq`
    freq: str | None  # None for integer time
    y: Floats  # [N, T], NaN where absent or missing
    start: Ints  # [N], position of each series' first row
    stop: Ints  # [N], one past each series' last target; later rows are its future
    covariates: tuple[Covariate, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)  # what was read -> sha256

    @property
    def n_series(self) -> int:
        return int(self.y.shape[0])

    @property
    def n_steps(self) -> int:
        """T."""
        return int(self.y.shape[1])

    @property
    def n_future(self) -> int:
        """F."""
        return len(self.times) - self.n_steps

    def label(self, series: int) -> str:
        """Return the id of one series as text: `1/92`, or `all` for a single series without id."""
        return "/".join(self.ids[series]) or "all"


@dataclass(frozen=True)
class View:
    """All that a model may see of a window: y and observed covariates are NaN from each cut-off on.

    A static or known covariate is whole. Rows before `first` are hidden too (sliding windows).
    """

    panel: Panel
    cutoff: Ints  # [N], steps before it are visible
    gap: int
    horizon: int
    season: int

    @property
    def targets(self) -> Ints:
        """Positions that are forecast, [N, H]; they may lie beyond T, up to T+F-1."""
        return self.cutoff[:, None] + self.gap + np.arange(self.horizon)


def view_until(panel: Panel, cutoff: Ints, *, first: Ints, gap: int, horizon: int, season: int) -> View:
    """Return the panel as of each series' cutoff. `first` [N] is the first step for training."""
    steps = np.arange(panel.n_steps)
    hidden = (steps >= cutoff[:, None]) | (steps < first[:, None])  # [N, T]
    grid = np.arange(len(panel.times))
    masked = replace(
        panel,
        y=np.where(hidden, np.nan, panel.y),
        start=np.minimum(np.maximum(panel.start, first), cutoff),
        stop=cutoff,  # where the rows really end may lie behind the cut-off, and would tell of it
        covariates=tuple(_hide(c, grid >= cutoff[:, None]) for c in panel.covariates),
    )
    return View(masked, cutoff, gap, horizon, season)


def _hide(covariate: Covariate, future: Bools) -> Covariate:
    if covariate.role != "observed":
        return covariate
    values = np.broadcast_to(covariate.values, future.shape)
    return replace(covariate, values=np.where(future, np.nan, values))


def after_last(y: Floats) -> Ints:
    """Return one past the last target of each row of `y` [N, T], [N]; for an empty row, that of the longest."""
    steps = np.where(np.isfinite(y), np.arange(1, y.shape[1] + 1), 0)
    last: Ints = steps.max(axis=1, initial=0).astype(np.int64)
    return np.where(last > 0, last, last.max(initial=0))


def last_observed(y: Floats) -> Floats:
    """Return the last value of each row that is not missing, [N]; NaN where all are."""
    backwards = np.isfinite(y[:, ::-1])  # [N, T]
    if not y.shape[1]:
        return np.full(len(y), np.nan)
    positions = y.shape[1] - 1 - backwards.argmax(axis=1)  # [N]
    return np.where(backwards.any(axis=1), y[np.arange(len(y)), positions], np.nan)


@dataclass(frozen=True)
class Forecast:
    """What a model says of one window."""

    point: Floats  # [N, H], NaN where it has nothing to say
    quantiles: Floats | None = None  # [N, H, Q], ascending along Q
    fallback: Bools | None = None  # [N, H], served by a simpler rule than the model's own
