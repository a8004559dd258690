"""Tuning windows -> studies: ask a generation, evaluate it, record it.

    for each generation of a study until its budget is used:
        asks      = recorded, or drawn from the records of earlier generations and written down
        records   = evaluate what is not recorded yet           (any engine, any order)
        (nothing to tell: the next generation is asked from the records)

Studies are independent: the next generation of one starts when its last one is recorded, independent of the others.
The pipeline hands in the evaluator and the records, so that nothing here knows processes or files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from runner.families.metrics import better
from runner.language.sections.study import Budget
from runner.members.pruners import Pruner
from runner.search.ask import Search, ask_generation
from runner.search.pruning import Thresholds, thresholds
from runner.values.records import Ask, Generation, TrialRecord


@dataclass(frozen=True)
class TrialJob:
    """One evaluation to run."""

    model: str
    ask: Ask
    limits: Thresholds


@dataclass(frozen=True)
class StudyPlan:
    """One study: the search and its budget."""

    model: str
    search: Search
    pruner: Pruner
    budget: Budget


class Records(Protocol):
    """Where studies are recorded; a record is on disk when the call returns."""

    def generations(self, model: str) -> Sequence[Generation]: ...

    def trials(self, model: str) -> Sequence[TrialRecord]: ...

    def add_generation(self, model: str, generation: Generation) -> None: ...

    def add_trial(self, model: str, record: TrialRecord) -> None: ...


class Evaluator(Protocol):
    """Where trials are evaluated: an engine, as this module sees it."""

    def submit(self, job: TrialJob) -> None: ...

    def outcomes(self) -> Iterator[tuple[TrialJob, TrialRecord]]:
        """Yield each submitted job as it finishes, in any order; a failure is a record too. Ends when none is left."""


@dataclass(frozen=True)
class StudyResult:
    """A finished study; `best` is None when the model has failed."""

    model: str
    records: tuple[TrialRecord, ...]  # by number
    best: TrialRecord | None
    reason: str | None = None


def tune(plans: Sequence[StudyPlan], records: Records, evaluator: Evaluator) -> dict[str, StudyResult]:
    """Run every study to the end of its budget, continuing from its records.

    All share the workers, so that a slow trial of one model leaves no worker idle; no study sees another's records.
    """
    runners = {plan.model: _StudyRunner(plan, records) for plan in plans}
    for runner in runners.values():
        _submit(runner.jobs(), evaluator)
    for job, record in evaluator.outcomes():
        runner = runners[job.model]
        runner.record(record)
        _submit(runner.jobs(), evaluator)
    return {model: conclude(runner.plan, runner.recorded) for model, runner in runners.items()}


def _submit(jobs: Iterable[TrialJob], evaluator: Evaluator) -> None:
    for job in jobs:
        evaluator.submit(job)


class _StudyRunner:
    """A study in progress: its current generation, and what is recorded."""

    def __init__(self, plan: StudyPlan, records: Records) -> None:
        self.plan, self.records = plan, records
        self.generations = {generation.number: generation for generation in records.generations(plan.model)}
        self.recorded = {record.number: record for record in records.trials(plan.model)}
        self.number = 0  # of the current generation
        self.running: set[int] = set()  # its trials that are submitted and not recorded

    def jobs(self) -> list[TrialJob]:
        """Return the next generation's jobs once the current one is recorded; none before that, or at the end."""
        jobs: list[TrialJob] = []
        while not self.running and not self._is_finished():
            jobs = self._generation_jobs()
            self.running = {job.ask.number for job in jobs}
            if not jobs:
                self.number += 1
        return jobs

    def record(self, trial: TrialRecord) -> None:
        """Write a trial down, before its generation is continued."""
        self.records.add_trial(self.plan.model, trial)
        self.recorded[trial.number] = trial
        self.running.discard(trial.number)

    def _generation_jobs(self) -> list[TrialJob]:
        """Return the current generation's jobs that are not recorded; a new generation is asked and written first."""
        earlier = self._earlier()
        if self.number not in self.generations:
            self.generations[self.number] = ask_generation(self.plan.search, self.number, earlier)
            self.records.add_generation(self.plan.model, self.generations[self.number])
        limits = thresholds(self.plan.pruner, self.plan.search.direction, earlier)
        return [
            TrialJob(self.plan.model, ask, limits)
            for ask in self.generations[self.number].asks
            if ask.number not in self.recorded and ask.number < self.plan.budget.trials
        ]

    def _is_finished(self) -> bool:
        """Return whether trials or time are used up, or so many trials failed that the model cannot succeed."""
        budget, earlier = self.plan.budget, self._earlier()
        seconds = sum(record.seconds for record in earlier)
        failures = sum(record.state == "fail" for record in earlier)
        return (
            self._first >= budget.trials
            or (budget.time is not None and seconds >= budget.time)
            or failures > budget.failures * budget.trials
        )

    def _earlier(self) -> list[TrialRecord]:
        return [record for record in self.recorded.values() if record.number < self._first]

    @property
    def _first(self) -> int:
        """Number of the current generation's first trial."""
        return self.number * self.plan.search.size


def conclude(plan: StudyPlan, recorded: Mapping[int, TrialRecord]) -> StudyResult:
    """Return the best complete trial, the earliest of equals; with too many failures the model has failed."""
    records = tuple(recorded[number] for number in sorted(recorded) if number < plan.budget.trials)
    failed = [record for record in records if record.state == "fail"]
    best: TrialRecord | None = None
    for record in records:
        if (
            record.state == "complete"
            and record.value is not None
            and (best is None or best.value is None or better(plan.search.direction, record.value, best.value))
        ):
            best = record
    if best is None or len(failed) > plan.budget.failures * plan.budget.trials:
        return StudyResult(plan.model, records, None, _why(failed, len(records)))
    return StudyResult(plan.model, records, best)


def _why(failed: Sequence[TrialRecord], trials: int) -> str:
    if not failed:
        return f"none of {trials} trials was completed"
    reason, count = Counter(record.reason or "unknown" for record in failed).most_common(1)[0]
    return f"{len(failed)} of {trials} trials failed, {count} of them with: {reason}"
