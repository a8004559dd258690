"""Every metric against its paper, by hand, by property, and by an independent implementation."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from runner.families.metrics import build, score
from runner.families.metrics.base import Cells, Metric
from runner.members.metrics.registry import METRICS, metric_from
from runner.values.panel import Forecast, last_observed

with warnings.catch_warnings():
    # Its docstrings have escapes that Python warns of when it compiles them for the first time.
    warnings.simplefilter("ignore")
    from utilsforecast import losses

LEVELS = (0.1, 0.5, 0.9)


def metric(kind: str, *, season: int = 1, quantiles: tuple[float, ...] = LEVELS, **arguments: object) -> Metric:
    return build(metric_from(kind, **arguments), season=season, quantiles=quantiles)


def cells(truth: object, point: object, past: object = ((1.0, 2.0),), quantiles: object = None) -> Cells:
    y, f, p = (np.atleast_2d(np.asarray(values, dtype=float)) for values in (truth, point, past))
    q = None if quantiles is None else np.asarray(quantiles, dtype=float)
    return Cells(y, Forecast(f, q), p, last_observed(p), 1, LEVELS if q is not None else ())


def random_world(seed: int = 1) -> Cells:
    rng = np.random.default_rng(seed)
    past, truth, point = (rng.gamma(5, 10, (3, width)) for width in (24, 8, 8))
    quantiles = np.sort(point[:, :, None] + rng.normal(0, 15, (3, 8, 3)), axis=2)
    return cells(truth, point, past, quantiles)


HAND = [
    ("mae", [1, 2, 4], [2, 2, 1], 4 / 3),
    ("rmse", [1, 2, 4], [2, 2, 1], math.sqrt(10 / 3)),
    ("mape", [1, 2, -4], [2, 2, -1], (1 + 0 + 0.75) / 3),
    ("mape", [0, 2], [9, 3], 0.5),
    ("mape", [0, 0], [1, 2], None),
    ("smape", [1, 0, 0], [3, 0, 5], (1 + 0 + 2) / 3),
    ("wape", [1, 0, -4], [2, 1, -1], (1 + 1 + 3) / 5),
    ("wape", [0, 0], [1, 2], None),
    ("bias", [1, 0, -4], [2, 1, -5], (1 + 1 - 1) / 5),
    ("directional_accuracy", [3, 1, 2, 2], [9, 3, 2, 5], 2 / 4),
    ("mase", [3, 3], [4, 6], (1 + 3) / 2),
    ("rmsse", [3, 3], [4, 6], math.sqrt((1 + 9) / 2)),
]


@pytest.mark.parametrize(("kind", "truth", "point", "expected"), HAND)
def test_metric_equals_definition_by_hand(
    kind: str, truth: list[float], point: list[float], expected: float | None
) -> None:
    value = score(metric(kind), [cells(truth, point)])  # the past is 1, 2: the last value is 2, the scale is 1
    assert value == (expected if expected is None else pytest.approx(expected))


PERFECT = {"directional_accuracy": 1.0, "coverage": 0.2}


@pytest.mark.parametrize("kind", METRICS.names)
@given(seed=st.integers(0, 1000))
def test_the_truth_as_forecast_is_perfect(kind: str, seed: int) -> None:
    one = random_world(seed)
    exact = cells(one.truth, one.truth, one.past, np.repeat(one.truth[:, :, None], 3, axis=2))
    assert score(metric(kind), [exact]) == pytest.approx(PERFECT.get(kind, 0.0), abs=1e-12)


@pytest.mark.parametrize("kind", ["mase", "rmsse"])
@given(seed=st.integers(0, 1000), season=st.integers(1, 5))
def test_a_seasonal_naive_forecast_scores_one_in_sample(kind: str, seed: int, season: int) -> None:
    past = np.random.default_rng(seed).normal(10, 3, (1, 30))
    one = cells(past[:, season:], past[:, :-season], past)
    assert score(metric(kind, season=season), [one]) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", ["mape", "smape", "wape", "mase", "rmsse", "bias", "directional_accuracy"])
@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 1000))
def test_unitless_metric_ignores_target_unit(kind: str, seed: int, factor: float) -> None:
    one = random_world(seed)
    scaled = cells(one.truth * factor, one.forecast.point * factor, one.past * factor)
    assert score(metric(kind), [scaled]) == pytest.approx(score(metric(kind), [one]), rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("mae", sk.mean_absolute_error),
        ("rmse", sk.root_mean_squared_error),
        ("mape", sk.mean_absolute_percentage_error),
    ],
)
def test_a_point_metric_agrees_with_sklearn(kind: str, reference: object) -> None:
    one = random_world(2)
    assert callable(reference)
    expected = reference(one.truth.ravel(), one.forecast.point.ravel())
    assert score(metric(kind), [one]) == pytest.approx(expected)


def test_pinball_agrees_with_sklearn_averaged_over_levels() -> None:
    one = random_world(3)
    assert one.forecast.quantiles is not None
    each = [
        sk.mean_pinball_loss(one.truth.ravel(), one.forecast.quantiles[:, :, i].ravel(), alpha=q)
        for i, q in enumerate(LEVELS)
    ]
    assert score(metric("pinball"), [one]) == pytest.approx(np.mean(each))


def long(values: np.ndarray, name: str) -> pd.DataFrame:
    n, steps = values.shape
    return pd.DataFrame(
        {"unique_id": np.repeat(np.arange(n), steps), "ds": np.tile(np.arange(steps), n), name: values.ravel()}
    )


@pytest.mark.parametrize(("kind", "factor"), [("mae", 1), ("mape", 1), ("smape", 2), ("mase", 1), ("rmsse", 1)])
def test_a_metric_agrees_with_utilsforecast_where_definitions_do(kind: str, factor: int) -> None:
    one = random_world(4)  # series of one length: the mean over series is the mean over cells
    frame = long(one.truth, "y").assign(model=one.forecast.point.ravel())
    scaled = {"seasonality": 4, "train_df": long(one.past, "y")} if kind in ("mase", "rmsse") else {}
    expected = getattr(losses, kind)(frame, models=["model"], **scaled)["model"].mean() * factor
    assert score(metric(kind, season=4), [one]) == pytest.approx(expected)


def test_the_scale_uses_only_pairs_that_are_present() -> None:
    one = cells([[0.0]], [[6.0]], [[1.0, np.nan, 4.0, 6.0, np.nan, 9.0]])
    assert score(metric("mase", season=1), [one]) == pytest.approx(6 / 2)
    assert score(metric("mase", season=2), [one]) == pytest.approx(6 / ((3 + 3) / 2) * 1.0)


def test_a_series_without_scale_does_not_count() -> None:
    past = [[5.0, 5.0, 5.0], [1.0, 2.0, 3.0], [np.nan, np.nan, 7.0]]
    one = cells([[1.0]] * 3, [[9.0], [3.0], [9.0]], past)
    assert score(metric("mase"), [one]) == pytest.approx(2.0)
    assert score(metric("mase", season=9), [one]) is None


def test_metric_season_overrides_forecast_season() -> None:
    one = random_world(5)
    ref = metric_from("mase", season=7)
    assert score(build(ref, season=1, quantiles=()), [one]) == score(metric("mase", season=7), [one])


def test_direction_without_last_value_is_na() -> None:
    one = cells([[1.0], [2.0]], [[5.0], [9.0]], [[np.nan, np.nan], [1.0, 1.0]])
    assert score(metric("directional_accuracy"), [one]) == 1.0


def test_coverage_is_signed_distance_from_level() -> None:
    truth = np.arange(10.0)[None, :]
    around = np.tile([2.0, 5.0, 8.0], (1, 10, 1))
    value = score(metric("coverage", level=0.8), [cells(truth, truth, quantiles=around)])
    assert value == pytest.approx(7 / 10 - 0.8)
    assert metric("coverage", level=0.8).name == "coverage_80"


def test_coverage_without_level_takes_widest_interval() -> None:
    one = random_world(6)
    assert score(metric("coverage"), [one]) == score(metric("coverage", level=0.8), [one])
    lopsided = Cells(one.truth, one.forecast, one.past, one.last, 1, (0.1, 0.5, 0.8))
    assert score(metric("coverage", quantiles=(0.1, 0.5, 0.8)), [lopsided]) is None


@pytest.mark.parametrize("kind", ["pinball", "coverage"])
def test_a_model_without_quantiles_is_na(kind: str) -> None:
    assert score(metric(kind), [cells([1.0], [1.0])]) is None


def test_coverage_at_absent_level_is_na() -> None:
    assert score(metric("coverage", level=0.5), [random_world(7)]) is None


def test_wmae_weighs_errors_by_a_known_covariate():
    column = np.array([[1.0, 0.0, np.nan]])
    cells = Cells(
        np.array([[10.0, 10, 10]]), Forecast(np.array([[12.0, 11, 13]])), np.ones((1, 2)), np.ones(1), 1,
        known={"holiday": column}.__getitem__,
    )  # fmt: skip
    weighted = build(metric_from("wmae", weight="holiday"), season=1, quantiles=())
    assert score(weighted, [cells]) == pytest.approx((5 * 2 + 1 + 3) / 7)
    assert weighted.name == "wmae_holiday"
    double = build(metric_from("wmae", weight="holiday", factor=2.0), season=1, quantiles=())
    assert score(double, [cells]) == pytest.approx((2 * 2 + 1 + 3) / 4)
