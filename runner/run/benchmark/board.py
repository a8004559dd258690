"""Plan, studies -> Scoreboard: winners, baselines and blends on the test windows, which no search has seen.

recorded rows that still hold are kept                    (a budget that grew may have another winner; a lost worker
                                                           says nothing about its model, a few times)
winners and baselines are fitted again                    (workers; a failure is a row)
blends are made of them, each after its members           (here: it costs nothing)
rank, gain over the baseline, significance
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from runner.families import metrics
from runner.families.metrics.base import Cells
from runner.families.models import ModelError
from runner.run.backtest import Result, cells
from runner.run.benchmark.combine import blend_members, with_quantiles
from runner.run.benchmark.forecasts import decode, encode, series_scores
from runner.run.benchmark.member import Fitted, LostFit, MemberJob, MemberRun
from runner.run.benchmark.rows import failed_row, lost_row, member_row, with_study
from runner.run.benchmark.significance import compare_with_best
from runner.run.plan import Member, Plan
from runner.search.sampled_space import params_from_draws
from runner.search.tune import StudyResult
from runner.values.panel import Forecast
from runner.values.records import Comparison, ModelResult, Score, Scoreboard
from runner.values.section import FrozenMap

Fit = Callable[[Sequence[MemberJob]], Iterable[tuple[MemberJob, Fitted]]]
"""Jobs -> each with its run, or with the reason why it failed; as they finish."""


class Rows(Protocol):
    """Where finished rows are kept."""

    def results(self) -> Mapping[str, ModelResult]: ...

    def add_result(self, result: ModelResult, forecasts: bytes | None = None) -> None: ...

    def forecasts_path(self, model: str) -> Path: ...

    def write_model(self, model: str, files: Mapping[str, bytes]) -> None: ...

    def write_series_scores(self, content: bytes) -> None: ...


def benchmark(plan: Plan, studies: Mapping[str, StudyResult], rows: Rows, fit: Fit) -> Scoreboard:
    """Every member as a row, best first and failed ones last. Resumes from the rows that are kept."""
    bench = _Bench(plan, studies, rows)
    bench.recall()
    for job, run in fit(bench.jobs()):
        bench.settle(plan.member(job.candidate.model), run)
    for member in plan.members:
        if member.of and member.name not in bench.done:
            bench.combine(member)
    return bench.scoreboard()


class _Bench:
    """The rows as they come in, and the runs behind them."""

    def __init__(self, plan: Plan, studies: Mapping[str, StudyResult], rows: Rows) -> None:
        self.plan, self.studies, self.rows = plan, studies, rows
        self.done: dict[str, ModelResult] = {}
        self.runs: dict[str, MemberRun] = {}
        self.losses: dict[str, int] = {}  # of the fits that are retried

    def recall(self) -> None:
        """Take over the kept rows whose winner is still the same; a blend's only with all its members'."""
        kept = self.rows.results()
        for member in self.plan.members:
            row, study = kept.get(member.name), self.studies.get(member.name)
            same = row is not None and row.trial == (study.best.number if study and study.best else None)
            if row is None or not same or not all(name in self.done for name in member.of):
                continue
            if row.should_retry(self.plan.spec.run.timeout):
                self.losses[member.name] = row.losses
                continue
            if row.status == "ok":
                self.runs[member.name] = self._recalled(row)
            self.done[member.name] = with_study(row, study)

    def jobs(self) -> list[MemberJob]:
        """What has to be fitted. A model whose study failed is a row at once."""
        jobs = []
        for member in self.plan.members:
            if member.name in self.done or member.of:
                continue
            study = self.studies.get(member.name)
            if study is not None and study.best is None:
                self._keep(failed_row(member, study.reason or "no trial was completed", study))
            else:
                jobs.append(self._job(member, study))
        return jobs

    def settle(self, member: Member, run: Fitted) -> None:
        """Turn a finished fit into a row."""
        study = self.studies.get(member.name)
        if isinstance(run, LostFit):
            return self._keep(lost_row(member, run, self.losses.get(member.name, 0) + 1, study))
        if isinstance(run, str):
            return self._keep(failed_row(member, run, study))
        self._keep_run(member, run, {})

    def combine(self, member: Member) -> None:
        """Turn finished members into the row of a blend."""
        try:
            run, weights = blend_members(member, self.runs, self.plan)
        except ModelError as error:
            return self._keep(failed_row(member, str(error)))
        self._keep_run(member, run, weights)

    def scoreboard(self) -> Scoreboard:
        """All rows ranked, with gains and comparisons."""
        metric, baseline = self.plan.setup.metric, self.plan.spec.evaluation.baseline
        reference = self.done[baseline].scores.get(metric.name)
        rows = [
            row.model_copy(
                update={
                    "gain": metrics.gain(metric.direction, row.scores.get(metric.name), reference),
                    "scores": self._in_order(row.scores),
                }
            )
            for row in self.done.values()
        ]
        rows.sort(
            key=lambda row: (row.status == "failed", metrics.sort_key(metric.direction, row.scores.get(metric.name)))
        )
        scored = self._cells(rows)
        if scored:
            self.rows.write_series_scores(series_scores(scored, self.plan))
        return Scoreboard(
            metric=metric.name,
            direction=metric.direction,
            baseline=baseline,
            results=tuple(rows),
            comparisons=self._comparisons(scored),
        )

    def _in_order(self, scores: Mapping[str, Score]) -> FrozenMap[str, Score]:
        """The scores in the order of the spec: a row that was read back has them in that of the alphabet."""
        return FrozenMap({m.name: scores[m.name] for m in self.plan.setup.metrics if m.name in scores})

    def _cells(self, ranked: Sequence[ModelResult]) -> dict[str, list[Cells]]:
        """Model -> what the metrics need of each test window, best first."""
        setup = self.plan.setup
        return {
            row.model: [
                cells(window, forecast, setup)
                for window, forecast in zip(setup.windows.test, self.runs[row.model].test.forecasts, strict=True)
            ]
            for row in ranked
            if row.model in self.runs
        }

    def _comparisons(self, scored: Mapping[str, Sequence[Cells]]) -> tuple[Comparison, ...]:
        compare = self.plan.spec.evaluation.compare
        if compare is None or len(scored) < 2:
            return ()
        horizon = self.plan.spec.forecast.horizon
        overlap = -(-horizon // (self.plan.spec.evaluation.test.step or horizon))
        return compare_with_best(scored, next(iter(scored)), self.plan.setup.metric, compare, overlap)

    def _job(self, member: Member, study: StudyResult | None) -> MemberJob:
        values = _best_values(member, study)
        rounds = study.best.rounds if study and study.best else None
        candidate = member.candidate(values, rounds)
        return MemberJob(candidate, self.plan.calibrates)

    def _keep_run(self, member: Member, run: MemberRun, weights: Mapping[str, float]) -> None:
        try:
            finished = with_quantiles(run, self.plan)
        except ModelError as error:
            return self._keep(failed_row(member, str(error), self.studies.get(member.name)))
        self.rows.write_model(member.name, run.files)
        self.runs[member.name] = replace(finished, files={})
        study = self.studies.get(member.name)
        row = member_row(member, finished, self._params(member, study), study, weights)
        self._keep(row, encode(_by_window(finished, self.plan), self.plan))

    def _keep(self, row: ModelResult, forecasts: bytes | None = None) -> None:
        self.rows.add_result(row, forecasts)
        self.done[row.model] = row

    def _params(self, member: Member, study: StudyResult | None) -> dict[str, Any]:
        """Flat: full path -> value, fixed and found."""
        values = _best_values(member, study)
        fixed = {f"params.{name}": value for name, value in member.base.params.items()}
        found = {f"{section}.{name}": value for section, keys in values.items() for name, value in keys.items()}
        return fixed | found

    def _recalled(self, row: ModelResult) -> MemberRun:
        found = decode(self.rows.forecasts_path(row.model).read_bytes(), self.plan)
        windows = self.plan.setup.windows
        test = Result(tuple(found[w.name] for w in windows.test), row.windows, row.scores)
        if not all(w.name in found for w in windows.tuning):
            return MemberRun(test)
        return MemberRun(test, Result(tuple(found[w.name] for w in windows.tuning), (), FrozenMap()))


def _by_window(run: MemberRun, plan: Plan) -> dict[str, Forecast]:
    windows = plan.setup.windows
    found = {w.name: f for w, f in zip(windows.test, run.test.forecasts, strict=True)}
    if run.tuning is not None:
        bare = [replace(forecast, quantiles=None) for forecast in run.tuning.forecasts]
        found |= {w.name: f for w, f in zip(windows.tuning, bare, strict=True)}
    return found


def _best_values(member: Member, study: StudyResult | None) -> dict[str, dict[str, Any]]:
    """Return section -> key -> value of the member's best trial; {} for a member that was not tuned."""
    if study is None or study.best is None or member.space is None:
        return {}
    return params_from_draws(member.space, study.best.params)
