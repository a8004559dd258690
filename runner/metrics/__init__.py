"""The family of metrics: kind -> "module:builder", and how scores are compared."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from runner.metrics.base import Metric
from runner.metrics.score import NonFinite, better, gain, score, score_by, sort_key
from runner.spec.evaluation import MetricRef

METRICS: Final[Mapping[str, str]] = {
    "mape": "runner.metrics.point:mape",
    "smape": "runner.metrics.point:smape",
    "wape": "runner.metrics.point:wape",
    "rmse": "runner.metrics.point:rmse",
    "mae": "runner.metrics.point:mae",
    "mase": "runner.metrics.scaled:mase",
    "rmsse": "runner.metrics.scaled:rmsse",
    "directional_accuracy": "runner.metrics.point:directional_accuracy",
    "bias": "runner.metrics.point:bias",
    "pinball": "runner.metrics.quantile:pinball",
    "coverage": "runner.metrics.quantile:coverage",
}


def build(ref: MetricRef, *, season: int, quantiles: tuple[float, ...]) -> Metric:
    """The metric that a spec names; `season` and `quantiles` are the forecast's, for arguments it leaves out."""
    module, _, name = METRICS[ref.kind].partition(":")
    metric: Metric = getattr(importlib.import_module(module), name)(ref, season, quantiles)
    return metric


__all__ = ["METRICS", "Metric", "NonFinite", "better", "build", "gain", "score", "score_by", "sort_key"]
