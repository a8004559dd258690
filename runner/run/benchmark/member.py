"""One member on the test windows, as a worker fits it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.run.backtest import Result, backtest
from runner.run.plan import Candidate, Plan


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


@dataclass(frozen=True)
class LostFit:
    """A fit that no worker could finish: nothing is known against the model, unless a time limit ended it."""

    reason: str
    limit: float | None = None  # seconds, where a time limit ended it


Fitted = MemberRun | str | LostFit
"""A run, or the reason why the model has failed, or why nobody could tell."""


def fit_member(job: MemberJob, plan: Plan) -> MemberRun:
    """Fit a winner anew on every window. Raises ModelError."""
    setup = plan.setup
    tuning = backtest(job.candidate, setup.windows.tuning, setup) if job.calibrate else None
    test = backtest(job.candidate, setup.windows.test, setup, save_to=job.save_to)
    return MemberRun(test, tuning)
