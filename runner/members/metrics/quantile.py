"""Metrics of quantile forecasts."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.metrics.section import CoverageMetric, MetricRef

PINBALL: Final = Member(
    "pinball",
    MetricRef,
    "runner.families.metrics.quantile:pinball",
    "Mean pinball loss over the quantile levels.",
    traits=frozenset({"lower_is_better", "needs_quantiles"}),
)
COVERAGE: Final = Member(
    "coverage",
    CoverageMetric,
    "runner.families.metrics.quantile:coverage",
    "Share of cells inside a central interval minus its nominal level; the nearer to 0 the better.",
    traits=frozenset({"zero_is_best", "share", "needs_quantiles"}),
)
