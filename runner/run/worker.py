"""What a worker does: open the run's plan once, then trials and fits as they come."""

from __future__ import annotations

import functools
import json
import logging
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from runner.data.memory import trim_memory
from runner.data.saved_panel import open_panel
from runner.families.features.cache import forget
from runner.families.models import ModelError
from runner.language.sections.experiment import Experiment
from runner.run.benchmark.member import MemberJob, MemberRun, fit_member
from runner.run.final.fit import FinalJob, fit_final
from runner.run.plan import Plan, make_plan
from runner.run.trial import run_trial
from runner.search.loop import TrialJob
from runner.values.records import TrialRecord
from runner.values.section import as_values

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """Where a worker finds what all jobs of a run share. Small, because it travels with every job."""

    spec: str  # the resolved spec as JSON
    panel: Path
    tables: Path
    key: str


@dataclass(frozen=True)
class Assignment:
    """A job and its context."""

    context: Context
    job: TrialJob | MemberJob | FinalJob


def perform(assignment: Assignment) -> TrialRecord | MemberRun | str | None:
    """A trial's record, or a member's run, or the reason why there is none; None for a final model that is written."""
    plan = open_plan(assignment.context)
    try:
        return _do(assignment.job, plan)
    finally:
        trim_memory()


def _do(job: TrialJob | MemberJob | FinalJob, plan: Plan) -> TrialRecord | MemberRun | str | None:
    if isinstance(job, TrialJob):
        return run_trial(job, plan).model_copy(update={"peak_memory_mb": peak_memory_mb()})
    forget()  # the tuning windows' tables, and what the libraries have made of them
    trim_memory()
    try:
        if isinstance(job, FinalJob):
            fit_final(job, plan)
            return None
        return fit_member(job, plan)
    except ModelError as error:
        return str(error)
    except MemoryError:
        return "out of memory"
    except Exception as error:
        log.exception("fit of %s", job.candidate.model)
        return f"{type(error).__name__}: {error}".splitlines()[0]


@functools.lru_cache(maxsize=1)
def open_plan(context: Context) -> Plan:
    """The plan, from the panel that the driver has saved."""
    spec = Experiment.model_validate(as_values(json.loads(context.spec)))
    return make_plan(spec, open_panel(context.panel), tables=context.tables, key=context.key)


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
