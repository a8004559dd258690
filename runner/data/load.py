"""From the `data:` section of a spec to a Panel: read, convert, join, place on the grid, and check all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from runner.data.convert import numbers
from runner.data.covariates import Tables, place_covariates
from runner.data.gaps import fill_gaps
from runner.data.grid import Grid, make_grid, suggest
from runner.data.join import Joiner
from runner.data.locate import Trust, label, locate
from runner.data.raw import RawTable, Request
from runner.data.read_source import read
from runner.data.roles import assign_roles, check_columns, joined_columns
from runner.data.rows import Ids, Rows, check_unique, place, series_of
from runner.data.times import read_times
from runner.errors import DataCode, DataError
from runner.language.sections.data import Data, TimeInteger
from runner.members.sources.registry import Source
from runner.values.panel import Covariate, Floats, Ints, Panel, Role, after_last

MOST_CELLS = 200_000_000
"""Of the target and all covariates together: 1.6 GB."""
_Read = Callable[[Source, str], RawTable]
"""(source, address) -> its table."""


def load(data: Data, *, horizon: int, gap: int, root: Path, trusted: Trust = False) -> Panel:
    """Return the panel, T steps of history and F = gap + horizon future ones. Raises DataError.

    T ends with the last target that any series has; rows after it give known covariates of the future. `root` is the
    project's folder, which paths are relative to.
    """
    read_one = _Reader(data, root, trusted, gap + horizon)
    panel = _assemble(read_one(data.source, "data.source"), data, gap + horizon, read_one)
    return replace(panel, digests=read_one.digests)


def load_table(main: RawTable, data: Data, *, horizon: int, gap: int) -> Panel:
    """Return the panel of a table in place of `data.source`, without joins and `data.future`."""
    alone = data.model_copy(update={"join": (), "future": None})
    return _assemble(main, alone, gap + horizon, _nothing_else)


def _assemble(main: RawTable, data: Data, ahead: int, read_one: _Read) -> Panel:
    check_columns(main, data)
    history = _place_history(main, data, ahead)
    tables, roles = _read_around(main, data, history, read_one)
    n_all = len(history.grid.values)
    _check_fits(len(history.ids), n_all, 1 + sum(role != "static" for role in roles.values()))
    covariates = place_covariates(tables, roles, history.ids, history.n_steps, n_all)
    return fill_gaps(_make_panel(history, data, covariates), data.gaps)


def _nothing_else(_source: Source, address: str) -> RawTable:
    raise DataError(f"{address}: only the table that was handed in is read", key=address)


class _Reader:
    """Reads one source after the other and keeps the digests of what it read."""

    def __init__(self, data: Data, root: Path, trusted: Trust, ahead: int) -> None:
        integer = isinstance(data.time, TimeInteger)
        self._freq = None if integer else data.freq
        self._root, self._trusted, self._ahead = root.resolve(), trusted, ahead
        self.digests: dict[str, str] = {}

    def __call__(self, source: Source, address: str) -> RawTable:
        files = locate(source, self._root, address=address, trusted=self._trusted)
        labels = tuple(label(file, self._root) for file in files)
        table = read(Request(source, address, files, labels, self._freq, self._ahead))
        self.digests.update({part.label: part.digest for part in table.parts})
        return table


@dataclass(frozen=True)
class _History:
    """The main table on its grid: T steps of history, then the future ones."""

    ids: Ids  # [N]
    rows: Rows  # [R], rows beyond the grid at -1
    grid: Grid  # [T+F]
    n_steps: int  # T
    y: Floats  # [R]

    def stop(self) -> Ints:
        """Return the step after each series' last target, [N], 0 for one without."""
        given = ~np.isnan(self.y)
        stop = np.zeros(len(self.ids), dtype=np.int64)
        np.maximum.at(stop, self.rows.series[given], self.rows.step[given] + 1)
        return stop


def _place_history(main: RawTable, data: Data, ahead: int) -> _History:
    ids, series = series_of(main, data)
    times = read_times(main, data)
    y = numbers(main, data.target, "data.target")
    if np.isnan(y).all():
        message = f"{main.label}: column {data.target} has no value at all"
        raise DataError(message, code=DataCode.BAD_TARGET, key="data.target", column=data.target, file=main.label)
    freq = _frequency(main, data, times)
    grid = make_grid(main, times, freq, ahead)
    step = grid.positions(times)
    check_unique(main, data, Rows(series, step))
    n_steps = int(step[~np.isnan(y)].max()) + 1
    grid = Grid(grid.values[: n_steps + ahead], freq)
    return _History(ids, Rows(series, np.where(step < n_steps + ahead, step, -1)), grid, n_steps, y)


def _frequency(main: RawTable, data: Data, times: Ints) -> str | None:
    if isinstance(data.time, TimeInteger):
        return None
    if data.freq is None:
        fits = suggest(times)
        hint = f"; {fits} would fit every row of {main.label}" if fits else ""
        raise DataError(f"data.freq: the distance between two steps is missing{hint}", key="data.freq")
    return data.freq


def _read_around(main: RawTable, data: Data, history: _History, read_one: _Read) -> tuple[Tables, dict[str, Role]]:
    """Return joined tables, the future, and the role of every column."""
    right = [read_one(join.source, f"data.join[{number}].source") for number, join in enumerate(data.join)]
    added = joined_columns(main, data, right)
    roles = assign_roles(data, [*main.names, *(name for names in added for name in names)])
    future = read_one(data.future, "data.future") if data.future is not None else None
    joiner = Joiner(main, data, history.ids, history.grid, history.rows, future)
    joined = [joiner.join(t, j.keys, names) for t, j, names in zip(right, data.join, added, strict=True)]
    future_rows = place(future, data, history.ids, history.grid) if future is not None else None
    return Tables(main, history.rows, joined, future, future_rows, history.stop()), roles


def _make_panel(history: _History, data: Data, covariates: list[Covariate]) -> Panel:
    n, steps = len(history.ids), history.n_steps
    inside = np.flatnonzero((history.rows.step >= 0) & (history.rows.step < steps))  # rows of the history
    series, step = history.rows.series[inside], history.rows.step[inside]
    y = np.full((n, steps), np.nan)
    y[series, step] = history.y[inside]
    start = np.full(n, steps, dtype=np.int64)
    np.minimum.at(start, series, step)
    # A series without any target has no history to be filled: it is there, and empty at the very end.
    start[~np.isfinite(y).any(axis=1)] = steps
    times = history.grid.as_times()
    return Panel(data.series, history.ids, times, history.grid.freq, y, start, after_last(y), tuple(covariates))


def _check_fits(n_series: int, n_steps: int, n_matrices: int) -> None:
    cells = n_series * n_steps * n_matrices
    if cells > MOST_CELLS:
        raise DataError(
            f"data: {n_series:,} series x {n_steps:,} steps x {n_matrices} columns are {cells:,} cells, and at most "
            f"{MOST_CELLS:,} fit; drop series or covariates, begin later, or use a coarser data.freq",
            key="data",
        )
