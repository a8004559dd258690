"""The whole story of a run, one line a stage.

Nothing calls back upstream: `evaluate`, `fit` and the run folder are handed down. What is finished is on disk before
anyone hears of it, so that the same command goes on from wherever this one was ended.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.data.load import load
from runner.data.memory import trim_memory
from runner.data.saved_panel import open_panel, save_panel
from runner.data.split import keep_series
from runner.errors import DataError
from runner.families.engines.base import Engine, Lost
from runner.families.engines.local import GRACE_SECONDS, Processes
from runner.families.engines.stop import Stop
from runner.families.metrics import better
from runner.families.metrics.base import Direction
from runner.language.parse import parse
from runner.language.sections.study import Budget
from runner.progress import Listener, MemberDone, Note, Planned, TrialDone
from runner.results.document import BenchmarkDocument, benchmark_document
from runner.run.benchmark.board import benchmark
from runner.run.benchmark.member import Fitted, LostFit, MemberJob
from runner.run.final.fit import FinalJob
from runner.run.final.make import Fit, make_finals, summary
from runner.run.final.manifest import Manifest
from runner.run.plan import Member, Plan, make_plan, rest_seconds, unobserved
from runner.run.plan_text import plan_document, plan_text, series_throughout, window_rows
from runner.run.session import Session, now, read_session
from runner.run.trial import failed
from runner.run.worker import Assignment, Context, perform
from runner.search.loop import Evaluated, Jobs, StudyPlan, StudyResult, TrialJob, tune
from runner.search.study import Search
from runner.values.panel import Panel
from runner.values.records import Scoreboard, TrialRecord

ROUGHLY = (
    "the estimate is rough: on a quiet machine the fits of our experiments took 0.6 to 1.7 times as long; beginning, "
    "report and delivery add some 10 s"
)
"""Measured on quickstart, walmart, walmart_stores and walmart_full; beside other work up to 3 times as long."""
_STOPPING = f"stopping: what runs may finish within {GRACE_SECONDS:.0f} s; a second Ctrl-C ends it at once"


def run(session: Session, tell: Listener, stop: Stop) -> BenchmarkDocument:
    """Load, plan, tune, benchmark and write down. Resumes from the records in the session's folder.

    Raises DataError when the data is at fault, Interrupted on a signal; what was finished is kept either way.
    """
    save_panel(load_panel(session), session.panel_folder)
    trim_memory()
    plan = make_plan(session.spec, open_panel(session.panel_folder), tables=session.tables, key=session.data_key)
    describe(session, plan, tell)
    with stop.listening(), closing(_engine(session, stop, tell)) as engine:
        worker = _Worker(session, plan, engine, tell)
        studies = tune(study_plans(session, plan), session.folder, worker.evaluate)
        board = benchmark(plan, studies, session.folder, worker.fit)
        document = conclude(session, plan, studies, board)
        if session.repeats is None:  # the results are on disk whatever becomes of the final models
            finals(session, plan, board, worker.fit_final, tell)
    return document


def finals(
    session: Session, plan: Plan, board: Scoreboard, fit: Fit, tell: Listener, wanted: Collection[str] | None = None
) -> None:
    """Fit the winners on all history and keep them as MLflow models; one that cannot be made is a line."""
    try:
        # MLflow is imported by the process that delivers, and not by its workers.
        write_flavor = importlib.import_module("runner.track.flavor").write_flavor
        flavor_of = importlib.import_module("runner.run.final.flavor").flavor_of
    except Exception as error:  # the import runs code of many others, which may raise anything
        tell(Note(f"there are no final models: MLflow cannot be imported: {summary(error)}", "warning"))
        return
    moment = now()

    def wrap(folder: Path, manifest: Manifest) -> None:
        write_flavor(folder, flavor_of(manifest, plan.setup.panel, moment))

    reasons = make_finals(plan, board, session.folder, fit, wrap, wanted)
    for model, reason in reasons.items():
        tell(Note(f"{model} has no final model: {reason}", "warning"))


def preview(path: Path, overrides: tuple[str, ...] = ()) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What a run would do, in words and as a document; nothing is run or written."""
    session = read_session(parse(path, overrides), overrides)
    plan = make_plan(session.spec, load_panel(session), tables=session.tables, key=session.data_key)
    trials = {member.name: session.folder.trials(member.name) for member in plan.studies}
    recorded = {model: len(records) for model, records in trials.items()}
    document = {**plan_document(plan), "run_id": session.run_id, "recorded": recorded}
    lines = (
        *plan_text(plan, workers_of(session)),
        *_empty_series(plan),
        f"run       {session.run_id}, {sum(recorded.values())} trials recorded already",
        f"time      {_time_words(session, plan, trials)}",
    )
    return lines, document


