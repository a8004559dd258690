"""What readers know of a metric is what the metric says of itself."""

from __future__ import annotations

import math

import pytest

from runner.families import metrics
from runner.families.metrics.score import sort_key
from runner.members.metrics.registry import METRICS, metric_from
from runner.results.metric_values import Direction, badness, direction, is_share


@pytest.mark.parametrize("kind", METRICS.names)
def test_directions_and_shares_are_those_of_the_metrics(kind: str) -> None:
    ref = metric_from(kind)
    built = metrics.build(ref, season=1, quantiles=(0.1, 0.9))
    assert direction(ref.name) == built.direction
    assert is_share(ref.name) == (built.unit == "share")


def test_an_argument_in_the_name_of_a_metric_changes_nothing() -> None:
    assert (direction("coverage_80"), is_share("coverage_80")) == ("zero", True)
    assert (direction("mase_52"), is_share("mase_52")) == ("lower", False)


@pytest.mark.parametrize("towards", ["lower", "higher", "zero"])
@pytest.mark.parametrize("value", [0.3, -0.2, 0.0, 7.0, math.nan, None])
def test_scores_stand_in_the_order_of_the_metrics(towards: Direction, value: float | None) -> None:
    assert badness(value, towards) == sort_key(towards, value)


def test_nothing_is_worse_than_no_value() -> None:
    assert badness(None, "lower") > badness(1e300, "lower")
    assert badness(-0.2, "zero") > badness(0.1, "zero")
    assert badness(0.4, "higher") > badness(0.5, "higher")
