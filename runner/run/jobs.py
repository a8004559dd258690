"""The engine as the stages of a run see it: trials and winners go in, records and runs come out, progress is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from runner.data.workspace import Workspace
from runner.families.engines.base import Engine, EngineOptions, Job, Lost
from runner.families.engines.stop import GRACE_SECONDS, Stop
from runner.families.metrics import better
from runner.families.metrics.base import Direction
from runner.members.engines.registry import ENGINES
from runner.progress import Listener, MemberDone, Note, TrialDone
from runner.run.benchmark.member import Fitted, LostFit, MemberJob
from runner.run.final.fit import FinalJob
from runner.run.plan import Plan
from runner.run.prepare import count_workers
from runner.run.session import Session
from runner.run.trial import failed_trial
from runner.search.tune import TrialJob
from runner.values.records import TrialRecord

_STOPPING = f"stopping: running jobs may finish within {GRACE_SECONDS:.0f} s; a second Ctrl-C ends them at once"


@contextmanager
def start_engine(session: Session, stop: Stop, tell: Listener) -> Iterator[Engine]:
    """Start the engine of a spec, and end it on the way out; once a stop is asked for, no job starts."""
    run = session.spec.run
    options = EngineOptions(
        workers=count_workers(session),
        retries=run.retries,
        timeout=run.timeout,
        stop=stop,
        on_stop=lambda: tell(Note(_STOPPING, "warning")),
        log=session.folder.log_path,
    )
    start = ENGINES[run.engine.kind].implementation()
    with stop.listening(), closing(start(options, run.engine)) as engine:
        yield engine


class JobRunner:
    """Runs the jobs of one session on an engine. `submit` and `outcomes` are what `tune` needs."""

    def __init__(self, session: Session, plan: Plan, engine: Engine, tell: Listener) -> None:
        self._session, self._plan, self._engine, self._tell = session, plan, engine, tell
        self._spec = session.spec.model_dump_json()
        self._workspace = Workspace(session.panel_folder, session.tables, session.data_key)
        self._progress: dict[str, _StudyProgress] = {}

    def submit(self, job: TrialJob) -> None:
        """Add a trial."""
        self._engine.submit(self._job("evaluate_trial", job))

    def outcomes(self) -> Iterator[tuple[TrialJob, TrialRecord]]:
        """Yield each trial with its record as it finishes; a trial whose worker was lost has failed."""
        for job, outcome in self._engine.outcomes():
            trial: TrialJob = job.arguments[-1]
            record = _lost_trial(trial, outcome) if isinstance(outcome, Lost) else outcome
            progress = self._study_progress(trial.model)
            yield trial, record
            self._tell(progress.add(record))

    def fit_winners(self, jobs: Sequence[MemberJob]) -> Iterator[tuple[MemberJob, Fitted]]:
        """Yield each winner with its run as it finishes, or with the reason why there is none."""
        self._engine.close()  # new workers: the old ones still hold memory of the search, and longer tables follow
        for winner in jobs:
            self._engine.submit(self._job("fit_winner", winner))
        for done, (job, outcome) in enumerate(self._engine.outcomes(), start=1):
            run: Fitted = LostFit(outcome.reason, outcome.limit) if isinstance(outcome, Lost) else outcome
            winner = job.arguments[-1]
            yield winner, run
            self._tell(self._member_done(winner, run, done, len(jobs)))

    def fit_final_models(self, jobs: Sequence[FinalJob]) -> Iterator[tuple[FinalJob, Mapping[str, bytes] | str]]:
        """Yield each winner with its files after a fit on all history, or with the reason why it failed.

        One after the other: winners often share the table, which is the longest of the run. The second finds it in
        the cache, where two workers would build it at the same time, with twice the memory.
        """
        self._engine.close()  # as above
        for job in jobs:
            self._engine.submit(self._job("fit_final_model", job))
            for _, outcome in self._engine.outcomes():
                yield job, outcome.reason if isinstance(outcome, Lost) else outcome

    def _job(self, function: str, job: Any) -> Job:
        return Job(f"runner.run.worker:{function}", (self._spec, job), self._workspace)

    def _member_done(self, winner: MemberJob, run: Fitted, done: int, total: int) -> MemberDone:
        name = winner.candidate.model
        if isinstance(run, LostFit | str):
            return MemberDone(name, "failed", None, done, total, run if isinstance(run, str) else run.reason)
        return MemberDone(name, "ok", run.test.scores.get(self._plan.setup.metric.name), done, total, None)

    def _study_progress(self, model: str) -> _StudyProgress:
        """Return the progress of a study; its records are read once, since reading them each time is quadratic."""
        if model not in self._progress:
            plan = self._plan
            progress = _StudyProgress(model, plan.setup.metric.direction, plan.trials(plan.member(model)))
            for record in self._session.folder.trials(model):
                progress.add(record)
            self._progress[model] = progress
        return self._progress[model]


def _lost_trial(trial: TrialJob, lost: Lost) -> TrialRecord:
    return failed_trial(trial, lost.reason, lost.attempts, lost.seconds)


@dataclass
class _StudyProgress:
    """How many trials of a study are recorded, and the best value among them."""

    model: str
    direction: Direction
    total: int
    done: int = 0
    best: float | None = None

    def add(self, record: TrialRecord) -> TrialDone:
        """Count a recorded trial, and return what to show of it."""
        self.done += 1
        if record.value is not None and (self.best is None or better(self.direction, record.value, self.best)):
            self.best = record.value
        return TrialDone(
            model=self.model,
            number=record.number,
            state=record.state,
            value=record.value,
            best=self.best,
            done=self.done,
            total=self.total,
            seconds=record.seconds,
            reason=record.reason,
        )
