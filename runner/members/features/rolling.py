"""Rolling statistics before the origin."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from runner.members.member import Member
from runner.values.section import Section

Statistic = Literal["mean", "std", "min", "max", "median"]


class Rolling(Section):
    """A statistic of the last steps before the origin."""

    stat: Statistic
    """Which statistic; missing values are skipped."""
    window: Annotated[int, Field(ge=1, le=10_000)]
    """Steps before the origin."""


ROLLING: Final = Member(
    "rolling",
    tuple[Rolling, ...],
    "runner.families.features.lags:RollingStatistics",
    "Statistics of the last steps before the origin.",
    default=(),
)
