"""Tags that run-spec writes on runs and versions in MLflow, and the filters that find them again.

These names stand in the stores of every team: they change for no reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["run", "model", "trial"]

RUN_ID: Final = "run_spec.run_id"
"""Our id of the run that it is, or is of."""
EXECUTION: Final = "run_spec.execution"
"""Execution of that run; of a version the latest one whose best model it is."""
KIND: Final = "run_spec.kind"
"""`run` (a parent), `model` (its child) or `trial` (its grandchild)."""
KEY: Final = "run_spec.key"
"""What a run in MLflow is of, unique, so that a resend finds it."""
STATE: Final = "run_spec.state"
"""Where it stands in our words; MLflow has none for pruned."""
REASON: Final = "run_spec.reason"
"""Why it failed or was pruned."""
BEST_MODEL: Final = "run_spec.best_model"
"""Of a parent with results: the first on its scoreboard."""
TRIAL: Final = "run_spec.trial"
"""Number of the trial that it is, or that won."""
MODEL: Final = "run_spec.model"
"""Of a version: its name on the scoreboard."""
OVERRIDES: Final = "run_spec.overrides"
"""Of a run with --set: the words that were typed."""
SUPERSEDED_BY: Final = "run_spec.superseded_by"
"""Of a parent: the MLflow run of a later execution."""
DATA: Final = "run_spec.data."
"""Before the name of a file that was read; the value is its sha256."""
PARENT: Final = "mlflow.parentRunId"
"""MLflow's own, which nests runs."""

CHAMPION: Final = "champion"
"""Alias of the version that others are compared with."""

KEEP: Final = "keep"
"""The team's own, of a run, a version or a spec: `run-spec tidy` leaves it, unless it says no."""
_NO: Final = frozenset({"", "0", "no", "false", "off"})

NO_SCORES: Final = ("value", "seconds", "rounds", "attempts", "peak_memory_mb", "curve")
"""Metrics of a trial that are none of the spec's."""


def says_keep(tags: Mapping[str, object]) -> bool:
    """Whether it is to be left."""
    return str(tags.get(KEEP, "")).strip().lower() not in _NO


def tagged(name: str, value: str) -> str:
    """The question for what has that value of a tag."""
    return f"tags.`{name}` = '{value}'"


def of_kind(kind: Kind, run_id: str = "") -> str:
    """The question for all of a kind, or those of one run."""
    kinds = tagged(KIND, kind)
    return f"{tagged(RUN_ID, run_id)} and {kinds}" if run_id else kinds
