"""`study:` how the search is done."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runner.members.pruners import Pruner, PrunerSlot
from runner.members.samplers import Sampler, SamplerSlot
from runner.values.section import Duration, Percentage, Section


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

    sampler: SamplerSlot = Sampler()
    """How the next parameters are drawn."""
    pruner: PrunerSlot = Pruner()
    """When a trial is given up."""
    budget: Budget = Budget()
    """How much is tried; not part of the identity, so it can grow."""
    generation: Annotated[int, Field(ge=1, le=1000)] = 8
    """Trials asked together: the unit of parallelism and of reproducibility."""
