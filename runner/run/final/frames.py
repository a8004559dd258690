"""DataFrame -> panel, panel -> DataFrame, forecast -> table: how a final model talks to people and to MLflow.

The frame that goes in has the columns of the spec: ids, time, target and the covariates that the model looks at. A row
without a target after the last one of its series is the future, and gives known covariates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from runner.data.load import load_table
from runner.data.raw import Part, RawTable
from runner.data.split import Window
from runner.data.times import time_names
from runner.errors import DataError
from runner.language.sections.data import Covariates, Data, TimeColumns, TimeInteger
from runner.run.benchmark.forecasts import quantile_column
from runner.run.final.future_window import forecast_window, target_positions
from runner.run.final.manifest import Manifest
from runner.values.panel import Covariate, Floats, Forecast, Ints, Panel

_OWN: Final = ("time", "step", "forecast")
_LABEL: Final = "the input"


def panel_of(frame: pd.DataFrame, manifest: Manifest) -> Panel:
    """The panel of a frame: history, and the future rows. Raises DataError with the row of the frame."""
    table = _raw(frame)
    forecast = manifest.spec.forecast
    return load_table(table, _flat(table, manifest), horizon=forecast.horizon, gap=forecast.gap)


def frame_of(
    panel: Panel, manifest: Manifest, series: Sequence[int] | None = None, most: int | None = None
) -> pd.DataFrame:
    """The frame from which `panel_of` makes this panel again: every step of each series, and those that are forecast.

    `series` and `most` (steps of history) cut it down to an example.
    """
    window = forecast_window(panel, manifest.spec)
    chosen = np.arange(panel.n_series) if series is None else np.asarray(series)
    end = window.cutoff[chosen] + window.gap + window.horizon
    start = panel.start[chosen] if most is None else np.maximum(panel.start[chosen], window.cutoff[chosen] - most)
    rows = np.repeat(chosen, end - start)  # [R]
    at = np.concatenate([np.arange(a, b) for a, b in zip(start, end, strict=True)])  # [R]
    columns: dict[str, Any] = {
        name: pd.Series([panel.ids[i][place] for i in rows], dtype="object")
        for place, name in enumerate(panel.id_columns)
    }
    columns |= dict(_time_columns(panel, at, manifest.spec.data))
    known = at < np.minimum(window.cutoff[rows], panel.n_steps)
    y = panel.y[rows, np.minimum(at, panel.n_steps - 1)]
    columns[manifest.spec.data.target] = np.where(known, y, np.nan)
    wanted = {column.name for column in manifest.columns}
    columns |= {c.name: _values(c, rows, at) for c in panel.covariates if c.name in wanted}
    return pd.DataFrame(columns)


def forecast_table(panel: Panel, window: Window, forecast: Forecast, quantiles: Sequence[float]) -> pa.Table:
    """One row a series and step: ids, time, step, forecast and `q0.1` and the like; null where there is no forecast."""
    n, horizon = forecast.point.shape
    columns: dict[str, Any] = {}
    for place, name in enumerate(panel.id_columns):
        values = np.repeat([ids[place] for ids in panel.ids], horizon)
        columns[f"{name}_id" if name in _OWN else name] = pa.array(values, type=pa.string())
    columns["time"] = pa.array(panel.times[target_positions(panel, window).ravel()])
    columns["step"] = pa.array(np.tile(np.arange(1, horizon + 1, dtype=np.int32), n))
    columns["forecast"] = pa.array(forecast.point.ravel(), from_pandas=True)
    for place, level in enumerate(quantiles):
        if forecast.quantiles is not None:
            columns[quantile_column(level)] = pa.array(forecast.quantiles[:, :, place].ravel(), from_pandas=True)
    return pa.table(columns)


def _raw(frame: pd.DataFrame) -> RawTable:
    if not len(frame):
        raise DataError(f"{_LABEL}: there is no row")
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise DataError(f"{_LABEL}: a column is of several types: {str(error).splitlines()[0]}") from None
    part = Part(_LABEL, len(frame), lambda row: f"row {row + 1}", "")
    return RawTable("data.source", table, (part,))


def _flat(table: RawTable, manifest: Manifest) -> Data:
    """`data:` of the spec for one table that has it all; columns that the model does not look at are ignored."""
    data = manifest.spec.data
    by_role = {
        role: tuple(c.name for c in manifest.columns if c.role == role) for role in ("known", "observed", "static")
    }
    return data.model_copy(
        update={
            "covariates": Covariates.model_validate({**by_role, "rest": "ignore"}),
            "time_format": None if _is_moment(table, data) else data.time_format,
        }
    )


def _is_moment(table: RawTable, data: Data) -> bool:
    """Whether time is stored as such, so that there is no spelling of it to be read."""
    kinds = [table.column(name, "data.time").type for name in time_names(data)]
    return any(pa.types.is_timestamp(kind) or pa.types.is_date(kind) for kind in kinds)


def _time_columns(panel: Panel, at: Ints, data: Data) -> Iterator[tuple[str, Any]]:
    """Time as the spec has it: moments, or texts where it says how they are written or in which columns."""
    if isinstance(data.time, TimeInteger):
        yield data.time.integer, panel.times[at]
        return
    moments = pd.DatetimeIndex(panel.times[at])
    if isinstance(data.time, TimeColumns):
        names = data.time.columns
        texts = moments.strftime(data.time_format or "%Y-%m-%d %H:%M:%S")
        parts = [text.split(" ", len(names) - 1) for text in texts]
        yield from ((name, [part[place] for part in parts]) for place, name in enumerate(names))
    elif data.time_format is not None:
        yield data.time, list(moments.strftime(data.time_format))
    else:
        yield data.time, moments


def _values(covariate: Covariate, rows: Ints, at: Ints) -> Any:
    values = covariate.values[rows] if covariate.role == "static" else _on_grid(covariate.values, rows, at)
    if covariate.categories is None:
        return values
    texts = [*covariate.categories, None]
    return pd.Series([texts[int(code) if np.isfinite(code) else -1] for code in values], dtype="object")


def _on_grid(values: Floats, rows: Ints, at: Ints) -> Floats:
    found: Floats = values[at] if values.ndim == 1 else values[rows, at]
    return found
