"""What every metric promises. The author of a metric subclasses this with a `kind` fixture and runs pytest."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import get_args

import numpy as np
import pytest

from runner.families.metrics import better, build, score
from runner.families.metrics.base import Average, Cells, Direction, Metric, Unit
from runner.members.metrics.registry import METRICS, metric_from
from runner.values.panel import Forecast, last_observed

LEVELS = (0.1, 0.9)


def world(seed: int, error: float) -> Cells:
    """Truth far from the past, holes in it, and a forecast that is wrong by so much."""
    rng = np.random.default_rng(seed)
    past, truth = rng.gamma(5, 10, (3, 12)), rng.gamma(5, 10, (3, 5)) + 200
    truth[1, 2], truth[2] = np.nan, np.nan
    point = truth - error
    quantiles = point[:, :, None] + np.array([-1.0, 1.0])
    return Cells(truth, Forecast(np.nan_to_num(point), np.nan_to_num(quantiles)), past, last_observed(past), 4, LEVELS)


class MetricConformance:
    """Inherit with a `kind` fixture."""

    @pytest.fixture
    def metric(self, kind: str) -> Metric:
        return build(metric_from(kind), season=4, quantiles=LEVELS)

    def test_it_says_its_name_direction_unit_and_average(self, kind: str, metric: Metric) -> None:
        assert metric.name == kind
        assert metric.direction in get_args(Direction)
        assert metric.unit in get_args(Unit)
        assert metric.average in get_args(Average)

    def test_it_names_its_source(self, kind: str) -> None:
        module, _, name = METRICS[kind].load.partition(":")
        loaded = importlib.import_module(module)
        text = f"{loaded.__doc__}{inspect.getdoc(getattr(loaded, name))}"
        assert re.search(r"\((19|20)\d\d\)", text)

    def test_a_cell_without_truth_contributes_nothing(self, metric: Metric) -> None:
        cells = world(1, 3.0)
        parts = metric.parts(cells)
        empty = np.isnan(cells.truth)
        assert parts.numerator.shape == parts.denominator.shape == cells.truth.shape
        assert not parts.numerator[empty].any()
        assert not parts.denominator[empty].any()

    def test_parts_are_made_without_touching_the_cells(self, metric: Metric) -> None:
        cells, twin = world(2, 3.0), world(2, 3.0)
        metric.parts(cells)
        np.testing.assert_array_equal(cells.truth, twin.truth)
        np.testing.assert_array_equal(cells.forecast.point, twin.forecast.point)

    @pytest.mark.parametrize("seed", range(20))
    def test_a_forecast_near_the_truth_is_no_worse_than_one_far_from_it(self, kind: str, seed: int) -> None:
        metric = build(metric_from(kind), season=4, quantiles=LEVELS)
        near, far = score(metric, [world(seed, 0.1)]), score(metric, [world(seed, 400.0)])
        assert near is not None
        assert better(metric.direction, near, far)

    def test_the_order_of_series_does_not_matter(self, metric: Metric) -> None:
        cells = world(3, 5.0)
        turned = Cells(
            cells.truth[::-1],
            Forecast(cells.forecast.point[::-1], None if (q := cells.forecast.quantiles) is None else q[::-1]),
            cells.past[::-1],
            cells.last[::-1],
            cells.season,
            cells.quantiles,
        )
        assert score(metric, [turned]) == pytest.approx(score(metric, [cells]))

    def test_it_is_finite_or_na_on_hard_truths(self, metric: Metric) -> None:
        for truth in (np.zeros((2, 3)), np.full((2, 3), -1e12), np.full((2, 3), 1e-300)):
            forecast = Forecast(np.ones((2, 3)), np.ones((2, 3, 2)))
            cells = Cells(truth, forecast, np.zeros((2, 1)), np.zeros(2), 4, LEVELS)
            value = score(metric, [cells])
            assert value is None or np.isfinite(value)
