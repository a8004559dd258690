"""Metrics: how forecasts are scored, and how scores are compared."""

from __future__ import annotations

from runner.families.metrics.base import Metric
from runner.families.metrics.score import NonFinite, better, gain, score, score_by, sort_key
from runner.members.metrics.registry import METRICS
from runner.members.metrics.section import MetricRef


def build(ref: MetricRef, *, season: int, quantiles: tuple[float, ...]) -> Metric:
    """Return the metric that a spec names; `season` and `quantiles` are the forecast's, for arguments left out."""
    metric: Metric = METRICS[ref.kind].implementation()(ref, season, quantiles)
    return metric


__all__ = ["Metric", "NonFinite", "better", "build", "gain", "score", "score_by", "sort_key"]
