"""Covariates on the grid of the panel: scattered from rows, or looked up in a joined table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runner.data.convert import Column, columns
from runner.data.join import Joined, take
from runner.data.raw import RawTable, column_hint
from runner.data.rows import Ids, Rows
from runner.errors import DataCode, DataError
from runner.values.panel import Covariate, Floats, Ints, Role


@dataclass(frozen=True)
class Tables:
    """All that was read, and the places of its rows."""

    main: RawTable
    rows: Rows
    joined: Sequence[Joined]
    future: RawTable | None
    future_rows: Rows | None
    stop: Ints  # [N], one past each series' last target, 0 for one without


def place_covariates(tables: Tables, roles: Mapping[str, Role], ids: Ids, n_steps: int, n_all: int) -> list[Covariate]:
    """Return every covariate of the panel: [N, T+F], [T+F] when joined on time alone, or [N]."""
    owner = {name: joined for joined in tables.joined for name in joined.columns}
    return [
        _joined(tables, owner[name], name, role, ids, n_steps, n_all)
        if name in owner
        else _own(tables, name, role, ids, n_steps, n_all)
        for name, role in roles.items()
    ]


def _own(tables: Tables, name: str, role: Role, ids: Ids, n_steps: int, n_all: int) -> Covariate:
    """Return a column of the main table; a known one has values in `data.future` too."""
    if role != "known" or tables.future is None:
        (column,) = columns([tables.main], name, f"data.covariates.{role}")
        return _from_rows(tables, name, role, column, None, ids, n_steps, n_all)
    if name not in tables.future.names:
        hint = column_hint(name, tables.future.names)
        label, key = tables.future.label, "data.future"
        message = f'{key}: {label} has no column "{name}", which is known{hint}'
        raise DataError(message, code=DataCode.UNKNOWN_COLUMN, key=key, column=name, file=label)
    column, ahead = columns([tables.main, tables.future], name, "data.covariates.known")
    return _from_rows(tables, name, role, column, ahead.values, ids, n_steps, n_all)


def _joined(tables: Tables, joined: Joined, name: str, role: Role, ids: Ids, n_steps: int, n_all: int) -> Covariate:
    (column,) = columns([joined.table], name, joined.table.address)
    if role == "static" or joined.on_grid is None:
        ahead = None if joined.on_future is None else take(column.values, joined.on_future)
        at_rows = Column(take(column.values, joined.on_rows), column.categories)
        return _from_rows(tables, name, role, at_rows, ahead, ids, n_steps, n_all)
    values = take(column.values, joined.on_grid)  # [N or 1, T+F or 1]
    if values.shape[0] > 1 or len(ids) == 1:
        values = np.array(np.broadcast_to(values, (len(ids), n_all)))
    else:
        values = np.array(np.broadcast_to(values[0], (n_all,)))
    return Covariate(name, role, _hide_future(values, role, n_steps), column.categories)


def _from_rows(
    tables: Tables, name: str, role: Role, column: Column, ahead: Floats | None, ids: Ids, n_steps: int, n_all: int
) -> Covariate:
    if role == "static":
        return Covariate(name, role, _one_each(tables, name, column.values, ids), column.categories)
    values = np.full((len(ids), n_all), np.nan)
    _scatter(values, column.values, tables.rows)
    if ahead is not None and tables.future_rows is not None:
        _scatter_ahead(values, ahead, tables.future_rows, tables.stop)
    return Covariate(name, role, _hide_future(values, role, n_steps), column.categories)


def _scatter(matrix: Floats, values: Floats, rows: Rows) -> None:
    inside = rows.inside
    matrix[rows.series[inside], rows.step[inside]] = values[inside]


def _scatter_ahead(matrix: Floats, values: Floats, rows: Rows, stop: Ints) -> None:
    """Put values of the future after each series' last target, and into gaps before it."""
    given = rows.inside[~np.isnan(values[rows.inside])]
    series, step, values = rows.series[given], rows.step[given], values[given]
    wanted = np.isnan(matrix[series, step]) | (step >= stop[series])
    matrix[series[wanted], step[wanted]] = values[wanted]


def _hide_future(values: Floats, role: Role, n_steps: int) -> Floats:
    if role == "observed":
        values[..., n_steps:] = np.nan
    return values


def _one_each(tables: Tables, name: str, values: Floats, ids: Ids) -> Floats:
    """Return the one value of each series, [N], of those present. Raises DataError when there are two."""
    rows_present = np.flatnonzero(~np.isnan(values))
    value_each = np.full(len(ids), np.nan)
    # Written backwards, so that the first row of each series is what remains.
    value_each[tables.rows.series[rows_present[::-1]]] = values[rows_present[::-1]]
    odd = rows_present[values[rows_present] != value_each[tables.rows.series[rows_present]]]
    if len(odd):
        row = int(odd[0])
        series = "/".join(ids[int(tables.rows.series[row])]) or "all"
        raise tables.main.error_at(
            row,
            f"column {name} changes within series {series}, so it is not static; list it under known or observed",
            code=DataCode.STATIC_VARIES,
            key="data.covariates.static",
            column=name,
        )
    return value_each
