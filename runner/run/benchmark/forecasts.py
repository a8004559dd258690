"""Forecasts as a parquet file, one row per (window, series, step), to read and to resume from; scores by series."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from runner.data.split import Window, truth
from runner.families import metrics
from runner.families.metrics.base import Cells
from runner.run.plan import Plan
from runner.values.panel import Forecast

_OWN = ("window", "cutoff", "time", "step", "y", "forecast", "fallback")


def encode(forecasts: Mapping[str, Forecast], plan: Plan) -> bytes:
    """Window name -> forecast, as one parquet file. `y` is null where the cell does not count."""
    tables = [
        _table(window, forecasts[window.name], plan)
        for window in (*plan.setup.windows.tuning, *plan.setup.windows.test)
        if window.name in forecasts
    ]
    sink = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), sink, compression="zstd")
    return sink.getvalue()


def decode(content: bytes, plan: Plan) -> dict[str, Forecast]:
    """What `encode` was given."""
    table = pq.read_table(io.BytesIO(content))
    names = table["window"].to_numpy(zero_copy_only=False)
    windows = {w.name: w for w in (*plan.setup.windows.tuning, *plan.setup.windows.test)}
    return {
        name: _forecast(table.filter(pa.array(names == name)), windows[name], plan) for name in dict.fromkeys(names)
    }


def quantile_column(level: float) -> str:
    """The column of a quantile, such as `q0.1`."""
    return f"q{level:g}"


def _table(window: Window, forecast: Forecast, plan: Plan) -> pa.Table:
    panel, (n, horizon) = plan.setup.panel, forecast.point.shape
    at = window.cutoff[:, None] + window.gap + np.arange(horizon)  # [N, H]
    last_known = np.repeat(np.maximum(window.cutoff - 1, 0), horizon)
    columns: dict[str, pa.Array] = {}
    for position, name in enumerate(panel.id_columns):
        values = np.repeat([ids[position] for ids in panel.ids], horizon)
        columns[f"{name}_id" if name in _OWN else name] = pa.array(values)
    columns |= {
        "window": pa.array([window.name] * (n * horizon)),
        "cutoff": pa.array(panel.times[last_known]),
        "time": pa.array(panel.times[np.minimum(at, len(panel.times) - 1).ravel()]),
        "step": pa.array(np.tile(np.arange(1, horizon + 1, dtype=np.int32), n)),
        "y": pa.array(truth(panel, window).ravel(), from_pandas=True),
        "forecast": pa.array(forecast.point.ravel(), from_pandas=True),
        "fallback": pa.array(
            forecast.fallback.ravel() if forecast.fallback is not None else np.zeros(n * horizon, dtype=bool)
        ),
    }
    for position, level in enumerate(plan.setup.quantiles):
        values = forecast.quantiles[:, :, position] if forecast.quantiles is not None else forecast.point * np.nan
        columns[quantile_column(level)] = pa.array(values.ravel(), from_pandas=True)
    return pa.table(columns)


def _forecast(table: pa.Table, window: Window, plan: Plan) -> Forecast:
    shape = (plan.setup.panel.n_series, window.horizon)

    def column(name: str) -> np.ndarray:
        return np.asarray(table[name].to_numpy(), dtype=float).reshape(shape)

    levels = [column(quantile_column(level)) for level in plan.setup.quantiles]
    known = bool(levels) and bool(np.isfinite(levels).any())
    return Forecast(
        column("forecast"),
        np.stack(levels, axis=-1) if known else None,
        table["fallback"].to_numpy().reshape(shape),
    )


def series_scores(scored: Mapping[str, Sequence[Cells]], plan: Plan) -> bytes:
    """Return a parquet file with one row per (model, series): ids, and metrics over the test windows; null is n/a."""
    panel = plan.setup.panel
    tables = []
    for model, cells in scored.items():
        columns = {"model": pa.array([model] * panel.n_series)}
        for position, name in enumerate(panel.id_columns):
            columns[f"{name}_id" if name == "model" else name] = pa.array([ids[position] for ids in panel.ids])
        for metric in plan.setup.metrics:
            values = metrics.score_by(metric, cells, "series")  # [N]
            columns[metric.name] = pa.array(values, from_pandas=True)
        tables.append(pa.table(columns))
    sink = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), sink, compression="zstd")
    return sink.getvalue()
