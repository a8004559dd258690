"""`training:` which rows train a model, and how far it grows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.values.section import Section


class Origins(Section):
    """Which past dates serve as origins of training rows."""

    every: Annotated[int, Field(ge=1)] = 1
    """Steps between two origins, counted back from the cut-off."""
    last: Annotated[int, Field(ge=1)] | None = None
    """Only the latest so many origins with a whole horizon, and those after them; all when absent."""


class EverySteps(Section):
    """Every k-th step ahead, beginning at a different step at each origin so that all are met."""

    every: Annotated[int, Field(ge=1)]
    """Keep one step ahead of so many."""


class Rounds(Section):
    """How far boosting goes: all windows grow together in chunks and stop on the tuned metric."""

    max: Annotated[int, Field(ge=1, le=100_000)] = 600
    """Most rounds."""
    chunk: Annotated[int, Field(ge=1)] = 25
    """Rounds between two looks at the metric."""
    patience: Annotated[int, Field(ge=1)] = 4
    """Chunks without a better value after which it stops."""


class Training(Section):
    """Which (origin, step) rows train a direct model, and how far boosting goes."""

    origins: Origins = Origins()
    """Origins of the rows."""
    steps: Literal["all"] | EverySteps = "all"
    """Steps ahead of the rows."""
    rounds: Rounds = Rounds()
    """Boosting rounds."""
