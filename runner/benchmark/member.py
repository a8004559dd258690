"""One member on the test windows: what a worker fits, what the driver adds to it, and the row it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.backtest import Result, backtest, rescored
from runner.benchmark.calibrate import residual_quantiles, series_scale
from runner.models import ModelError
from runner.models.blend import learn_weights
from runner.panel import Forecast
from runner.plan import Candidate, Member, Plan
from runner.records import ModelResult
from runner.spec.values import FrozenMap
from runner.split import truth
from runner.tune import StudyResult


@dataclass(frozen=True)
class MemberJob:
    """A winner to be fitted on the test windows, and on the tuning windows too where something is learnt there."""

    candidate: Candidate
    calibrate: bool
    save_to: Path | None = None  # an existing folder for native model files


@dataclass(frozen=True)
class MemberRun:
    """A member's forecasts and scores."""

    test: Result
    tuning: Result | None = None


def fit_member(job: MemberJob, plan: Plan) -> MemberRun:
    """Fit a winner anew on every window. Raises ModelError."""
    setup = plan.setup
    tuning = backtest(job.candidate, setup.windows.tuning, setup) if job.calibrate else None
    test = backtest(job.candidate, setup.windows.test, setup, save_to=job.save_to)
    return MemberRun(test, tuning)


def blend_members(member: Member, runs: Mapping[str, MemberRun], plan: Plan) -> tuple[MemberRun, dict[str, float]]:
    """A blend of finished members, and its weights. Raises ModelError naming the members that are missing."""
    missing = [name for name in member.of if name not in runs]
    if missing:
        raise ModelError(f"it is a blend of {', '.join(member.of)}, and {', '.join(missing)} failed")
    setup = plan.setup
    weights = _weights(member, runs, plan)
    candidate = replace(member.base, params=FrozenMap[str, Any]({"of": member.of, "weights": weights}))
    members: dict[str, tuple[Forecast, ...]] = {name: runs[name].test.forecasts for name in member.of}
    test = backtest(candidate, setup.windows.test, setup, members=members)
    tuned = {name: run.forecasts for name in member.of if (run := runs[name].tuning) is not None}
    tuning = backtest(candidate, setup.windows.tuning, setup, members=tuned) if len(tuned) == len(member.of) else None
    return MemberRun(test, tuning), weights


def with_quantiles(run: MemberRun, plan: Plan) -> MemberRun:
    """The run with quantiles around its test forecasts, and their scores; unchanged when none are asked for."""
    if not plan.setup.quantiles or run.tuning is None:
        return run
    setup = plan.setup
    offsets = residual_quantiles(run.tuning.forecasts, setup.windows.tuning, setup)
    forecasts = tuple(
        offsets.around(forecast, series_scale(setup, window))
        for window, forecast in zip(setup.windows.test, run.test.forecasts, strict=True)
    )
    return replace(run, test=rescored(replace(run.test, forecasts=forecasts), setup.windows.test, setup))


def member_row(
    member: Member, run: MemberRun, params: Mapping[str, Any], study: StudyResult | None, weights: Mapping[str, float]
) -> ModelResult:
    """The member's row on the scoreboard; its gain is added when the baseline is known."""
    best = study.best if study else None
    return with_study(
        ModelResult(
            model=member.name,
            kind=member.kind,
            status="ok",
            scores=FrozenMap(run.test.scores),
            windows=run.test.windows,
            params=FrozenMap(params),
            rounds=best.rounds if best else None,
            weights=FrozenMap(weights),
            fit_seconds=sum(w.fit_seconds for w in run.test.windows),
            predict_seconds=sum(w.predict_seconds for w in run.test.windows),
            n_cells=sum(w.n_cells for w in run.test.windows),
            n_samples=max((w.n_train_rows for w in run.test.windows), default=0),
            n_features=max((w.n_features for w in run.test.windows), default=0),
            fallbacks=sum(w.fallbacks for w in run.test.windows),
        ),
        study,
    )


def failed_row(member: Member, reason: str, study: StudyResult | None = None) -> ModelResult:
    """A hole on the scoreboard, with its reason."""
    return with_study(ModelResult(model=member.name, kind=member.kind, status="failed", reason=reason), study)


def with_study(row: ModelResult, study: StudyResult | None) -> ModelResult:
    """The row with what its study cost and found; a budget that grew changes that and not the scores."""
    if study is None:
        return row
    states = [record.state for record in study.records]
    return row.model_copy(
        update={
            "trial": study.best.number if study.best else None,
            "trials": FrozenMap({state: states.count(state) for state in dict.fromkeys(states)}),
            "tuning_scores": study.best.scores if study.best else FrozenMap(),
            "tuning_seconds": sum(record.seconds for record in study.records),
        }
    )


def _weights(member: Member, runs: Mapping[str, MemberRun], plan: Plan) -> dict[str, float]:
    if not member.learnt:
        return {name: 1 / len(member.of) for name in member.of}
    setup = plan.setup
    tuned = {name: runs[name].tuning for name in member.of}
    forecasts = {name: [f.point for f in run.forecasts] for name, run in tuned.items() if run is not None}
    return learn_weights(forecasts, [truth(setup.panel, window) for window in setup.windows.tuning])
