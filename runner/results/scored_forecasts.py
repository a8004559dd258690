"""Read the scored cells from forecast files, and score any grouping of them.

C cells of the test windows, in the order of the files; all models of a run have the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from runner.families import metrics
from runner.families.metrics.base import Cells, Metric, ratio_or_nan
from runner.members.metrics.registry import METRICS, metric_from
from runner.values.panel import Floats, Forecast, Ints

_LEVEL = re.compile(r"q\d+(\.\d+)?")
_OWN = ("window", "cutoff", "time", "step", "y", "forecast", "fallback")


@dataclass(frozen=True)
class Scored:
    """The scored cells of all models."""

    windows: tuple[str, ...]
    window: Ints  # [C], position in `windows`
    labels: tuple[str, ...]  # [N], `1/92`, or `all`
    series: Ints  # [C], position in `labels`
    step: Ints  # [C], from 1
    time: Any  # [C], datetime64 or integers
    cutoff: Any  # [C]
    y: Floats  # [C], NaN where the cell does not count
    forecasts: Mapping[str, Floats]  # model -> [C]
    quantiles: Mapping[str, Mapping[str, Floats]]  # model -> column such as `q0.1` -> [C]

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models with forecasts."""
        return tuple(self.forecasts)


def read_cells(files: Mapping[str, Path], part: str = "test") -> Scored | None:
    """Return the cells of one part's windows, without models whose cells differ; None when no file can be read."""
    first: Scored | None = None
    address: Any = None
    points: dict[str, Floats] = {}
    bands: dict[str, dict[str, Floats]] = {}
    for model, path in files.items():
        table = _table(path, part)
        if table is None or (first is not None and not _address(table).equals(address)):
            continue
        if first is None:
            first, address = _frame(table), _address(table)
        points[model] = _column(table, "forecast")
        levels = _levels(table)
        columns = {name: _column(table, name) for name in levels}
        bands[model] = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    return None if first is None else Scored(**{**vars(first), "forecasts": points, "quantiles": bands})


def grouped(metric: str, scored: Scored, model: str, codes: Ints, groups: int) -> Floats:
    """Return the metric of each group, [groups], NaN for an empty one; cells with a negative code do not count."""
    measure = point_metric(metric)
    numerator, denominator = _parts(measure, scored, model)
    inside = codes >= 0
    top = _sums(codes[inside], numerator[inside], groups)
    bottom = _sums(codes[inside], denominator[inside], groups)
    return measure.finish(ratio_or_nan(top, bottom))


def interval(metric: str, scored: Scored, model: str, draws: int = 400, level: float = 0.9) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the metric, over series (over dates when there are under five)."""
    measure = point_metric(metric)
    numerator, denominator = _parts(measure, scored, model)
    codes = scored.series if resampled(scored) == "series" else np.unique(scored.time, return_inverse=True)[1]
    n = int(codes.max()) + 1
    top, bottom = _sums(codes, numerator, n), _sums(codes, denominator, n)
    random = np.random.default_rng(0)
    weights = random.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)  # [draws, n]
    values = measure.finish(ratio_or_nan(weights @ top, weights @ bottom))
    tail = (1 - level) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)


def resampled(scored: Scored) -> str:
    """Return what an interval resamples: `series`, or `dates` when there are fewer than five series."""
    return "series" if len(scored.labels) >= 5 else "dates"


def point_metric(name: str) -> Metric:
    """Return the metric of that name if it needs no history, else `wape`."""
    kind = name if METRICS.has(name, "cell_only") else "wape"
    return metrics.build(metric_from(kind), season=1, quantiles=())


def single_cells(truth: Floats, forecast: Floats) -> Cells:
    """Return cells without history, [C] each, as those of one series."""
    return Cells(truth[None, :], Forecast(forecast[None, :]), np.empty((1, 0)), np.full(1, np.nan), 1)


def volumes(scored: Scored) -> Floats:
    """Return the mean absolute truth of each series, [N]; NaN without a cell that counts."""
    present = np.isfinite(scored.y)
    n = len(scored.labels)
    total = _sums(scored.series[present], np.abs(scored.y[present]), n)
    return ratio_or_nan(total, _sums(scored.series[present], np.ones(int(present.sum())), n))


def _sums(codes: Ints, values: Floats, n: int) -> Floats:
    """Return the sum of the values of each code, [n]."""
    return np.bincount(codes, values, n).astype(np.float64)


def _parts(measure: Metric, scored: Scored, model: str) -> tuple[Floats, Floats]:
    parts = measure.parts(single_cells(scored.y, scored.forecasts[model]))
    return np.nan_to_num(parts.numerator[0]), np.nan_to_num(parts.denominator[0])


def _table(path: Path, part: str) -> Any:
    try:
        table = pq.read_table(path)
        return table.filter(pc.starts_with(table["window"], pattern=part))
    except (OSError, ValueError, KeyError):  # pyarrow's own errors are ValueErrors and OSErrors
        return None


def _frame(table: Any) -> Scored:
    names = table.column_names
    ids = [name for name in names if name not in _OWN and name not in _levels(table)]
    window, windows = _codes(table["window"])
    series, labels = _codes(_label(table, ids)) if ids else (np.zeros(len(table), dtype=np.int64), ("all",))
    return Scored(
        windows=windows,
        window=window,
        labels=labels,
        series=series,
        step=table["step"].to_numpy().astype(np.int64),
        time=table["time"].to_numpy(),
        cutoff=table["cutoff"].to_numpy(),
        y=_column(table, "y"),
        forecasts={},
        quantiles={},
    )


def _address(table: Any) -> Any:
    """Return the columns that identify a cell, without a model's forecasts."""
    forecasts = {"forecast", "fallback", *_levels(table)}
    return table.select([name for name in table.column_names if name not in forecasts])


def _label(table: Any, ids: list[str]) -> Any:
    columns = [pc.cast(table[name], "string") for name in ids]
    return pc.binary_join_element_wise(*columns, "/")


def _codes(column: Any) -> tuple[Ints, tuple[str, ...]]:
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), tuple(encoded.dictionary.to_pylist())


def _column(table: Any, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), dtype=float)


def _levels(table: Any) -> list[str]:
    """Return the quantile columns, such as `q0.1`; an id column with such a name is text."""
    return [f.name for f in table.schema if _LEVEL.fullmatch(f.name) and pa.types.is_floating(f.type)]