def plan_again(session: Session) -> dict[str, Any]:
    """The document of its plan, which nothing but spec and data decide."""
    return plan_document(make_plan(session.spec, load_panel(session), tables=session.tables, key=session.data_key))


def _time_words(session: Session, plan: Plan, trials: Mapping[str, Sequence[TrialRecord]]) -> str:
    """How far the estimate can be trusted, or a better one."""
    if session.finished() is not None:
        return "nothing is left to do: the run is finished"
    rest = rest_seconds(plan, trials)
    if not rest:
        return ROUGHLY
    return f"{rest / workers_of(session):.0f} s are left, if the rest takes as long as the recorded trials did"


def _empty_series(plan: Plan) -> tuple[str, ...]:
    empty = unobserved(plan)
    return (f"empty     {empty}",) if empty else ()


def load_panel(session: Session) -> Panel:
    """The panel of the spec, without the series that it drops."""
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


def describe(session: Session, plan: Plan, tell: Listener) -> None:
    """Say the plan before doing it."""
    session.folder.write_document("plan", plan_document(plan))
    recorded = {member.name: len(session.folder.trials(member.name)) for member in plan.studies}
    totals = {m.name: (min(recorded[m.name], plan.trials(m)), plan.trials(m)) for m in plan.studies}
    tell(Planned(plan_text(plan, workers_of(session)), totals))
    for line in _empty_series(plan):
        tell(Note(line, "warning"))
    if any(recorded.values()):
        tell(Note(f"resuming  {sum(recorded.values())} trials are recorded already"))


def study_plans(session: Session, plan: Plan) -> list[StudyPlan]:
    """One study for each member that is trained."""
    study = session.spec.study
    return [
        StudyPlan(
            member.name,
            Search(
                plan.study_key(member),
                member.space if member.space is not None else {},
                study.sampler,
                plan.setup.metric.direction,
                study.generation,
            ),
            study.pruner,
            budget_of(session, plan, member),
        )
        for member in plan.studies
    ]


def budget_of(session: Session, plan: Plan, member: Member) -> Budget:
    """The totals of one study. A repeated one has as many trials as it had, because a clock does not repeat itself."""
    budget = session.spec.study.budget.model_copy(update={"trials": plan.trials(member)})
    if session.repeats is None or budget.time is None:
        return budget
    count = max(session.repeats.get(member.name, budget.trials), 1)
    failures = min(budget.failures * budget.trials / count, 1.0)
    return budget.model_copy(update={"trials": count, "time": None, "failures": failures})


def conclude(session: Session, plan: Plan, studies: dict[str, StudyResult], board: Scoreboard) -> BenchmarkDocument:
    """Compact the finished studies, count the look at the test windows, and write the results document."""
    for model in studies:
        session.folder.compact(model)
    board = board.model_copy(update={"test_looks": session.count_look()})
    document = benchmark_document(
        board,
        timestamp=now(),
        name=session.spec.name,
        description=session.spec.description,
        run_id=session.run_id,
        dataset=session.dataset,
        n_series=plan.setup.panel.n_series,
        n_series_throughout=series_throughout(plan),
        windows=window_rows(plan),
    )
    session.folder.write_document("scoreboard", board.model_dump(mode="json"))
    session.folder.write_document("benchmark", document.model_dump(mode="json"))
    return document


