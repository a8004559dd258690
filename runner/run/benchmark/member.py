"""One member on the test windows, as a worker fits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from runner.run.backtest import Result, backtest
from runner.run.plan import Candidate, Plan


@dataclass(frozen=True)
class MemberJob:
    """A winner to be fitted on the test windows, and on the tuning windows too where something is learnt there."""

    candidate: Candidate
    calibrate: bool


@dataclass(frozen=True)
class MemberRun:
    """A member's forecasts and scores."""

    test: Result
    tuning: Result | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)  # name -> content, of the last window's model


@dataclass(frozen=True)
class LostFit:
    """A fit that no worker could finish: nothing is known against the model, unless a time limit ended it."""

    reason: str
    limit: float | None = None  # seconds, where a time limit ended it


Fitted = MemberRun | str | LostFit
"""A run, the reason why the model has failed, or a lost worker."""


def fit_member(job: MemberJob, plan: Plan) -> MemberRun:
    """Fit a winner again on every window. Raises ModelError."""
    setup = plan.setup
    tuning = backtest(job.candidate, setup.windows.tuning, setup) if job.calibrate else None
    test = backtest(job.candidate, setup.windows.test, setup, save=True)
    return MemberRun(replace(test, files={}), tuning, test.files)
