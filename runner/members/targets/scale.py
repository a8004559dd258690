"""A scale of each series: descriptor and section."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from runner.members.member import Member
from runner.members.targets.step import StepSection


class ScaleStep(StepSection):
    """Divide by the mean absolute value, standard deviation or mean absolute first difference before the origin."""

    scale: Literal["mean", "std", "difference"]
    """Which scale."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Steps before the origin to take it from; all when absent."""


SCALE: Final = Member(
    "scale",
    ScaleStep,
    "runner.families.targets.scale:Scale",
    "Divide by the mean absolute value, standard deviation or mean absolute first difference before the origin.",
    traits=frozenset({"scale"}),
)
