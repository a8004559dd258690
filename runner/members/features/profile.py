"""Statistics of a whole series."""

from __future__ import annotations

from typing import Final, Literal

from runner.members.member import Member

ProfileStatistic = Literal["mean", "cv", "zeros", "missing", "trend", "seasonality"]
PROFILE: Final = Member(
    "profile",
    tuple[ProfileStatistic, ...],
    "runner.families.features.profile:Profile",
    "Statistics of the series, learnt from the training part of each window.",
    traits=frozenset({"learnt"}),
    default=(),
)
