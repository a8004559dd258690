"""Tuning windows -> studies: ask a generation, evaluate, record, tell.

    for each generation of a study until its budget is used:
        asks      = recorded, or drawn from the records of earlier generations and written down
        records   = evaluate what is not recorded yet           (any engine, any order)
        tell      = nothing to do: the next generation is asked from the records

Every study goes its own way: its next generation begins when its last one is recorded, whatever the others do.

`evaluate` and `keep` are handed in by the pipeline, so that nothing here knows processes or files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from runner.families.metrics import better
from runner.language.sections.study import Budget, Pruner
from runner.search.pruning import Thresholds, thresholds
from runner.search.study import Search, ask_generation
from runner.values.records import Ask, Generation, TrialRecord


@dataclass(frozen=True)
class TrialJob:
    """One evaluation to run."""

    model: str
    ask: Ask
    limits: Thresholds


@dataclass(frozen=True)
class StudyPlan:
    """One study: the search, and how far it goes."""

    model: str
    search: Search
    pruner: Pruner
    budget: Budget


class Records(Protocol):
    """Where a study is kept."""

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
    """A finished study. `best` is None when the model has failed, with the reason."""

    model: str
    records: tuple[TrialRecord, ...]  # by number
    best: TrialRecord | None
    reason: str | None = None


def tune(plans: Sequence[StudyPlan], records: Records, evaluator: Evaluator) -> dict[str, StudyResult]:
    """Run every study to the end of its budget, from wherever its records stand.

    All share the workers, so that one model's slow trial leaves none idle; no study sees another's records.
    """
    runners = {plan.model: _StudyRunner(plan, records) for plan in plans}
    for runner in runners.values():
        _submit(runner.jobs(), evaluator)
    for job, record in evaluator.outcomes():
        runner = runners[job.model]
        runner.keep(record)
        _submit(runner.jobs(), evaluator)
    return {model: conclude(study.plan, study.done) for model, study in runners.items()}


def _submit(jobs: Iterable[TrialJob], evaluator: Evaluator) -> None:
    for job in jobs:
        evaluator.submit(job)


class _StudyRunner:
    """A study on its way: which generation it is in, and what is recorded."""

    def __init__(self, plan: StudyPlan, records: Records) -> None:
        self.plan, self.records = plan, records
        self.asked = {generation.number: generation for generation in records.generations(plan.model)}
        self.done = {record.number: record for record in records.trials(plan.model)}
        self.number = 0  # of the generation
        self.open: set[int] = set()  # trials of it that are under way

    @property
    def finished(self) -> bool:
        return self._first >= self.plan.budget.trials or self._spent_or_failing()

    def jobs(self) -> list[TrialJob]:
        """The next generation's, as soon as this one is recorded; none while it goes on, or when all is done."""
        jobs: list[TrialJob] = []
        while not self.open and not self.finished:
            jobs = self._generation()
            self.open = {job.ask.number for job in jobs}
            if not jobs:
                self.number += 1
        return jobs

    def _generation(self) -> list[TrialJob]:
        """What is not recorded yet of this generation; it is asked and written down first, where that is new."""
        earlier = [record for record in self.done.values() if record.number < self._first]
        if self.number not in self.asked:
            self.asked[self.number] = ask_generation(self.plan.search, self.number, earlier)
            self.records.add_generation(self.plan.model, self.asked[self.number])
        limits = thresholds(self.plan.pruner, self.plan.search.direction, earlier)
        return [
            TrialJob(self.plan.model, ask, limits)
            for ask in self.asked[self.number].asks
            if ask.number not in self.done and ask.number < self.plan.budget.trials
        ]

    def keep(self, trial: TrialRecord) -> None:
        """On disk before anyone hears of it."""
        self.records.add_trial(self.plan.model, trial)
        self.done[trial.number] = trial
        self.open.discard(trial.number)

    @property
    def _first(self) -> int:
        return self.number * self.plan.search.size

    def _spent_or_failing(self) -> bool:
        """Whether the time is used up, or so much has failed that the model cannot succeed any more."""
        budget, seen = self.plan.budget, [r for r in self.done.values() if r.number < self._first]
        spent = sum(record.seconds for record in seen)
        failed = sum(record.state == "fail" for record in seen)
        return (budget.time is not None and spent >= budget.time) or failed > budget.failures * budget.trials


def conclude(plan: StudyPlan, done: Mapping[int, TrialRecord]) -> StudyResult:
    """The best complete trial; the earliest of equals. More failures than the budget allows is a failed model."""
    records = tuple(done[number] for number in sorted(done) if number < plan.budget.trials)
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


def _why(failed: Sequence[TrialRecord], tried: int) -> str:
    if not failed:
        return f"none of {tried} trials was completed"
    reason, count = Counter(record.reason or "unknown" for record in failed).most_common(1)[0]
    return f"{len(failed)} of {tried} trials failed, {count} of them with: {reason}"
