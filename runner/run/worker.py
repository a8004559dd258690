"""What runs in a worker: functions that jobs name, `function(workspace, spec, job)`. They return records and bytes."""

from __future__ import annotations

import functools
import json
import logging
import resource
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

from runner.data.memory import trim_memory
from runner.data.workspace import Workspace
from runner.families.features.cache import forget
from runner.families.models import ModelError
from runner.language.sections.experiment import Experiment
from runner.run.benchmark.member import MemberJob, MemberRun, fit_member
from runner.run.final.fit import FinalJob, fit_final
from runner.run.plan import Plan, make_plan
from runner.run.trial import run_trial
from runner.search.tune import TrialJob
from runner.values.records import TrialRecord
from runner.values.section import as_values

log = logging.getLogger(__name__)
J = TypeVar("J", MemberJob, FinalJob)
T = TypeVar("T")


def evaluate_trial(workspace: Workspace, spec: str, job: TrialJob) -> TrialRecord:
    """Return the record of a trial; a failure is a record too."""
    try:
        record = run_trial(job, open_plan(workspace, spec))
        return record.model_copy(update={"peak_memory_mb": peak_memory_mb()})
    finally:
        trim_memory()


def fit_winner(workspace: Workspace, spec: str, job: MemberJob) -> MemberRun | str:
    """Return a winner's run on the test windows, or the reason why it failed."""
    return _attempt(job, open_plan(workspace, spec), fit_member)


def fit_final_model(workspace: Workspace, spec: str, job: FinalJob) -> Mapping[str, bytes] | str:
    """Return the files of a winner fitted on all history, or the reason why it failed."""
    return _attempt(job, open_plan(workspace, spec), fit_final)


def _attempt(job: J, plan: Plan, fit: Callable[[J, Plan], T]) -> T | str:
    forget()  # the tuning windows' tables, and what the libraries have made of them
    trim_memory()
    try:
        return fit(job, plan)
    except ModelError as error:
        return str(error)
    except MemoryError:
        return "out of memory"
    except Exception as error:
        log.exception("fit of %s", job.candidate.model)
        return f"{type(error).__name__}: {error}".splitlines()[0]
    finally:
        trim_memory()


@functools.lru_cache(maxsize=1)
def open_plan(workspace: Workspace, spec: str) -> Plan:
    """Return the plan of a resolved spec (JSON) for the panel that the driver has saved."""
    experiment = Experiment.model_validate(as_values(json.loads(spec)))
    return make_plan(experiment, workspace.open_panel(), tables=workspace.cache, key=workspace.key)


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
