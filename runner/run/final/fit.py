"""A winner on all history, as a worker fits it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runner.data.split import view
from runner.families.features.build import build as build_tables
from runner.families.features.table import WindowTables
from runner.families.models import ModelError
from runner.families.models import build as build_model
from runner.families.models.base import Task
from runner.files.atomic import read_files
from runner.run.final.explain import keep_contributions
from runner.run.final.future_window import forecast_window, with_stand_ins
from runner.run.plan import Candidate, Plan


@dataclass(frozen=True)
class FinalJob:
    """A trained winner to be fitted on all history."""

    candidate: Candidate


def fit_final(job: FinalJob, plan: Plan) -> Mapping[str, bytes]:
    """Fit with the winning parameters and rounds; return the native files and the contributions. Raises ModelError."""
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
    with tempfile.TemporaryDirectory(prefix="run-spec-fit-") as scratch:
        folder = Path(scratch) / candidate.model
        folder.mkdir()
        fit.save(folder)
        del fit  # it is read back to be explained: two of it might be more than the memory takes
        keep_contributions(candidate.kind, folder, tables().train, window)
        return read_files(folder)
