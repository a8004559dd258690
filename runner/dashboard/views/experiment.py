"""Experiment: the leaderboard of a run, and where its models are good and where not."""

from __future__ import annotations

import csv
import io
from typing import Any

import streamlit as st

from runner.dashboard import access, pictures
from runner.dashboard.drawing import show, show_all
from runner.dashboard.elements import badge, empty, figures, plain, table, trouble
from runner.dashboard.frame import guarded, link
from runner.dashboard.source import Run
from runner.dashboard.state import View, choose_run
from runner.report.charts import scores
from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import is_share
from runner.results.narrative import facts_line, headline, paragraphs

VIEWS = ("Scores", "Errors", "Models and data")
_ENDED = "Its last command did not come to its end. These are the results that it has so far."
_MORE = {
    "running": "The run is not finished. These are its results so far.",
    **dict.fromkeys(("interrupted", "stopped", "failed"), _ENDED),
}
"""State of a run with results -> what to know of them."""


def render(view: View) -> None:
    """Draw the answer in words, then the chosen parts."""
    run = choose_run(view)
    if run is None:
        _unfinished(view)
        return
    document = access.document(view.where, run)
    _lead(document, run, view)
    part = st.radio("Show", VIEWS, horizontal=True, key="experiment-part", label_visibility="collapsed")
    if part == "Errors":
        guarded(lambda: _errors(view, run))
    elif part == "Models and data":
        guarded(lambda: _models(view, run))
    else:
        _scores(document, view, run)


def _lead(document: BenchmarkDocument, run: Run, view: View) -> None:
    st.subheader(plain(headline(document)), anchor=False)
    for sentence in paragraphs(document):
        st.markdown(plain(sentence))
    figures(facts_line(document))
    with st.container(horizontal=True):
        badge(run.state)
        link("forecasts", "Forecasts", experiment=run.name, run=run.run_id, source=view.kind)
        link("study", "Study", experiment=run.name, run=run.run_id, source=view.kind)
        link("spec", "Spec", experiment=run.name, run=run.run_id, source=view.kind)
    if run.state in _MORE:
        st.caption(_MORE[run.state])
    for verdict in document.gates:
        if verdict.verdict != "passed":
            trouble(f"Gate {verdict.gate}: {verdict.verdict}. {verdict.reason}")
    if document.gates and all(verdict.verdict == "passed" for verdict in document.gates):
        st.caption("Every gate of its spec is passed.")


def _scores(document: BenchmarkDocument, view: View, run: Run) -> None:
    rows = _filtered(document)
    metrics = list(dict.fromkeys([document.metric, *(m for row in document.results for m in row.scores)]))
    table([_row(row, document, metrics) for row in rows], column_config=_columns(metrics))
    st.download_button(
        "Download as csv",
        _csv(rows, document, metrics),
        f"{document.name}-{document.run_id}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    for row in document.results:
        if row.status == "failed":
            trouble(f"{row.model_name} failed: {row.reason}")
    intervals, over = {}, ""
    if st.toggle("90% intervals", key="experiment-intervals", help="Bootstrap; reads the forecasts."):
        sections = pictures.sections(view.where, run)
        intervals, over = dict(sections.intervals()), sections.resampled
        if not intervals:
            st.caption("There are none: the forecasts are gone, or the metric needs the past.")
    show(scores.scoreboard(document, intervals, over))
    windows = scores.by_window(document) if _n_test(document) > 1 else None
    show_all([windows, scores.tradeoff(document)])
    show(scores.significance(document))
    _window_table(document)


def _filtered(document: BenchmarkDocument) -> list[ResultRow]:
    names = [row.model_name for row in document.results]
    if len(names) < 2:
        return list(document.results)
    left, right = st.columns([3, 1])
    chosen = left.multiselect("Models", names, placeholder="all", key=f"models-{document.name}")
    status = right.selectbox("Status", ["any", "ok", "failed"], key="experiment-status")
    return [
        row
        for row in document.results
        if (not chosen or row.model_name in chosen) and status in ("any", row.status)
    ]  # fmt: skip


def _row(row: ResultRow, document: BenchmarkDocument, metrics: list[str]) -> dict[str, Any]:
    tests = {c.model: c.p_value for c in document.comparisons}
    shown = {m: _scaled(m, row.scores.get(m)) for m in metrics}
    return {
        "rank": row.rank,
        "model": row.model_name + (" (baseline)" if row.model_name == document.baseline else ""),
        **shown,
        "gain": None if row.gain is None else row.gain * 100,
        "p": tests.get(row.model_name),
        "status": row.status,
        "trials": sum(row.trials.values()),
        "tuning s": row.tuning_time,
        "fit s": row.training_time,
        "forecast s": row.prediction_time,
        "rows": row.n_samples,
        "features": row.n_features,
        "fallbacks": row.fallbacks,
    }


def _columns(metrics: list[str]) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    columns = {m: number(m, format="%.2f%%") if is_share(m) else number(m, format="%.5g") for m in metrics}
    columns |= {name: number(name, format="%.2f") for name in ("tuning s", "fit s", "forecast s")}
    return columns | {"gain": number("gain", format="%+.1f%%"), "p": number("p", format="%.3g")}


def _scaled(metric: str, value: float | None) -> float | None:
    return value * 100 if value is not None and is_share(metric) else value


def _csv(rows: list[ResultRow], document: BenchmarkDocument, metrics: list[str]) -> str:
    """Return plain numbers, not percentages; names that a spreadsheet would compute are quoted."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    heads = ["rank", "model", "status", *metrics, "gain", "training_time", "prediction_time", "tuning_time"]
    writer.writerow(heads)
    for row in rows:
        name = f"'{row.model_name}" if row.model_name[:1] in "=+-@" else row.model_name
        times = [row.training_time, row.prediction_time, row.tuning_time]
        writer.writerow([row.rank, name, row.status, *(row.scores.get(m) for m in metrics), row.gain, *times])
    return sink.getvalue()


def _window_table(document: BenchmarkDocument) -> None:
    with st.expander("Scores by window", icon=":material/calendar_view_week:"):
        dates = {w.name: w.last_cutoff for w in document.windows}
        rows = [
            {"model": row.model_name, "window": w.window, "known until": dates.get(w.window, "")}
            | {m: _scaled(m, value) for m, value in w.scores.items()}
            for row in document.results
            for w in row.windows
        ]
        table(rows, column_config=_columns([m for row in document.results for m in row.scores]))


def _errors(view: View, run: Run) -> None:
    sections = pictures.sections(view.where, run)
    charts = sections.where()
    if not charts:
        empty("There are no forecasts of this run", "The forecast files are not there any more; run the spec again.")
    show_all(charts)


def _models(view: View, run: Run) -> None:
    sections = pictures.sections(view.where, run)
    charts = [*sections.models(), *sections.data()]
    if not charts:
        advice = "Pictures of models and data are made from the run folder; choose the benchmark files as data source."
        empty("Nothing to see here", advice)
    show_all(charts)


def _unfinished(view: View) -> None:
    going = [run for run in access.runs(view.where, view.name or "") if run.state == "running"]
    if going:
        empty("A run is going on", "There are no results yet. The page Study shows its trials as they finish.")
        link("study", "Watch it", experiment=view.name or "", run=going[0].run_id, source=view.kind)
    else:
        advice = "No run of this experiment has been finished."
        empty("There are no results yet", advice, f"run-spec specs/{view.name}.yaml")


def _n_test(document: BenchmarkDocument) -> int:
    return sum(window.name.startswith("test") for window in document.windows)
