"""Tables joined to the main one, checked many-to-one.

Keys are compared as text, and time as time. A table whose keys are ids and time is joined to the *grid* rather than
to the rows: its values are there for absent rows and for the future too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runner.data.convert import text
from runner.data.grid import Grid
from runner.data.raw import RawTable
from runner.data.rows import Ids, Rows, distinct, id_column
from runner.data.times import read_times, time_names
from runner.errors import DataCode, DataError
from runner.language.sections.data import Data, TimeColumns
from runner.values.panel import Floats, Ints


@dataclass(frozen=True)
class Joined:
    """A table and where its rows go; -1 is no match."""

    table: RawTable
    columns: tuple[str, ...]
    on_rows: Ints  # [R], of the main table
    on_future: Ints | None = None  # [R'], of data.future, where the table is joined to rows
    on_grid: Ints | None = None  # [N or 1, S or 1], where it is joined to the grid


def take(values: Floats, index: Ints) -> Floats:
    """Return values of the joined rows, NaN where there is no match; the shape of `index`."""
    return np.append(values, np.nan)[index]


class Joiner:
    """Joins tables one after the other; a later one may have a key that an earlier one brought."""

    def __init__(self, main: RawTable, data: Data, ids: Ids, grid: Grid, rows: Rows, future: RawTable | None) -> None:
        self._main, self._data, self._ids, self._grid, self._rows, self._future = main, data, ids, grid, rows, future
        self._joined: list[Joined] = []

    def join(self, table: RawTable, keys: tuple[str, ...], columns: tuple[str, ...]) -> Joined:
        """Return the table with its place. Raises DataError when its keys repeat, or none matches."""
        right = [self._key(table, name) for name in keys]
        times = set(time_names(self._data)) if not isinstance(self._data.time, TimeColumns) else set()
        if set(keys) <= times | set(self._data.series):
            left = [self._grid_key(name) for name in keys]
            cells = match(right, left, table, keys)
            at = tuple(
                np.minimum(i, n - 1) for i, n in zip((self._rows.series, self._rows.step), cells.shape, strict=True)
            )
            made = Joined(table, columns, cells[at], on_grid=cells)
        else:
            rows = match(right, [self._row_key(name, "main") for name in keys], table, keys)
            made = Joined(table, columns, rows, self._match_future(right, table, keys))
        self._check_met(made, keys, right)
        self._joined.append(made)
        return made

    def _match_future(self, right: list[Any], table: RawTable, keys: tuple[str, ...]) -> Ints | None:
        if self._future is None:
            return None
        return match(right, [self._row_key(name, "future") for name in keys], table, keys)

    def _key(self, table: RawTable, name: str) -> Any:
        if name in time_names(self._data) and not isinstance(self._data.time, TimeColumns):
            return pa.array(read_times(table, self._data, lenient=True))
        return _flat(text(table.column(name, table.address)))

    def _grid_key(self, name: str) -> tuple[Any, tuple[int, int]]:
        if name in self._data.series:
            return id_column(self._ids, self._data.series.index(name)), (-1, 1)
        return pa.array(self._grid.values), (1, -1)

    def _row_key(self, name: str, which: str) -> tuple[Any, tuple[int]]:
        table = self._main if which == "main" or self._future is None else self._future
        if name in table.names:
            return self._key(table, name), (-1,)
        for made in self._joined:
            index = made.on_rows if which == "main" else made.on_future
            if name in made.columns and index is not None:
                values = _flat(text(made.table.column(name, made.table.address)))
                return values.take(pa.array(index, mask=index < 0)), (-1,)
        message = f'data.join: {table.label} has no column "{name}" to join on'
        raise DataError(message, code=DataCode.UNKNOWN_COLUMN, key="data.join", column=name, file=table.label)

    def _check_met(self, made: Joined, keys: tuple[str, ...], right: list[Any]) -> None:
        if (made.on_rows >= 0).any():
            return
        address = made.table.address.removesuffix(".source")
        name = keys[0] if len(keys) == 1 else next((k for k in keys if k not in time_names(self._data)), keys[0])
        here = distinct(_flat(text(self._main.data.column(name)))) if name in self._main.names else []
        there = distinct(_flat(text(made.table.data.column(name))))
        raise DataError(
            f"{address}.keys: no row of {made.table.label} has the {' and '.join(keys)} of a row of {self._main.label} "
            f"({name} is {_shown(there)} there and {_shown(here)} here)",
            key=f"{address}.keys",
            column=name,
            file=made.table.label,
        )


def match(
    right: Sequence[Any], left: Sequence[tuple[Any, tuple[int, ...]]], table: RawTable, keys: tuple[str, ...]
) -> Ints:
    """Return the row of `table` for each combination of left keys, -1 without a match.

    Raises DataError when two rows of the table have the same keys.
    """
    mine = np.zeros(len(table), dtype=np.int64)  # [R'], one number a combination of keys
    parts = []
    for column, (values, shape) in zip(right, left, strict=True):
        known = pc.unique(column)
        mine, base = mine * len(known) + _positions(column, known), len(known)
        parts.append((_positions(values, known).reshape(shape), base))
    _check_unique(mine, table, keys)
    wanted = reduce(_combine, parts, np.zeros((1,) * len(parts[0][0].shape), dtype=np.int64))
    order = np.argsort(mine)
    at = np.minimum(np.searchsorted(mine[order], wanted), len(mine) - 1)
    return np.where((wanted >= 0) & (mine[order][at] == wanted), order[at], -1)


def _combine(whole: Ints, part: tuple[Ints, int]) -> Ints:
    codes, base = part
    return np.where((whole < 0) | (codes < 0), -1, whole * base + codes)


def _positions(values: Any, known: Any) -> Ints:
    indices = pc.fill_null(pc.index_in(values, value_set=known), -1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _check_unique(mine: Ints, table: RawTable, keys: tuple[str, ...]) -> None:
    order = np.argsort(mine, kind="stable")
    again = order[1:][np.diff(mine[order]) == 0]
    if not len(again):
        return
    row = int(again.min())
    row_key = ", ".join(f"{name} {text(table.data.column(name).slice(row, 1))[0].as_py()}" for name in keys)
    address = table.address.removesuffix(".source")
    raise table.error_at(
        row,
        f"{row_key} occurs twice, and a joined table has each key once; "
        f"remove the row, or add the column that tells them apart to {address}.keys",
        key=f"{address}.keys",
        value=row_key,
    )


def _flat(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _shown(values: Sequence[Any] | Mapping[str, Any]) -> str:
    return ", ".join(f'"{value}"' for value in values)
