"""Members -> blends and quantiles: what the driver adds to finished fits, at no cost."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.data.split import truth
from runner.families.models import ModelError
from runner.run.backtest import backtest, score_result
from runner.run.benchmark.calibrate import residual_quantiles, series_scale
from runner.run.benchmark.member import MemberRun
from runner.run.plan import Member, Plan
from runner.values.panel import Forecast
from runner.values.section import FrozenMap


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
    return replace(run, test=score_result(replace(run.test, forecasts=forecasts), setup.windows.test, setup))


def _weights(member: Member, runs: Mapping[str, MemberRun], plan: Plan) -> dict[str, float]:
    if not member.learnt:
        return {name: 1 / len(member.of) for name in member.of}
    setup = plan.setup
    tuned = {name: runs[name].tuning for name in member.of}
    forecasts = {name: [f.point for f in run.forecasts] for name, run in tuned.items() if run is not None}
    # The solver takes a second to import, and only learnt weights need it.
    learn_weights = importlib.import_module("runner.run.benchmark.weights").learn_weights
    weights: dict[str, float] = learn_weights(
        forecasts, [truth(setup.panel, window) for window in setup.windows.tuning]
    )
    return weights
