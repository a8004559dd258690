"""Scores of each series, for whoever asks where a model is good and where it is not."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from runner.families import metrics
from runner.families.metrics.base import Cells
from runner.run.plan import Plan


def series_scores(scored: Mapping[str, Sequence[Cells]], plan: Plan) -> bytes:
    """A parquet file with one row per (model, series): the ids, and every metric over the test windows; null is n/a."""
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
