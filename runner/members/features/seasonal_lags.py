"""Lags counted back from the target date by whole seasons."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.values.section import Section


class SeasonalLags(Section):
    """The target a season before the target date: the latest such date before the origin, and its neighbours."""

    around: Annotated[int, Field(ge=0, le=52)] = 0
    """Neighbours on each side."""
    seasons: Annotated[int, Field(ge=1, le=10)] = 1
    """How many seasons back."""
    mean: bool = False
    """Also the mean of all past values at the same place in the season."""


SEASONAL_LAGS: Final = Member(
    "seasonal_lags",
    SeasonalLags | None,
    "runner.families.features.lags:SeasonalLagValues",
    "Values a season before the target date.",
)
