"""Scores are sums of parts, so any cut through the cells gives the same answer."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.families.metrics import NonFinite, better, build, gain, score, score_by, sort_key
from runner.families.metrics.base import Cells, Metric
from runner.members.metrics.registry import METRICS, metric_from
from runner.values.panel import Floats, Forecast, last_observed

LEVELS = (0.1, 0.5, 0.9)


def metric(kind: str, *, season: int = 1, **arguments: object) -> Metric:
    return build(metric_from(kind, **arguments), season=season, quantiles=LEVELS)


def world(seed: int, *, n: int = 4, horizon: int = 6) -> Cells:
    """Truth with holes, a forecast with an error, three quantiles around it."""
    rng = np.random.default_rng(seed)
    past = rng.normal(50, 10, (n, 20))
    truth = rng.normal(50, 10, (n, horizon))
    truth[rng.random(truth.shape) < 0.2] = np.nan
    point = rng.normal(50, 10, (n, horizon))
    quantiles = point[:, :, None] + np.array([-8.0, 0.0, 8.0])
    return Cells(truth, Forecast(point, quantiles), past, last_observed(past), 1, LEVELS)


def columns(cells: Cells, of: slice) -> Cells:
    """The same cells, fewer steps."""
    assert cells.forecast.quantiles is not None
    forecast = Forecast(cells.forecast.point[:, of], cells.forecast.quantiles[:, of])
    return Cells(cells.truth[:, of], forecast, cells.past, cells.last, cells.season, cells.quantiles)


@pytest.mark.parametrize("kind", METRICS.names)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 5))
def test_score_over_windows_equals_one_window(kind: str, seed: int, cut: int) -> None:
    one = world(seed)
    parts = [columns(one, slice(0, cut)), columns(one, slice(cut, None))]
    whole, pooled = score(metric(kind), [one]), score(metric(kind), parts)
    assert whole is not None
    assert pooled == pytest.approx(whole, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", METRICS.names)
def test_score_by_step_equals_step_alone(kind: str) -> None:
    one = world(3)
    by_step = score_by(metric(kind), [one], "step")
    alone = [score(metric(kind), [columns(one, slice(h, h + 1))]) for h in range(6)]
    np.testing.assert_allclose(by_step, [np.nan if value is None else value for value in alone], atol=1e-12)


@pytest.mark.parametrize("kind", METRICS.names)
def test_score_by_window_equals_window_alone(kind: str) -> None:
    windows = [world(1), columns(world(2), slice(0, 3))]
    by_window = score_by(metric(kind), windows, "window")
    np.testing.assert_allclose(by_window, [score(metric(kind), [w]) for w in windows], atol=1e-12)


def test_score_by_series_without_cells_is_nan() -> None:
    one = world(4)
    one.truth[2] = np.nan
    by_series = score_by(metric("mae"), [one, one], "series")
    assert by_series.shape == (4,)
    assert np.isnan(by_series).tolist() == [False, False, True, False]


def test_score_without_cells_is_na() -> None:
    empty = Cells(np.full((1, 2), np.nan), Forecast(np.ones((1, 2))), np.ones((1, 3)), np.ones(1), 1)
    assert [score(metric(kind), [empty]) for kind in METRICS.names] == [None] * len(METRICS.names)
    assert score(metric("mae"), []) is None
    assert score_by(metric("mae"), [], "window").size == 0


@pytest.mark.parametrize("kind", METRICS.names)
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_forecast_that_is_not_finite_never_vanishes(kind: str, broken: float) -> None:
    good, bad = world(5), world(6)
    bad.truth[1, 2] = 1.0
    assert bad.forecast.quantiles is not None
    bad.forecast.point[1, 2] = broken
    bad.forecast.quantiles[1, 2] = broken
    with pytest.raises(NonFinite, match=r"window 2, series at position 1, step 3") as caught:
        score(metric(kind), [good, bad])
    assert (caught.value.window, caught.value.series, caught.value.step) == (1, 1, 2)


def test_broken_forecast_in_uncounted_cell_is_ignored() -> None:
    one = world(7)
    one.truth[0, 0], one.forecast.point[0, 0] = np.nan, np.inf
    assert score(metric("rmse"), [one]) is not None


def test_nonfinite_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(NonFinite("wape", 0, 3, 1)))
    assert (error.metric, error.series, str(error)) == ("wape", 3, str(NonFinite("wape", 0, 3, 1)))


@pytest.mark.parametrize(
    ("direction", "best", "worst"), [("lower", -1.0, 2.0), ("higher", 2.0, -1.0), ("zero", -0.1, 0.2)]
)
def test_better_follows_the_direction_and_na_is_worst(direction: str, best: float, worst: float) -> None:
    assert better(direction, best, worst)
    assert not better(direction, worst, best)
    assert not better(direction, best, best)
    assert better(direction, worst, None)
    assert not better(direction, None, None)
    assert not better(direction, math.nan, worst)
    assert sorted([None, worst, best], key=lambda v: sort_key(direction, v)) == [best, worst, None]


@pytest.mark.parametrize(
    ("direction", "value", "baseline", "expected"),
    [
        ("lower", 0.8, 1.0, 0.2),
        ("lower", 1.5, 1.0, -0.5),
        ("higher", 0.6, 0.5, 0.2),
        ("zero", -0.1, 0.2, 0.5),
        ("zero", 0.1, -0.2, 0.5),
        ("lower", None, 1.0, None),
        ("lower", 1.0, None, None),
        ("lower", 1.0, 0.0, None),
    ],
)
def test_gain_is_share_of_baseline_saved(
    direction: str, value: float | None, baseline: float | None, expected: float | None
) -> None:
    assert gain(direction, value, baseline) == (expected if expected is None else pytest.approx(expected))


def test_average_by_series_weighs_series_alike() -> None:
    truth: Floats = np.array([[0.0, 0.0, 0.0], [0.0, np.nan, np.nan]])
    past = np.array([[0.0, 1.0, 0.0, 1.0]] * 2)
    one = Cells(truth, Forecast(np.array([[1.0] * 3, [3.0] * 3])), past, np.ones(2), 1)
    assert score(metric("rmsse"), [one]) == pytest.approx((1 + 3) / 2)
    assert score(metric("mase"), [one]) == pytest.approx((3 * 1 + 3) / 4)
