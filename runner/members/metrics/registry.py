"""Metrics: light halves and the slot of a metric's name."""

from __future__ import annotations

from typing import Annotated, Any, Final

from runner.members.family import Family
from runner.members.metrics.point import BIAS, DIRECTIONAL_ACCURACY, MAE, MAPE, RMSE, SMAPE, WAPE
from runner.members.metrics.quantile import COVERAGE, PINBALL
from runner.members.metrics.scaled import MASE, RMSSE
from runner.members.metrics.section import MetricRef
from runner.members.metrics.weighted import WMAE
from runner.members.slot import Slot, one_key

METRICS: Final = Family(
    "metrics",
    (MAPE, SMAPE, WAPE, RMSE, MAE, MASE, RMSSE, DIRECTIONAL_ACCURACY, BIAS, PINBALL, COVERAGE, WMAE),
)


def metric_from(kind: str, **arguments: Any) -> MetricRef:
    """Return the reference to a metric. Raises ValidationError."""
    ref: MetricRef = SLOT.validate({"kind": kind, **arguments})
    return ref


SLOT: Final = Slot(METRICS, "kind", normalize=one_key)
Metric = Annotated[MetricRef, SLOT]