def workers_of(session: Session) -> int:
    """Worker processes: as declared, else one a core that this process may use."""
    declared = session.spec.run.workers
    return declared if isinstance(declared, int) else usable_cores()


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _engine(session: Session, stop: Stop, tell: Listener) -> Engine:
    run_section = session.spec.run
    return Processes(
        perform,
        workers=workers_of(session),
        retries=run_section.retries,
        timeout=run_section.timeout,
        stop=stop,
        log=session.folder.log_path,
        on_stop=lambda: tell(Note(_STOPPING, "warning")),
    )


@dataclass
class _Standing:
    """How many trials of a study are recorded, and the best value among them."""

    direction: Direction
    done: int = 0
    best: float | None = None

    def add(self, record: TrialRecord) -> None:
        self.done += 1
        if record.value is not None and (self.best is None or better(self.direction, record.value, self.best)):
            self.best = record.value


@dataclass
class _Worker:
    """The engine as `tune` and `benchmark` know it: records and runs come out, and progress is told."""

    session: Session
    plan: Plan
    engine: Engine
    tell: Listener
    standings: dict[str, _Standing] = field(default_factory=dict)

    def evaluate(self, jobs: Jobs) -> Iterator[Evaluated]:
        """Each trial's record as it finishes; a lost worker's trial is a failed one."""
        context = self._context
        for assignment, outcome in self.engine.run(job if job is None else Assignment(context, job) for job in jobs):
            job = assignment.job
            assert isinstance(job, TrialJob)
            record = (
                failed(job, outcome.reason, outcome.attempts, outcome.seconds) if isinstance(outcome, Lost) else outcome
            )
            standing = self._standing(job.model)
            yield Evaluated(job.model, record)
            self._trial_done(job.model, record, standing)

    def fit(self, jobs: Sequence[MemberJob]) -> Iterator[tuple[MemberJob, Fitted]]:
        """Each winner's run as it finishes, or the reason why there is none."""
        self.engine.close()  # new workers: what the search has left in the old ones would stand beside longer tables
        for done, (assignment, outcome) in enumerate(
            self.engine.run([Assignment(self._context, job) for job in jobs]), start=1
        ):
            job = assignment.job
            assert isinstance(job, MemberJob)
            run: Fitted = LostFit(outcome.reason, outcome.limit) if isinstance(outcome, Lost) else outcome
            yield job, run
            reason = run.reason if isinstance(run, LostFit) else run if isinstance(run, str) else None
            value = None if isinstance(run, str | LostFit) else run.test.scores.get(self.plan.setup.metric.name)
            status = "failed" if reason else "ok"
            self.tell(MemberDone(job.candidate.model, status, value, done, len(jobs), reason))

    @property
    def _context(self) -> Context:
        session = self.session
        return Context(session.spec.model_dump_json(), session.panel_folder, session.tables, session.data_key)

    def fit_final(self, jobs: Sequence[FinalJob]) -> Iterator[tuple[FinalJob, str | None]]:
        """Each winner once more, on all history, with the reason where that failed.

        One after the other: winners often share the table, which is the longest of the run. The second finds it made,
        where two workers would build it beside each other, at twice the memory.
        """
        self.engine.close()  # as above
        for job in jobs:
            for _, outcome in self.engine.run([Assignment(self._context, job)]):
                yield job, outcome.reason if isinstance(outcome, Lost) else outcome

    def _standing(self, model: str) -> _Standing:
        """Where the study stands; its records are read once, since reading them for every trial is quadratic."""
        if model not in self.standings:
            self.standings[model] = _Standing(self.plan.setup.metric.direction)
            for record in self.session.folder.trials(model):
                self.standings[model].add(record)
        return self.standings[model]

    def _trial_done(self, model: str, record: TrialRecord, standing: _Standing) -> None:
        standing.add(record)
        total = self.plan.trials(self.plan.member(model))
        self.tell(
            TrialDone(
                model,
                record.number,
                record.state,
                record.value,
                standing.best,
                standing.done,
                total,
                record.seconds,
                record.reason,
            )
        )
