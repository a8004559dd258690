"""Study: the trials of a search, while it runs and afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import streamlit as st

from runner.dashboard import access
from runner.dashboard.access import SHORT
from runner.dashboard.drawing import show, show_all
from runner.dashboard.elements import badge, empty, figures, plain, table
from runner.dashboard.files import Files
from runner.dashboard.frame import guarded
from runner.dashboard.source import Run
from runner.dashboard.state import View, choose_run, linked, remember
from runner.report.charts import search
from runner.results.metric_values import direction, is_share
from runner.results.metric_values import show as written
from runner.results.run_facts import counted_trials
from runner.results.scoreboard import seconds
from runner.values.records import TrialRecord

TALLEST = 420
"""Pixels of the table of trials, which scrolls beyond."""
EVERY = "3s"
"""How often a running study is read."""


def render(view: View) -> None:
    """Draw the study of one model of one run."""
    run = _going_on(view) or choose_run(view, results=False)
    if run is None:
        empty("There is no run yet", "Start one, and its trials appear here as they finish.")
        return
    here = _here(run) if run.state == "running" else None
    if here is not None and here.state == "running":
        _live(view, here)
    elif here is not None:
        files = access.key("files")
        _study(files, here, access.trials(files, here))
    elif run.state == "running":
        _afar(view, run)
    else:
        _study(view.where, run, access.trials(view.where, run))


def _live(view: View, run: Run) -> None:
    """Draw the study from the records again and again: for any source they are first."""
    local = Files(access.root())

    @st.fragment(run_every=EVERY)
    def follow() -> None:
        now = local.run(run.name, run.run_id)
        if now is None or now.state != "running":
            access.runs.clear()
            st.rerun()
        else:
            st.caption("Live: read again every three seconds.")
            guarded(lambda: _study(access.key("files"), now, local.trials(now)))

    follow()


def _afar(view: View, run: Run) -> None:
    """Draw the delivered trials of a run on another machine, asked for no more often than lists."""

    @st.fragment(run_every=SHORT)
    def follow() -> None:
        guarded(lambda: _delivered(view, run))  # read again it is outside the net of the page

    follow()


def _delivered(view: View, run: Run) -> None:
    now = next((r for r in access.runs(view.where, run.name) if r.run_id == run.run_id), None)
    if now is None or now.state != "running":
        st.rerun()
    else:
        moment, studies = access.trials_so_far(view.where, now)
        st.caption(f"As of {moment:%H:%M:%S} UTC, read again every ten seconds: what has been delivered by then.")
        _study(view.where, now, studies)


def _going_on(view: View) -> Run | None:
    """Return a run on this machine that MLflow does not have yet, unless the reader chose another."""
    if view.kind == "files" or view.name is None:
        return None
    files = Files(access.root())
    recent = files.runs(view.name, 10) if view.name in files.names() else ()
    running = [run for run in recent if run.state == "running"]
    if running and st.toggle("Follow the run that is going on", value=True, key=f"follow-{view.name}"):
        return running[0]
    return None


def _here(run: Run) -> Run | None:
    """Return a running run from the records on this machine; None when it was resumed elsewhere.

    A store still says `running` of a run that was killed, or whose end has not been delivered.
    """
    found = Files(access.root()).run(run.name, run.run_id)
    return found if found and (found.state == "running" or found.started >= run.started) else None


def _study(where: access.Key, run: Run, studies: Mapping[str, Sequence[TrialRecord]]) -> None:
    badge(run.state)
    if run.state == "stopped":
        st.caption("Its process is gone. The same command resumes it.")
    if not studies:
        empty("No trials", "This run has no study, or its first trial has not finished yet.")
        return
    models = _ordered(where, run, studies)
    start = models.index(linked("model", models) or _first(run, models, studies))
    model = st.radio("Model", models, index=start, horizontal=True, key=f"study-model-{run.name}", format_func=plain)
    remember("model", model)
    trials = studies[model]
    if not trials:
        empty("No trial has finished yet", "This page shows the first one as soon as it is recorded.")
        return
    trials = _of_the_budget(where, run, model, trials)
    metric, towards = _metric(where, run)
    _figures(trials, metric, towards)
    _charts(trials, metric, towards, live=run.state == "running")
    _table(trials, metric)


def _ordered(where: access.Key, run: Run, studies: Mapping[str, Sequence[TrialRecord]]) -> list[str]:
    """Return models as a finished run ranks them, else by name."""
    if run.state != "finished" or not run.best_model:
        return list(studies)
    ranked = [row.model_name for row in access.document(where, run).results]
    return sorted(studies, key=lambda model: ranked.index(model) if model in ranked else len(ranked))


def _first(run: Run, models: Sequence[str], studies: Mapping[str, Sequence[TrialRecord]]) -> str:
    """Return the best model of a finished run; else the one whose trial began last."""
    if run.state == "finished" and run.best_model:
        return models[0]
    return max(models, key=lambda model: max((t.started for t in studies[model]), default=""))


def _of_the_budget(where: access.Key, run: Run, model: str, trials: Sequence[TrialRecord]) -> Sequence[TrialRecord]:
    """Return the trials that the results of a finished run use, with a word on the others."""
    if run.state != "finished" or not run.best_model:
        return trials
    kept = counted_trials(access.document(where, run), model, trials)
    beyond = len(trials) - len(kept)
    if beyond:
        st.caption(f"The first {len(kept):,} trials, the budget of these results; {beyond:,} more are recorded.")
    return kept


def _metric(where: access.Key, run: Run) -> tuple[str, str]:
    """Return name and direction of the tuned metric, from the results or else from the spec."""
    if run.best_model:
        document = access.document(where, run)
        return document.metric, document.direction
    wanted: Any = access.spec(where, run)[1].get("evaluation", {}).get("metric", "value")
    name = next(iter(wanted)) if isinstance(wanted, dict) and wanted else str(wanted)
    return name, direction(name)


def _figures(trials: Sequence[TrialRecord], metric: str, direction: str) -> None:
    done = [t.value for t in trials if t.value is not None]
    best = written(metric, search.running_best(done, direction)[-1]) if done else "none yet"
    counts = {state: sum(t.state == state for t in trials) for state in ("complete", "pruned", "fail")}
    pairs = [("best", best), ("complete", str(counts["complete"])), ("pruned", str(counts["pruned"]))]
    figures([*pairs, ("failed", str(counts["fail"])), ("time", seconds(sum(t.seconds for t in trials)))])


def _charts(trials: Sequence[TrialRecord], metric: str, direction: str, *, live: bool) -> None:
    curves = search.curves(trials, metric, direction)
    show_all([search.history(trials, metric, direction), curves], key="study-")
    if curves is None and any(trial.curve for trial in trials):
        st.caption("The error by boosting rounds is drawn where it can be had: from the benchmark files.")
    if live or len(trials) < 2:
        return
    shares = search.shares(trials, direction)
    parallel = search.parallel(trials, metric, direction)
    if shares:
        show(search.importance(shares), key="study-")
    show(parallel, key="study-")
    slices = search.slices(trials, metric)
    if slices:
        st.subheader("Value by parameter", anchor=False)
        show_all(slices, key="study-")


def _table(trials: Sequence[TrialRecord], metric: str) -> None:
    st.subheader("Trials", anchor=False)
    states = ["complete", "pruned", "fail"]
    chosen = st.multiselect("State", states, placeholder="all", key="study-states")
    kept = [t for t in trials if not chosen or t.state in chosen]
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    numeric = numeric_parameters(kept)
    columns: dict[str, Any] = {search.short(n): number(search.short(n), format=form) for n, form in numeric.items()}
    columns |= {metric: number(metric, format="%.2f%%" if is_share(metric) else "%.5g")}
    columns |= {"seconds": number("seconds", format="%.2f"), "reason": text("reason", width="medium")}
    rows = [_row(t, metric, set(numeric)) for t in reversed(kept)]
    table(rows, height=min(TALLEST, 38 + 35 * max(1, len(kept))), column_config=columns)


def numeric_parameters(trials: Sequence[TrialRecord]) -> dict[str, str | None]:
    """Return parameters with numbers alone, and the format of their column: whole numbers unchanged."""
    values: dict[str, list[Any]] = {}
    for trial in trials:
        for name, value in trial.params.items():
            values.setdefault(name, []).append(value)
    return {
        name: None if all(isinstance(v, int) for v in found) else "%.4g"
        for name, found in values.items()
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in found)
    }


def _row(trial: TrialRecord, metric: str, numeric: Set[str]) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "state": trial.state,
        metric: None if trial.value is None else trial.value * (100 if is_share(metric) else 1),
        "rounds": trial.rounds,
        "seconds": round(trial.seconds, 2),
        "reason": trial.reason or "",
        **{search.short(n): v if n in numeric else _short(v) for n, v in trial.params.items()},
    }


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
