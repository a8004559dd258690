"""What lint, schema and plan read: no numpy, no pandas."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.members.metrics.section import MetricRef
from runner.members.models.section import ModelSection

Smoothing = Annotated[float, Field(gt=0, lt=1)]


class HoltModel(ModelSection):
    """Exponential smoothing of level and trend."""

    level: Smoothing = 0.5
    """Weight of the newest value in the level."""
    trend: Smoothing = 0.1
    """Weight of the newest change in the trend."""


HOLT: Final = Member(
    "holt",
    HoltModel,
    "run_spec_holt.heavy:holt",
    "Holt's linear trend: exponential smoothing of level and trend.",
    traits=frozenset({"baseline"}),
)
MSLE: Final = Member(
    "msle",
    MetricRef,
    "run_spec_holt.heavy:msle",
    "Mean squared difference of log(1 + value); negative values count as 0.",
    traits=frozenset({"lower_is_better"}),
)
