"""Compare: what differs between runs, and the scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from runner.dashboard import access
from runner.dashboard.drawing import show
from runner.dashboard.elements import empty, plain, table, trouble
from runner.dashboard.source import Run
from runner.dashboard.state import View, remember
from runner.errors import RunSpecError
from runner.language.inherit import COMMON
from runner.report.charts import scores
from runner.results.document import BenchmarkDocument
from runner.results.metric_values import badness, direction, is_share
from runner.results.metric_values import show as written

MOST = 6
"""Runs side by side."""
_DIGEST = re.compile(r"[0-9a-f]{40,64}")
"""A commit or a sha256, of which the beginning tells two apart."""


def render(view: View) -> None:
    """Draw the chosen runs, their specs and their scores."""
    chosen = _choose(view)
    if len(chosen) < 2:
        alone = "" if chosen else "Nothing is chosen. "
        advice = "Add a run, or another experiment above. What differs in their specs is shown with their scores."
        empty("Choose two runs or more", alone + advice)
        return
    found: list[tuple[Run, BenchmarkDocument]] = []
    for run in chosen:
        try:
            found.append((run, access.document(view.where, run)))
        except RunSpecError as error:
            trouble(str(error))
    if len(found) < 2:
        return
    titles = _titles([run for run, _ in found])
    _answer(found, titles)
    st.subheader("What was changed", anchor=False)
    _specs(view, [run for run, _ in found], titles)
    st.subheader("What came of it", anchor=False)
    _scores([document for _, document in found], titles)


def _choose(view: View) -> list[Run]:
    asked = st.query_params.get("runs", "").split(",")
    there = {view.name, *(key.rpartition("/")[0] for key in asked)}
    start = [name for name in view.names if name in there]
    others = st.multiselect("Experiments", list(view.names), default=start, key=f"compare-names-{view.name}")
    runs = [run for name in others for run in access.runs(view.where, name) if run.has_results]
    by_key = {f"{run.name}/{run.run_id}": run for run in runs}
    linked = [key for key in asked if key in by_key][:MOST]
    keys = st.multiselect(
        "Runs",
        list(by_key),
        default=linked or list(by_key)[:2],
        format_func=lambda key: f"{by_key[key].name} · {by_key[key].title}" if len(others) > 1 else by_key[key].title,
        max_selections=MOST,
        key=f"compare-runs-{'-'.join(others)}",
    )
    remember("runs", ",".join(keys) or None)
    return [by_key[key] for key in keys]


def _titles(runs: Sequence[Run]) -> list[str]:
    many = len({run.name for run in runs}) > 1
    return [f"{run.name} {run.run_id}" if many else run.run_id for run in runs]


def _answer(results: Sequence[tuple[Run, BenchmarkDocument]], titles: Sequence[str]) -> None:
    metrics = {document.metric for _, document in results}
    rows = [document.best() for _, document in results]
    if len(metrics) > 1:
        trouble("These runs are ranked by different metrics; only the metrics they share can be compared.")
        return
    metric, cells = metrics.pop(), {tuple(w.n_cells for w in d.windows) for _, d in results}
    parts = [f"{t}: {written(metric, row.scores.get(metric))}" for t, row in zip(titles, rows, strict=True) if row]
    st.markdown(plain(f"{metric} of the best models: {'; '.join(parts)}."))
    if len(cells) > 1:
        trouble("These runs were scored on different windows or data, so their scores are not on a par.")


def _specs(view: View, runs: Sequence[Run], titles: Sequence[str]) -> None:
    flat = [dict(flattened(access.spec(view.where, run)[1])) for run in runs]
    if not all(flat):
        trouble("The spec of a run is not there any more, so the specs cannot be compared.")
        return
    rows = spec_rows(flat, titles)
    if rows:
        table(rows)
        return
    st.markdown("The specs are the same.")
    around = [dict(flattened(access.environment(view.where, run))) for run in runs]
    rows = spec_rows(around, titles)
    if rows:
        st.markdown("What differs around them:")
        table(rows)


def spec_rows(specs: Sequence[Mapping[str, str]], titles: Sequence[str]) -> list[dict[str, str]]:
    """Return a row for each key with differences; keys from a common section appear once."""
    keys = dict.fromkeys(key for spec in specs for key in spec)
    found = {key: [spec.get(key) for spec in specs] for key in keys}
    return [
        {"key": key, **{title: "–" if v is None else v for title, v in zip(titles, values, strict=True)}}
        for key, values in found.items()
        if len(set(values)) > 1 and values != found.get(_common(key))
    ]


def _common(key: str) -> str:
    """Return `features.lags` of `models.lightgbm.features.lags`; empty for keys of one model alone."""
    section, _, rest = key.removeprefix("models.").partition(".")
    known = key.startswith("models.") and rest.split(".")[0] in COMMON
    return rest if known and section else ""


def flattened(tree: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Yield (dotted path, value as text) of every leaf."""
    if not isinstance(tree, Mapping):
        return [(prefix, _leaf(tree))]
    return [pair for key, value in tree.items() for pair in flattened(value, f"{prefix}.{key}" if prefix else str(key))]


def _leaf(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(_leaf(v) for v in value) if isinstance(value, list | tuple) else str(value)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text


def _scores(documents: Sequence[BenchmarkDocument], titles: Sequence[str]) -> None:
    metrics = [m for m in _metrics(documents[0]) if all(m in _metrics(d) for d in documents)]
    if not metrics:
        return
    metric = st.selectbox("Metric", metrics, key="compare-metric")
    models = list(dict.fromkeys(row.model_name for document in documents for row in document.results))
    scale = 100 if is_share(metric) else 1
    rows: list[dict[str, Any]] = []
    for model in models:
        values = [_value(document, model, metric) for document in documents]
        row: dict[str, Any] = {"model": model}
        row |= {title: None if v is None else v * scale for title, v in zip(titles, values, strict=True)}
        if len(values) == 2 and values[0] is not None and values[1] is not None:
            row["difference"] = (values[1] - values[0]) * scale
            row["second is"] = _word(metric, values[0], values[1])
        rows.append(row)
    number = st.column_config.NumberColumn
    form = "%.2f%%" if scale == 100 else "%.5g"
    columns = {title: number(title, format=form) for title in titles}
    columns["difference"] = number("difference", format=form, help="the second run minus the first")
    table(rows, column_config=columns)
    show(scores.side_by_side(dict(zip(titles, documents, strict=True)), metric))


def _word(metric: str, first: float, second: float) -> str:
    """Return how the second compares with the first."""
    before, after = (badness(value, direction(metric)) for value in (first, second))
    return "better" if after < before else "worse" if after > before else "the same"


def _metrics(document: BenchmarkDocument) -> list[str]:
    return list(dict.fromkeys([document.metric, *(m for row in document.results for m in row.scores)]))


def _value(document: BenchmarkDocument, model: str, metric: str) -> float | None:
    row = next((row for row in document.results if row.model_name == model), None)
    return row.scores.get(metric) if row else None
