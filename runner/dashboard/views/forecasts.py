"""Forecasts: actual values, forecasts, bands and residuals of any series; and of a file of one's own."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from runner.dashboard import access, pictures
from runner.dashboard.drawing import show, show_all
from runner.dashboard.elements import empty, figures, plain, table
from runner.dashboard.frame import guarded
from runner.dashboard.source import Run
from runner.dashboard.state import View, choose_run, linked, remember
from runner.dashboard.upload import charts, facts, read_pairs, remarks
from runner.report.charts import series
from runner.report.charts.scores import looks_of
from runner.results.metric_values import is_share
from runner.results.metric_values import show as written
from runner.results.scored_forecasts import Scored, grouped, point_metric, volumes
from runner.values.panel import Floats

MOST_LISTED = 300
"""Series in the table; the search reaches all."""


def render(view: View) -> None:
    """Draw one run's forecasts, and an upload below."""
    run = choose_run(view)
    if run is None:
        empty("There are no forecasts yet", "They are written when a run has finished.")
    else:
        guarded(lambda: _run(view, run))
    _upload()


def _run(view: View, run: Run) -> None:
    cells = pictures.cells(view.where, run)
    if cells is None or not cells.models:
        empty("There are no forecasts of this run", "The forecast files are not there any more; run the spec again.")
        return
    document = access.document(view.where, run)
    metric = point_metric(document.metric).name
    label = _pick(cells, metric)
    if label is None:
        return
    looks = looks_of(document)
    baseline = document.baseline
    start = list(dict.fromkeys([cells.models[0], *([baseline] if baseline in cells.models else [])]))
    chosen = st.multiselect("Models", list(cells.models), default=start, key=f"forecast-models-{run.name}")
    models = [model for model in cells.models if model in chosen] or start
    at = np.where(cells.series == cells.labels.index(label), 0, -1)
    errors = {m: float(grouped(metric, cells, m, at, 1)[0]) for m in models}
    figures([(f"{metric} of {m}", written(metric, v) if np.isfinite(v) else "n/a") for m, v in errors.items()])
    target = access.spec(view.where, run)[1].get("data", {}).get("target", "target")
    show(series.forecast(cells, label, models, looks, target=str(target)))
    show(series.series_residuals(cells, label, models, looks))
    _list(cells, metric)


def _pick(cells: Scored, metric: str) -> str | None:
    """Return the series: by search, or one of the representative ones."""
    representative = series.pick_series(cells, metric, cells.models[0])
    left, right = st.columns([2, 3])
    wanted = left.text_input("Search series", placeholder="part of an id, such as 1/92", key="series-search").strip()
    found = [label for label in cells.labels if wanted.lower() in label.lower()]
    if not found:
        st.markdown(f"No series has {plain(wanted)} in its id.")
        return None
    names = {label: f"{label} ({which})" for which, label in representative.items()}
    ordered = [*(label for label in names if label in found), *(label for label in found if label not in names)]
    linked_one = linked("series", ordered)
    start = ordered.index(linked_one) if linked_one else 0
    title = f"Series ({len(found):,} of {len(cells.labels):,})"
    label = right.selectbox(
        title, ordered, index=start, format_func=lambda label: names.get(label, label), key=f"series-{wanted}"
    )
    remember("series", label)
    return label


def _list(cells: Scored, metric: str) -> None:
    with st.expander("All series with their errors", icon=":material/table_rows:"):
        size = volumes(cells)
        errors = {m: grouped(metric, cells, m, cells.series, len(cells.labels)) for m in cells.models}
        order = np.argsort(-np.nan_to_num(size))[:MOST_LISTED]
        scale = 100 if is_share(metric) else 1
        rows = [
            {"series": cells.labels[i], "mean actual": float(size[i])}
            | {m: float(e[i]) * scale for m, e in errors.items()}
            for i in order
        ]
        number = st.column_config.NumberColumn
        columns = {m: number(m, format="%.2f%%" if scale == 100 else even(e)) for m, e in errors.items()}
        table(rows, column_config=columns | {"mean actual": number("mean actual", format=even(size))})
        more = f", the largest {MOST_LISTED} of {len(cells.labels):,}" if len(cells.labels) > MOST_LISTED else ""
        st.caption(f"{metric}{more}.")


def even(values: Floats) -> str:
    """Return a format with the same decimals for all values, four digits for the middle one."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    power = math.floor(math.log10(np.median(sizes))) if len(sizes) else 0
    return f"%.{min(max(3 - power, 0), 8)}f"


def _upload() -> None:
    with st.expander("Look at a file of your own", icon=":material/upload_file:"):
        st.caption("A csv with columns `actual` and `predicted`, and `date` if you like. It stays in this session.")
        file = st.file_uploader("csv of actual and predicted values", type=["csv", "tsv"], key="upload")
        if file is not None:
            guarded(lambda: _uploaded(file.getvalue()))


def _uploaded(content: bytes) -> None:
    pairs = read_pairs(content)
    figures(facts(pairs))
    if remarks(pairs):
        st.caption(remarks(pairs))
    show_all(charts(pairs))
