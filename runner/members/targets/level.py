"""A level of each series: descriptor and section."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from runner.members.member import Member
from runner.members.targets.step import StepSection


class LevelStep(StepSection):
    """Subtract the mean or the last value before the origin."""

    level: Literal["mean", "last"]
    """Which level."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Steps before the origin to take it from; all when absent."""


LEVEL: Final = Member(
    "level",
    LevelStep,
    "runner.families.targets.level:Level",
    "Subtract the mean or the last value before the origin.",
    traits=frozenset({"level"}),
)
