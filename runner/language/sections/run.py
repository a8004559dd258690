"""`run:`, `tracking:` and `gates:`: how it is executed, delivered and judged. None of them changes a number."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.members.engines.registry import Engine, EngineSection
from runner.members.metrics.registry import Metric
from runner.values.section import Duration, Frozen, Percentage, Section


class Run(Section):
    """How the work is executed."""

    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = "auto"
    """Worker processes; auto: one a core."""
    engine: Engine = EngineSection()
    """Where evaluations run."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often an evaluation is tried again when its worker died."""
    timeout: Duration | None = None
    """Time limit of one evaluation."""


class EnvServer(Section):
    """A name in the environment."""

    env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """Name of the variable that holds the tracking URI."""


class Tracking(Section):
    """What is delivered to MLflow."""

    trials: Literal["all", "best", "none"] = "all"
    """Which trials become runs."""
    registers: Annotated[Literal["best", "none"], Field(alias="register")] = "none"
    """Whether the best model is registered."""
    tags: Annotated[dict[str, str], Frozen] = Field(default={}, validate_default=True)
    """Further tags of the run."""
    server: EnvServer = EnvServer(env="MLFLOW_TRACKING_URI")
    """Where to; the local store under `mlruns/` when the variable is not set."""


class Gate(Section):
    """A condition on the best model: exactly one of `better_than`, `not_worse_than` and `covers`."""

    metric: Metric | None = None
    """Metric judged; one that the spec tunes or reports."""
    better_than: str | None = None
    """Model on the scoreboard that must be beaten."""
    by: Percentage | None = None
    """By at least so much of that model's score; by anything when absent."""
    significant: bool = False
    """Whether the test of `evaluation.compare` must find the difference significant, too."""
    not_worse_than: Literal["champion"] | None = None
    """The model that the registry calls champion."""
    tolerance: Percentage | None = None
    """How much worse is tolerated."""
    covers: Percentage | None = None
    """Share of the series that must have a scored cell in every test window."""
