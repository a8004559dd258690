"""Metrics in multiples of the in-sample error of a seasonal naive forecast."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.metrics.section import ScaledMetric

_TRAITS: Final = frozenset({"lower_is_better", "needs_scale"})

MASE: Final = Member(
    "mase", ScaledMetric, "runner.families.metrics.scaled:mase", "Mean absolute scaled error.", traits=_TRAITS
)
RMSSE: Final = Member(
    "rmsse", ScaledMetric, "runner.families.metrics.scaled:rmsse", "Root mean squared scaled error.", traits=_TRAITS
)
