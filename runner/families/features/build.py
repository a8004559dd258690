"""View, config -> the rows a trained model learns from and those it forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError
from runner.families.features.cache import Arrays, Cache, hold
from runner.families.features.config import TableConfig
from runner.families.features.rows import OriginGrid, Pattern, Rows, estimate, origin_grid, pattern, rows
from runner.families.features.sight import Column, Feature, Sight, State, Stateless, TrainingPart
from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.families.targets.chain import Chain, Units, fit_chain, load_steps, transform_history
from runner.values.panel import Floats, Ints, View

LIMIT_BYTES: Final = 4_000_000_000
ROW_BYTES: Final = 20  # series, origin, step, y
LARGEST: Final = float(np.finfo(np.float32).max)
CONSTANT: Final = "the same everywhere in training"
SEASON_PAIRS: Final = 2  # with fewer, a model takes the shocks of one season for the rule


@dataclass(frozen=True)
class TableBuilder:
    """Makes the tables of one window: with a cache, only what is not there yet."""

    view: View
    config: TableConfig
    cache: Cache | None = None

    def tables(self) -> WindowTables:
        """Return the tables; in one process the same key gives the same object.

        Columns that cannot help are left out, with the reason.
        Raises DataError when a key needs dates that are not there, when the table would not fit, or when no column
        is left.
        """
        if self.cache is None:
            return build(self.view, self.config)
        key = self.cache.key("tables", self.config.document())
        return hold(self.cache, key, lambda: build(self.view, self.config, cache=self.cache))

    def ahead(self, states: Mapping[str, State], names: Sequence[str]) -> FeatureTable:
        """Return the rows to forecast with columns that a model has learnt from. Raises ModelError."""
        making = _Making(self.view, self.config, None, max_horizon=0)
        columns = {column.name: column for _, column in making.columns(states)}
        absent = [name for name in names if name not in columns]
        if absent:
            raise ModelError(f"it needs {', '.join(absent)}, which cannot be made of this history")
        chosen = [columns[name] for name in names]
        return making.ahead_table(chosen, [_values(column, making.rows) for column in chosen])

    def factor(self, some: Rows) -> Floats | None:
        """Return units of the data in one unit of a training prediction, [R]; None where it varies."""
        return _Making(self.view, self.config, None).chain.factor(some)


def build(
    view: View, config: TableConfig, *, max_horizon: int | None = None, cache: Cache | None = None
) -> WindowTables:
    """Return the tables of one window: P columns, the same for both.

    No training row has a step beyond the view's horizon, nor beyond `max_horizon`.
    """
    making = _Making(view, config, cache, max_horizon)
    states = making.states()
    columns = {column.name: (member, column) for member, column in making.columns(states)}
    refuse_too_large(estimate(view, making.pattern), len(columns))
    kept, dropped = _choose([(c, making.values(m, c)) for m, c in columns.values()], making.n_train, view)
    chosen, values = [column for column, _ in kept], [value for _, value in kept]
    used = {columns[column.name][0] for column in chosen}
    train = making.train_table(chosen, values)
    ahead = making.ahead_table(chosen, [value[making.n_train :] for value in values])
    return WindowTables(train, ahead, dropped, {name: state for name, state in states.items() if name in used})


def estimate_rows(view: View, config: TableConfig, *, max_horizon: int | None = None) -> int:
    """Return an upper bound of the rows that `build` makes, both tables together."""
    return estimate(view, _pattern(view, config, max_horizon))


def refuse_too_large(n_rows: int, n_columns: int) -> None:
    """Raise DataError with the figure and the keys that make the table smaller."""
    size = n_rows * (4 * n_columns + ROW_BYTES)
    if size > LIMIT_BYTES:
        raise DataError(
            f"features: the table of a window would have {n_rows:,} rows x {n_columns} columns, {size / 1e9:.1f} GB,"
            f" and {LIMIT_BYTES / 1e9:.1f} GB is the most; raise `training.origins.every`,"
            " set `training.origins.last`, or take fewer `training.steps`, such as {every: 3}",
            key="features",
        )


@dataclass(frozen=True)
class _Making:
    """The parts of a table, each made when something needs it: with a warm cache most are not."""

    view: View
    config: TableConfig
    cache: Cache | None
    max_horizon: int | None = None

    def states(self) -> dict[str, State]:
        """Return the fitted state of each feature."""
        return {name: self._state(name, feature) for name, feature in self.features.items()}

    def columns(self, states: Mapping[str, State]) -> Iterator[tuple[str, Column]]:
        """Return (member, column) of all columns, not yet computed."""
        for name, feature in self.features.items():
            if name in states:
                yield from ((name, column) for column in feature.columns(self.sight, states[name]))

    def values(self, member: str, column: Column) -> NDArray[np.float32]:
        """Return the values of a column [R], training rows first; the key has all that decides them."""
        if self.cache is None:
            return _values(column, self.rows)
        decides = self._arguments(member) if column.depends_on is None else column.depends_on
        key = self.cache.key("column", self._rows_document, member, column.name, decides)
        return self.cache.get(key, lambda: {"values": _values(column, self.rows)})["values"]

    @cached_property
    def features(self) -> dict[str, Feature]:
        return {member.name: member.implementation()(value) for member, value in self.config.features.asked()}

    @cached_property
    def pattern(self) -> Pattern:
        return _pattern(self.view, self.config, self.max_horizon)

    @cached_property
    def grid(self) -> OriginGrid:
        return origin_grid(self.view, self.pattern)

    @cached_property
    def origins(self) -> Ints:
        return self.grid.positions

    @cached_property
    def rows(self) -> Rows:
        return rows(self.view, self.pattern)

    @cached_property
    def chain(self) -> Chain:
        return fit_chain(load_steps(self.config.target), self.view, self.origins)

    @cached_property
    def sight(self) -> Sight:
        return Sight(self.view, self.origins, self._past)

    @property
    def n_train(self) -> int:
        return int(self._frame["n_train"])

    def train_table(self, columns: Sequence[Column], values: Sequence[NDArray[np.float32]]) -> FeatureTable:
        """Return the training rows, given columns of all rows."""
        n = self.n_train
        return _table(columns, [value[:n] for value in values], self._rows_of(slice(0, n), self.grid), self._frame["y"])

    def ahead_table(self, columns: Sequence[Column], values: Sequence[NDArray[np.float32]]) -> FeatureTable:
        """Return the rows to forecast; their target steps are fitted at the cutoff alone, to save memory."""
        cutoff = replace(self.grid, count=1)
        ahead = self._rows_of(slice(self.n_train, None), cutoff)
        chain = fit_chain(load_steps(self.config.target), self.view, cutoff.positions)
        return _table(columns, values, ahead, np.full(len(ahead), np.nan), chain)

    def _rows_of(self, part: slice, grid: OriginGrid) -> Rows:
        frame = self._frame
        return Rows(frame["series"][part], frame["origin"][part], frame["step"][part], grid)

    @cached_property
    def _frame(self) -> Arrays:
        """Return rows, and the target of the training rows."""
        if self.cache is None:
            return self._make_frame()
        return self.cache.get(self.cache.key("rows", self._rows_document), self._make_frame)

    def _make_frame(self) -> Arrays:
        every, n = self.rows, self.rows.n_train
        learnt = every.take(slice(0, n))
        y = self.chain.apply(self.view.panel.y[learnt.series, learnt.target], learnt)
        indices = {name: getattr(every, name).astype(np.int32) for name in ("series", "origin", "step")}
        return {**indices, "y": y, "n_train": np.array(n)}

    def _state(self, name: str, feature: Feature) -> State:
        if self.cache is None or isinstance(feature, Stateless):
            return feature.fit(self._training)
        key = self.cache.key("state", self._rows_document["target"], name, self._arguments(name))
        return self.cache.get(key, lambda: dict(feature.fit(self._training)))

    @cached_property
    def _training(self) -> TrainingPart:
        return TrainingPart(replace(self.view, panel=replace(self.view.panel, y=self._past()[0])))

    def _past(self) -> tuple[Floats, Units]:
        return transform_history(self.chain.steps, self.view.panel.y), self.chain.units

    @cached_property
    def _rows_document(self) -> dict[str, Any]:
        document = self.config.document()
        return {"target": document["target"], "training": document["training"], "max_horizon": self.max_horizon}

    def _arguments(self, member: str) -> Any:
        return self.config.document()["features"][member]


def _pattern(view: View, config: TableConfig, max_horizon: int | None) -> Pattern:
    horizon = view.horizon if max_horizon is None else min(view.horizon, max_horizon)
    return pattern(view, config.training, horizon)


def _values(column: Column, rows: Rows) -> NDArray[np.float32]:
    values: NDArray[np.float32] = np.clip(column.values(rows), -LARGEST, LARGEST).astype(np.float32)
    return values


def _season_pairs(view: View) -> int:
    """Return how often the longest series shows a season and the one after it."""
    return int((view.cutoff - view.panel.start).max(initial=0)) // view.season - 1


Filled = tuple[Column, NDArray[np.float32]]


def _choose(columns: Sequence[Filled], n_train: int, view: View) -> tuple[list[Filled], tuple[str, ...]]:
    """Return the columns that can help, and the others with the reason."""
    kept, dropped, spare, pairs = list[Filled](), dict[str, str](), None, _season_pairs(view)
    for column, values in columns:
        reason = _useless(column, values[:n_train], values[n_train:], pairs)
        if reason is None:
            kept.append((column, values))
            continue
        dropped[column.name] = reason
        spare = (column, values) if reason == CONSTANT else spare
    if not kept and spare is not None:  # a constant does no harm, and a model needs one column
        kept.append(spare)
        del dropped[spare[0].name]
    reasons = tuple(f"{name}: {reason}" for name, reason in dropped.items())
    if not kept:
        message = f"features: no column is left to learn from ({'; '.join(reasons) or 'none is asked for'})"
        raise DataError(message, key="features")
    return kept, reasons


def _useless(column: Column, train: NDArray[np.float32], ahead: NDArray[np.float32], pairs: int) -> str | None:
    """Return why a column cannot help; None where it can, or where rows of one kind are absent."""
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


def _table(
    columns: Sequence[Column],
    values: Sequence[NDArray[np.float32]],
    some: Rows,
    y: Floats,
    target: Chain | None = None,
) -> FeatureTable:
    return FeatureTable(
        names=tuple(column.name for column in columns),
        categorical=tuple(place for place, column in enumerate(columns) if column.categorical),
        columns=tuple(values),
        rows=some,
        y=y,
        target=target,
    )
