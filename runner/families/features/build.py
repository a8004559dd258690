"""View, config -> the rows a trained model learns from and those it forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError
from runner.families.features.config import TableConfig
from runner.families.features.registry import FAMILIES, asked, family
from runner.families.features.rows import Pattern, Rows, estimate, origins, pattern, rows
from runner.families.features.scaling import level_and_scale
from runner.families.features.scopes import Ahead, Column, Past, Scale, Scope, Visible
from runner.families.features.table import FeatureTable, WindowTables
from runner.members.features.section import Features
from runner.values.panel import View

LIMIT_BYTES: Final = 4_000_000_000
ROW_BYTES: Final = 36  # series, origin, step, level, scale, y
LARGEST: Final = float(np.finfo(np.float32).max)
CONSTANT: Final = "the same everywhere in training"
SEASON_PAIRS: Final = 2  # with fewer, a model takes the shocks of one season for the rule


def build(view: View, config: TableConfig, *, max_horizon: int | None = None) -> WindowTables:
    """The tables of one window: P columns, the same for both; columns that cannot help are left out, with the reason.

    No training row has a step beyond the view's horizon, nor beyond `max_horizon`.
    Raises DataError when a key needs dates that are not there, when the table would not fit, or when no column is left.
    """
    pairs = _pattern(view, config, max_horizon)
    origin = origins(view, pairs)
    scale = Scale(*level_and_scale(view.panel.y, origin, config.target))
    past = Past(view.panel, origin=origin, scale=scale, season=view.season, gap=view.gap)
    columns = _columns(config.features, {"ahead": Ahead(view), "origin": past, "window": Visible(view, scale)})
    refuse_too_large(estimate(view, pairs), len(columns))
    wanted = rows(view, pairs)
    x, dropped = _fill(columns, wanted, _season_pairs(view))
    train, ahead = _tables(view, scale, wanted, x)
    return WindowTables(train, ahead, dropped)


def estimate_rows(view: View, config: TableConfig, *, max_horizon: int | None = None) -> int:
    """Rows that `build` would make, both tables together; missing targets are counted, so it is an upper bound."""
    return estimate(view, _pattern(view, config, max_horizon))


def refuse_too_large(n_rows: int, n_columns: int) -> None:
    """Raises DataError with the figure and the keys that mend it."""
    size = n_rows * (4 * n_columns + ROW_BYTES)
    if size > LIMIT_BYTES:
        raise DataError(
            f"features: the table of a window would have {n_rows:,} rows x {n_columns} columns, {size / 1e9:.1f} GB,"
            f" and {LIMIT_BYTES / 1e9:.1f} GB is the most; raise `training.origins.every`,"
            " set `training.origins.last`, or take fewer `training.steps`, such as {every: 3}"
        )


def _pattern(view: View, config: TableConfig, max_horizon: int | None) -> Pattern:
    horizon = view.horizon if max_horizon is None else min(view.horizon, max_horizon)
    return pattern(view, config.training, horizon)


def _columns(features: Features, sights: Mapping[Scope, object]) -> list[Column]:
    """All columns that are asked for, none of them computed yet; the same one asked for twice is one."""
    found = [
        column
        for name, (scope, _) in FAMILIES.items()
        if asked(name, features)
        for column in family(name)(sights[scope], features)
    ]
    return list({column.name: column for column in found}.values())


def _season_pairs(view: View) -> int:
    """How often the longest series shows a season and the one after it."""
    return int((view.cutoff - view.panel.start).max(initial=0)) // view.season - 1


class _Matrix:
    """x of both tables, written column by column (in Fortran's order, so that a column is contiguous)."""

    def __init__(self, n_train: int, n_ahead: int, n_columns: int) -> None:
        self._train = np.empty((n_train, n_columns), np.float32, order="F")
        self._ahead = np.empty((n_ahead, n_columns), np.float32, order="F")
        self.kept: list[Column] = []

    def add(self, column: Column, values: NDArray[np.float32]) -> None:
        n, at = len(self._train), len(self.kept)
        self._train[:, at], self._ahead[:, at] = values[:n], values[n:]
        self.kept.append(column)

    @property
    def parts(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self._train[:, : len(self.kept)], self._ahead[:, : len(self.kept)]


def _fill(columns: list[Column], wanted: Rows, pairs: int) -> tuple[_Matrix, tuple[str, ...]]:
    """The columns that can help, and the others with the reason why not."""
    n, dropped, spare = wanted.n_train, dict[str, str](), None
    x = _Matrix(n, len(wanted) - n, len(columns))
    for column in columns:
        values = np.clip(column.values(wanted), -LARGEST, LARGEST).astype(np.float32)
        reason = _useless(column, values[:n], values[n:], pairs)
        if reason is None:
            x.add(column, values)
            continue
        dropped[column.name] = reason
        spare = (column, values) if reason == CONSTANT else spare
    if not x.kept and spare is not None:  # a constant does no harm, and a model needs one column
        x.add(*spare)
        del dropped[spare[0].name]
    reasons = tuple(f"{name}: {reason}" for name, reason in dropped.items())
    if not x.kept:
        raise DataError(f"features: no column is left to learn from ({'; '.join(reasons) or 'none is asked for'})")
    return x, reasons


def _useless(column: Column, train: NDArray[np.float32], ahead: NDArray[np.float32], pairs: int) -> str | None:
    """Why a column cannot help, if so; without rows of both kinds nothing can be said."""
    if not len(train) or not len(ahead):
        return None
    if column.absolute_date and pairs < SEASON_PAIRS:
        return "names dates that never come again, and there are fewer than three seasons to compare"
    missing = -1.0 if column.categorical else np.nan
    empty = [bool(_is(part, missing).all()) for part in (train, ahead)]
    if empty[0]:
        return "no value at all" if empty[1] else "empty in training, but filled at the forecast"
    if empty[1]:
        return "filled in training, but empty at the forecast"
    return CONSTANT if bool((train == train[0]).all()) else None


def _is(values: NDArray[np.float32], missing: float) -> NDArray[np.bool_]:
    return np.isnan(values) if np.isnan(missing) else values == missing


def _tables(view: View, scale: Scale, wanted: Rows, x: _Matrix) -> list[FeatureTable]:
    """Both tables, from rows that begin with those to learn from."""
    n, level, unit = wanted.n_train, wanted.spread(scale.level), wanted.spread(scale.scale)
    y = np.full(len(wanted), np.nan)
    y[:n] = (view.panel.y[wanted.series[:n], wanted.target[:n]] - level[:n]) / unit[:n]
    return [
        FeatureTable(
            names=tuple(column.name for column in x.kept),
            categorical=tuple(i for i, column in enumerate(x.kept) if column.categorical),
            x=values,
            series=wanted.series[part].astype(np.int32),
            origin=wanted.origin[part].astype(np.int32),
            step=wanted.step[part].astype(np.int32),
            level=level[part],
            scale=unit[part],
            y=y[part],
        )
        for part, values in zip((slice(0, n), slice(n, None)), x.parts, strict=True)
    ]
