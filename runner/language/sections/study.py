"""`study:` how the search is done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.values.section import Duration, Percentage, Section


class Sampler(Section):
    """How the next parameters are drawn."""

    name: Literal["tpe", "random", "cmaes", "gp", "grid"] = "tpe"
    """tpe and random: any space; cmaes and gp: flat numeric ones; grid: countable ones."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of the sampler and of the models."""
    startup: Annotated[int, Field(ge=1)] = 10
    """Trials drawn at random before tpe begins."""


class Pruner(Section):
    """When a trial is given up because earlier ones were better at the same step of the curve."""

    name: Literal["none", "median", "percentile", "wilcoxon"] = "none"
    """Rule; `none` lets every trial run to its end."""
    warmup: Annotated[int, Field(ge=0)] = 2
    """Steps of the curve (chunks of boosting rounds) before it may prune."""
    startup: Annotated[int, Field(ge=1)] = 5
    """Complete trials before it may prune."""
    percentile: Annotated[float, Field(gt=0, lt=100)] = 25.0
    """For percentile: the share of best trials that is kept."""


class Budget(Section):
    """Totals per model: `trials: 40` means 40 in all, not 40 more."""

    trials: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Trials in all, of each model: 40 means 40, not 40 more."""
    time: Duration | None = None
    """Recorded trial time of each model, such as `10m`; checked between generations, it limits the number of trials."""
    failures: Percentage = "20%"  # type: ignore[assignment]
    """Share of the trials that may fail before the model counts as failed."""


class Study(Section):
    """How the search is done."""

    sampler: Sampler = Sampler()
    """How the next parameters are drawn."""
    pruner: Pruner = Pruner()
    """When a trial is given up."""
    budget: Budget = Budget()
    """How much is tried; not part of the identity, so it can grow."""
    generation: Annotated[int, Field(ge=1, le=1000)] = 8
    """Trials asked together: the unit of parallelism and of reproducibility."""
    warm_start: str | None = None
    """Run whose history is imported; part of the identity."""
