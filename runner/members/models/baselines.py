"""Baselines: rules that need no training."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.members.models.section import ModelSection

_BASELINE: Final = frozenset({"baseline"})


class BaselineModel(ModelSection):
    """A baseline without parameters."""


class MovingAverageModel(ModelSection):
    """The mean of the last steps."""

    window: Annotated[int, Field(ge=1)] = 4
    """Steps averaged."""


def _baseline(name: str, about: str, *traits: str) -> Member:
    return Member(name, BaselineModel, f"runner.families.models.naive:{name}", about, traits=_BASELINE | set(traits))


NAIVE: Final = _baseline("naive", "The last value that is known, for every step ahead.", "can_be_base")
SEASONAL_NAIVE: Final = _baseline(
    "seasonal_naive",
    "The value a season before each date: hard to beat where there is a season.",
    "seasonal",
    "can_be_base",
)
SEASONAL_GROWTH: Final = _baseline("seasonal_growth", "The value a season ago, with the growth since then.", "seasonal")
DRIFT: Final = _baseline("drift", "A straight line through the first and the last value.", "can_be_base")
MOVING_AVERAGE: Final = Member(
    "moving_average",
    MovingAverageModel,
    "runner.families.models.naive:moving_average",
    "The mean of the last `window` steps.",
    traits=_BASELINE | {"can_be_base"},
)
ZERO: Final = _baseline("zero", "Zero: the score to beat where most values are 0.")
