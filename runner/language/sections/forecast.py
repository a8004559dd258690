"""`forecast:` what is asked of every model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runner.values.section import Section

Season = Annotated[int, Field(ge=1, le=10_000)]


class ForecastTask(Section):
    """What is asked of every model."""

    horizon: Annotated[int, Field(ge=1, le=10_000)]
    """Steps forecast."""
    gap: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Steps between the cut-off and the first forecast."""
    season: Season | Annotated[tuple[Season, ...], Field(min_length=1)] | None = None
    """Length of the season in steps, or a list with the main one first; from `freq` when absent."""
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    """Quantile levels to forecast in addition to the point, ascending."""
