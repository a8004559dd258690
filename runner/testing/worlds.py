"""Tiny panels, and feature tables made by hand from nothing but a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runner.families.features.rows import OriginGrid, Rows, pattern, rows
from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import build
from runner.families.models.base import Fit, Task
from runner.families.targets.chain import Chain, Stretch
from runner.members.training import Training
from runner.values.panel import Covariate, Floats, Forecast, Panel, View, last_observed, view_until

SEASON = 4
HORIZON = 6
ORIGINS = (20, 30, 39)
"""Steps before the cutoff, 40, from which values are changed: nothing that is seen from there may differ."""
NAMES = ("last", "season[1]", "step", "series")


def panel(y: Any, future: int = 8) -> Panel:
    """A panel of the rows of y, [N, T]."""
    values = np.atleast_2d(np.asarray(y, dtype=float))
    n, steps = values.shape
    ids = tuple((f"s{i}",) for i in range(n))
    return Panel(("id",), ids, np.arange(steps + future), None, values, np.zeros(n, int), np.full(n, steps))


def dated(steps: int = 60, future: int = 8) -> Panel:
    """Three daily series with a weekly wave, and a covariate of each role."""
    rng, at = np.random.default_rng(6), np.arange(steps)
    y = 50 + 10 * np.sin(at * 2 * np.pi / 7) + rng.normal(0, 1, (3, steps))
    times = np.datetime64("2024-01-01", "us") + np.arange(steps + future) * np.timedelta64(1, "D")
    covariates = (
        Covariate("promo", "known", np.arange(steps + future, dtype=np.float64) % 5),
        Covariate("price", "observed", rng.normal(5.0, 1.0, (3, steps + future))),
        Covariate("size", "static", np.array([0.0, 1, 1]), ("small", "large")),
    )
    return replace(panel(y, future), times=times, freq="D", covariates=covariates)


def some_rows() -> Rows:
    """Return all rows of `dated()` with the cutoff 40."""
    seen = view(dated(), 40)
    return rows(seen, pattern(seen, Training(), seen.horizon))


def changed_from(of: Panel, origin: int) -> Panel:
    """Return the panel with other values of target and observed covariates from a step on; some are missing."""
    return replace(
        of,
        y=_changed(of.y, origin),
        covariates=tuple(
            replace(c, values=_changed(c.values, origin)) if c.role == "observed" else c for c in of.covariates
        ),
    )


def _changed(values: Floats, origin: int) -> Floats:
    steps = np.arange(values.shape[-1])
    other = np.where(steps % 4 == 3, np.nan, 7 + 3 * values[..., ::-1])
    return np.where(steps >= origin, other, values)


def view(of: Panel, cutoff: Any = None, *, gap: int = 0, horizon: int = HORIZON, season: int = SEASON) -> View:
    """What is visible before the cut-off: everything when it is not given."""
    c = np.full(of.n_series, of.n_steps) if cutoff is None else np.broadcast_to(cutoff, of.n_series).astype(np.int64)
    return view_until(of, c, first=np.zeros(of.n_series, np.int64), gap=gap, horizon=horizon, season=season)


def mixed(steps: int = 34) -> Panel:
    """Two seasonal series, a constant one, one without any observation, one with a single one, one with holes."""
    rng = np.random.default_rng(5)
    wave = 50 + 10 * np.sin(np.arange(steps) * 2 * np.pi / SEASON) + np.arange(steps) * 0.3
    y = np.vstack([wave + rng.normal(0, 1, steps) for _ in range(6)])
    y[2], y[3], y[4] = 7.0, np.nan, np.nan
    y[4, 10] = 3.0
    y[5, ::3] = np.nan
    return panel(y)


def tables(of: View) -> WindowTables:
    """The last value, the value a season before the target, the step, and the series as a category."""
    origins = [(n, o) for n in range(of.panel.n_series) for o in range(SEASON, int(of.cutoff[n]))]
    ahead = [(n, int(of.cutoff[n])) for n in range(of.panel.n_series) if np.isfinite(of.panel.y[n]).any()]
    train = _table(of, origins)
    return WindowTables(train, replace(_table(of, ahead), y=np.full(len(ahead) * of.horizon, np.nan)))


def _table(of: View, origins: list[tuple[int, int]]) -> FeatureTable:
    cells = [(n, o, h) for n, o in origins for h in range(1, of.horizon + 1)]
    series, origin, step = (np.array([cell[i] for cell in cells], dtype=np.int32) for i in range(3))
    targets = origin + of.gap + step - 1
    back = ((targets - origin) // SEASON + 1) * SEASON
    known = [last_observed(of.panel.y[[n], :o])[0] for n, o, _ in cells]
    every = np.nan_to_num(np.nanmean(np.abs(np.c_[of.panel.y, np.ones(of.panel.n_series)]), axis=1))
    scale = every[series]
    x = (
        np.c_[known / scale, _at(of.panel.y, series, targets - back) / scale, step, series]
        if cells
        else np.empty((0, 4))
    )
    y = _at(of.panel.y, series, targets) / scale
    at = Rows(series, origin, step, OriginGrid(of.cutoff, int(of.cutoff.max(initial=0)) + 1, 1, of.gap))
    return FeatureTable(NAMES, (3,), tuple(x.astype(np.float32).T), at, y, Chain((Stretch(every[:, None]),)))


def with_x(table: FeatureTable, x: Any) -> FeatureTable:
    """The table with other values."""
    return replace(table, columns=tuple(np.asarray(x, np.float32).T))


def _at(y: Floats, series: Any, positions: Any) -> Floats:
    inside = (positions >= 0) & (positions < y.shape[1])
    return np.where(inside, y[series, np.clip(positions, 0, y.shape[1] - 1)], np.nan)


@dataclass(frozen=True)
class HandMade:
    """Tables that are not made of a configuration."""

    of: View
    made: WindowTables | None = None

    def tables(self) -> WindowTables:
        return self.made or tables(self.of)

    def ahead(self, _states: Any, names: Any) -> FeatureTable:
        assert tuple(names) == NAMES
        return self.tables().ahead

    def factor(self, _some: Rows) -> None:
        return None


def task(of: View, made: WindowTables | None = None) -> Task:
    """The task of a view, with two members to blend."""
    return Task(of, HandMade(of, made), {"a": baseline("naive", of), "b": baseline("drift", of)})


def baseline(kind: str, of: View, params: Mapping[str, Any] | None = None) -> Forecast:
    """The forecast of a model that needs no table."""
    return build(kind, params or {}, 1).start(Task(of)).forecast()


def fitted(kind: str, on: Task, chunks: tuple[int, ...] = (10,), params: Mapping[str, Any] | None = None) -> Fit:
    """A model started and grown."""
    fit = build(kind, params or {}, 3).start(on)
    for rounds in chunks:
        fit.grow(rounds)
    return fit
