"""The family of metrics: kind -> "module:builder", and how scores are compared."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from runner.families.metrics.base import Metric
from runner.families.metrics.score import NonFinite, better, gain, score, score_by, sort_key
from runner.language.sections.evaluation import MetricRef

METRICS: Final[Mapping[str, str]] = {
    "mape": "runner.families.metrics.point:mape",
    "smape": "runner.families.metrics.point:smape",
    "wape": "runner.families.metrics.point:wape",
    "rmse": "runner.families.metrics.point:rmse",
    "mae": "runner.families.metrics.point:mae",
    "mase": "runner.families.metrics.scaled:mase",
    "rmsse": "runner.families.metrics.scaled:rmsse",
    "directional_accuracy": "runner.families.metrics.point:directional_accuracy",
    "bias": "runner.families.metrics.point:bias",
    "pinball": "runner.families.metrics.quantile:pinball",
    "coverage": "runner.families.metrics.quantile:coverage",
}


def build(ref: MetricRef, *, season: int, quantiles: tuple[float, ...]) -> Metric:
    """The metric that a spec names; `season` and `quantiles` are the forecast's, for arguments it leaves out."""
    module, _, name = METRICS[ref.kind].partition(":")
    metric: Metric = getattr(importlib.import_module(module), name)(ref, season, quantiles)
    return metric


__all__ = ["METRICS", "Metric", "NonFinite", "better", "build", "gain", "score", "score_by", "sort_key"]
