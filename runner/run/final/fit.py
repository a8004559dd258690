"""A winner on all history, as a worker fits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runner.data.split import view
from runner.families.features.build import TableBuilder
from runner.families.models import build as build_model
from runner.families.models.base import Task
from runner.run.final.explain import explain_fit
from runner.run.final.future_window import forecast_window, with_stand_ins
from runner.run.plan import Candidate, Plan


@dataclass(frozen=True)
class FinalJob:
    """A winner to be fitted on all history."""

    candidate: Candidate


def fit_final(job: FinalJob, plan: Plan) -> Mapping[str, bytes]:
    """Fit with the winning parameters and rounds; return the native files and the contributions. Raises ModelError."""
    candidate, setup = job.candidate, plan.setup
    window = forecast_window(setup.panel, plan.spec)
    seen = view(with_stand_ins(setup.panel, window), window, setup.season)
    source = TableBuilder(seen, candidate.tables) if candidate.tables else None
    fit = build_model(candidate.kind, candidate.params, candidate.seed).start(Task(seen, source))
    fit.grow(candidate.rounds or 0)
    files = fit.save()
    del fit  # it is read back to be explained: two of it might be more than the memory takes
    return files if source is None else {**files, **explain_fit(candidate.kind, files, source, window)}
