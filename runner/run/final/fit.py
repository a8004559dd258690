"""A winner on all history, as a worker fits it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runner.data.split import view
from runner.families.features.build import build as build_tables
from runner.families.features.table import WindowTables
from runner.families.models import ModelError
from runner.families.models import build as build_model
from runner.families.models.base import Task
from runner.run.final.explain import keep_contributions
from runner.run.final.future_window import forecast_window, with_stand_ins
from runner.run.plan import Candidate, Plan


@dataclass(frozen=True)
class FinalJob:
    """A trained winner to be fitted on all history, and an existing folder for its native files."""

    candidate: Candidate
    folder: Path


def fit_final(job: FinalJob, plan: Plan) -> None:
    """Fit with the winning parameters and rounds, and write the native files and contributions. Raises ModelError."""
    candidate, setup = job.candidate, plan.setup
    window = forecast_window(setup.panel, plan.spec)
    seen = view(with_stand_ins(setup.panel, window), window, setup.season)

    @cache
    def tables() -> WindowTables:
        if candidate.tables is None:
            raise ModelError(f"{candidate.kind} learns from rows and has no feature configuration")
        return build_tables(seen, candidate.tables)

    fit = build_model(candidate.kind, candidate.params, candidate.seed).start(Task(seen, tables))
    fit.grow(candidate.rounds or 0)
    fit.save(job.folder)
    del fit  # it is read back to be explained: two of it might be more than the memory takes
    keep_contributions(candidate.kind, job.folder, tables().train, window)
