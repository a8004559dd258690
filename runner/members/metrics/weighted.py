"""A metric that weighs cells by a known covariate."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.members.metrics.section import MetricRef


class WeightedMetric(MetricRef):
    """Errors weighed by a known covariate: `{wmae: {weight: IsHoliday}}`."""

    weight: str | None = None
    """The column; a spec must name it. A cell where it is 1 weighs `factor`, one where it is 0 weighs 1."""
    factor: Annotated[float, Field(gt=0)] | None = None
    """Weight of a cell where the column is 1; 5 when absent, as in Kaggle's Walmart competition."""


WMAE: Final = Member(
    "wmae",
    WeightedMetric,
    "runner.families.metrics.weighted:wmae",
    "Mean absolute error, with cells weighed by a known covariate.",
    traits=frozenset({"lower_is_better", "needs_known"}),
)
