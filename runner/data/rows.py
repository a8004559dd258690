"""Which series and which step each row of the main table is, and which rows are the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runner.data.convert import text
from runner.data.grid import Grid, off_grid, show
from runner.data.raw import RawTable
from runner.data.times import read_times, time_names
from runner.errors import DataCode
from runner.language.sections.data import Data
from runner.values.panel import Ints

Ids = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Rows:
    """The place of each row of a table in the panel, [R]; -1 outside."""

    series: Ints
    step: Ints

    @property
    def inside(self) -> Ints:
        """Return the rows that are in the panel."""
        return np.flatnonzero((self.series >= 0) & (self.step >= 0))


def series_of(table: RawTable, data: Data) -> tuple[Ids, Ints]:
    """Return the ids in natural order [N] and each row's series [R]. Raises DataError when an id is missing."""
    if not data.series:
        return ((),), np.zeros(len(table), dtype=np.int64)
    combined, texts = np.zeros(len(table), dtype=np.int64), []
    for name in data.series:
        column = text(table.column(name, "data.series")).combine_chunks().dictionary_encode()
        codes, known = column.indices.to_numpy().astype(np.int64), column.dictionary.to_pylist()
        if "" in known:
            row = int(np.argmax(codes == known.index("")))
            raise table.error_at(row, f"column {name}: the id is missing", key="data.series", column=name)
        texts.append((codes, known))
        _, combined = np.unique(combined * len(known) + codes, return_inverse=True)
    _, first, combined = np.unique(combined, return_index=True, return_inverse=True)
    ids = [tuple(known[codes[row]] for codes, known in texts) for row in first.tolist()]
    order = sorted(range(len(ids)), key=lambda i: tuple(_natural(part) for part in ids[i]))
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(len(ids))
    return tuple(ids[i] for i in order), rank[combined]


def _natural(part: str) -> tuple[bool, int, str]:
    """Return the sort key of natural order: 2 before 10, and numbers before words."""
    return (False, int(part), part) if part.isascii() and part.isdecimal() else (True, 0, part)


def place(table: RawTable, data: Data, ids: Ids, grid: Grid) -> Rows:
    """Return rows of `data.future` in the panel of the main table; -1 for other series and times."""
    mine, series = series_of(table, data)
    position = {one: number for number, one in enumerate(ids)}
    known = np.array([position.get(one, -1) for one in mine], dtype=np.int64)[series]
    times = read_times(table, data, lenient=True)
    step = grid.positions(times)
    between = step < -1
    if between.any():
        row = int(np.argmax(between))
        raise off_grid(table, row, show(int(times[row]), grid.freq), grid.freq)
    rows = Rows(known, np.where(step < len(grid.values), step, -1))
    check_unique(table, data, rows)
    return rows


def check_unique(table: RawTable, data: Data, rows: Rows) -> None:
    """Raise DataError when two rows are the same series and time."""
    inside = rows.inside
    if not len(inside):
        return
    cell = rows.series[inside] * (int(rows.step.max()) + 1) + rows.step[inside]
    order = np.argsort(cell, kind="stable")
    again = order[1:][np.diff(cell[order]) == 0]
    if not len(again):
        return
    row = int(inside[again].min())
    earlier = int(inside[np.argmax(cell == cell[np.searchsorted(inside, row)])])
    names = (*data.series, *time_names(data))
    row_key = ", ".join(f"{name} {_value(table, name, row)}" for name in names)
    count = "1 row repeats" if len(again) == 1 else f"{len(again):,} rows repeat"
    raise table.error_at(
        row,
        f"{row_key} was there already at {table.where(earlier)}; {count} a series and time: "
        "remove them, or add the column that tells them apart to data.series",
        code=DataCode.DUPLICATE_ROW,
        key="data.series",
        value=row_key,
    )


def _value(table: RawTable, name: str, row: int) -> str:
    return str(text(table.data.column(name).slice(row, 1))[0].as_py())


def id_column(ids: Ids, at: int) -> Any:
    """Return one id column as text, [N]."""
    return pa.array([one[at] for one in ids], type=pa.string())


def distinct(values: Any) -> Sequence[Any]:
    """Return some values of an arrow array, for a message."""
    return pc.unique(values).slice(0, 3).to_pylist()  # type: ignore[no-any-return]
