"""Session -> panel -> plan, before any of it is run; and what a run would do, in words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from runner.data.load import load
from runner.data.memory import trim_memory
from runner.data.saved_panel import open_panel, save_panel
from runner.data.split import keep_series
from runner.errors import DataError
from runner.language.parse import Document
from runner.progress import Listener, Note, Planned
from runner.run.plan import Plan, make_plan, rest_seconds, unobserved
from runner.run.plan_text import plan_document, plan_text
from runner.run.session import Session, read_session
from runner.values.panel import Panel
from runner.values.records import TrialRecord

ROUGHLY = (
    "the estimate is rough: on a quiet machine the fits of our experiments took 0.6 to 1.7 times as long; start-up, "
    "report and delivery add some 10 s"
)
"""Measured on quickstart, walmart, walmart_stores and walmart_full; up to 3 times as long while other work runs."""


def prepare_plan(session: Session) -> Plan:
    """Load the panel, save it where workers map it from, and return the plan of what will be done with it."""
    save_panel(load_panel(session), session.panel_folder)
    trim_memory()
    return plan_session(session, open_panel(session.panel_folder))


def plan_session(session: Session, panel: Panel | None = None) -> Plan:
    """Return the plan of a session, for its own panel unless another is given."""
    panel = load_panel(session) if panel is None else panel
    return make_plan(session.spec, panel, tables=session.tables, key=session.data_key)


def load_panel(session: Session) -> Panel:
    """Return the panel of the spec, without the series that it drops. Raises DataError."""
    forecast = session.spec.forecast
    panel = load(
        session.spec.data,
        horizon=forecast.horizon,
        gap=forecast.gap,
        root=session.document.root,
        trusted=session.trusted,
    )
    changed = [name for name, digest in panel.digests.items() if session.digests.get(name, digest) != digest]
    if changed:
        raise DataError(f"{', '.join(changed)} changed while it was being read; run the same command again")
    return keep_series(panel, session.spec)


def announce_plan(session: Session, plan: Plan, tell: Listener) -> None:
    """Write the plan down and show it, before any of it is done."""
    session.folder.write_document("plan", plan_document(plan))
    recorded = {member.name: len(session.folder.trials(member.name)) for member in plan.studies}
    totals = {m.name: (min(recorded[m.name], plan.trials(m)), plan.trials(m)) for m in plan.studies}
    tell(Planned(plan_text(plan, count_workers(session)), totals))
    for line in _empty_series(plan):
        tell(Note(line, "warning"))
    if any(recorded.values()):
        tell(Note(f"resuming  {sum(recorded.values())} trials are recorded already"))


def preview(document: Document, overrides: tuple[str, ...] = ()) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return what a run would do, in words and as a document; nothing is run or written."""
    session = read_session(document, overrides)
    plan = plan_session(session)
    trials = {member.name: session.folder.trials(member.name) for member in plan.studies}
    recorded = {model: len(records) for model, records in trials.items()}
    facts = {**plan_document(plan), "run_id": session.run_id, "recorded": recorded}
    lines = (
        *plan_text(plan, count_workers(session)),
        *_empty_series(plan),
        f"run       {session.run_id}, {sum(recorded.values())} trials recorded already",
        f"time      {_time_text(session, plan, trials)}",
    )
    return lines, facts


def count_workers(session: Session) -> int:
    """Return the number of workers: as declared, else one a core that this process may use."""
    declared = session.spec.run.workers
    return declared if isinstance(declared, int) else usable_cores()


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _time_text(session: Session, plan: Plan, trials: Mapping[str, Sequence[TrialRecord]]) -> str:
    """How far the estimate can be trusted, or a better one."""
    if session.finished() is not None:
        return "nothing is left to do: the run is finished"
    rest = rest_seconds(plan, trials)
    if not rest:
        return ROUGHLY
    return f"{rest / count_workers(session):.0f} s are left, if the rest takes as long as the recorded trials did"


def _empty_series(plan: Plan) -> tuple[str, ...]:
    empty = unobserved(plan)
    return (f"empty     {empty}",) if empty else ()
