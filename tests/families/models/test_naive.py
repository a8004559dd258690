"""Baselines on series whose future a child could tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runner.families.models import ModelError, build, load_rule
from runner.testing.worlds import baseline, panel, view
from runner.values.panel import Floats, Ints, View

NAN = np.nan
RULES = ("naive", "seasonal_naive", "seasonal_growth", "drift", "moving_average", "zero")
WAVE = np.tile([10.0, 20.0, 30.0, 40.0], 5)


def point(kind: str, of: View, **params: object) -> list[float]:
    return baseline(kind, of, params).point[0].tolist()


def marks(kind: str, of: View, **params: object) -> list[bool]:
    fallback = baseline(kind, of, params).fallback
    assert fallback is not None
    return fallback[0].tolist()


def test_naive_carries_the_last_present_value() -> None:
    assert point("naive", view(panel([1, 5, 3, NAN, NAN]), horizon=2)) == [3, 3]


def test_zero_is_zero() -> None:
    assert point("zero", view(panel([1, 5]), horizon=2)) == [0, 0]


def test_seasonal_naive_of_periodic_series_is_exact() -> None:
    assert point("seasonal_naive", view(panel(WAVE), 12, horizon=6)) == WAVE[12:18].tolist()
    assert point("seasonal_naive", view(panel(WAVE), 12, horizon=6, gap=3)) == [*WAVE[15:].tolist(), 10.0]


@given(season=st.integers(1, 7), cutoff=st.integers(7, 40), gap=st.integers(0, 9), horizon=st.integers(1, 20))
def test_seasonal_naive_takes_latest_value_of_phase(season: int, cutoff: int, gap: int, horizon: int) -> None:
    of = view(panel(np.arange(40.0)), cutoff, gap=gap, horizon=horizon, season=season)
    answer = np.array(point("seasonal_naive", of))  # each value is its own position
    targets = of.targets[0]
    assert ((targets - answer) % season == 0).all()
    assert (answer < cutoff).all()
    assert (answer >= cutoff - season).all()


def test_seasonal_naive_missing_value_uses_earlier_season() -> None:
    y = np.arange(12.0)
    y[9] = NAN
    of = view(panel(y), horizon=4)
    assert point("seasonal_naive", of) == [8, 5, 10, 11]
    assert marks("seasonal_naive", of) == [False] * 4


def test_seasonal_naive_without_season_falls_back() -> None:
    of = view(panel([NAN, NAN, 3, 4, NAN, NAN, 7]), horizon=5)
    assert point("seasonal_naive", of) == [4, 7, 7, 7, 4]
    assert marks("seasonal_naive", of) == [False, True, True, False, False]


def test_a_season_of_one_is_naive() -> None:
    of = view(panel([4, 8, NAN]), season=1, horizon=3)
    assert point("seasonal_naive", of) == point("naive", of)


def test_seasonal_growth_compounds_over_several_seasons() -> None:
    y = np.concatenate([WAVE[:4], WAVE[:4] * 1.5])
    answer = point("seasonal_growth", view(panel(y), horizon=6))
    np.testing.assert_allclose(answer, [*(WAVE[:4] * 1.5**2), *(WAVE[:2] * 1.5**3)])


@pytest.mark.parametrize(("factor", "used"), [(10.0, 2.0), (0.01, 0.5)])
def test_seasonal_growth_is_clipped_to_half_and_two(factor: float, used: float) -> None:
    y = np.concatenate([WAVE[:4], WAVE[:4] * factor])
    np.testing.assert_allclose(point("seasonal_growth", view(panel(y), horizon=4)), WAVE[:4] * factor * used)


@pytest.mark.parametrize(
    "y",
    [
        [1, 2, 3, 4, 5],  # one season and a step: too little to compare
        [0, 0, 0, 0, 1, 2, 3, 4],  # nothing to grow from
        [-1, -2, -3, -4, 1, 2, 3, 4],  # a sign is no growth
        [1, NAN, NAN, NAN, 5, 6, 7, 8],  # one date in common of four
    ],
)
def test_seasonal_growth_without_growth_falls_back(y: list[float]) -> None:
    of = view(panel(y), horizon=4)
    assert point("seasonal_growth", of) == point("seasonal_naive", of)
    assert marks("seasonal_growth", of) == [True] * 4


def test_drift_continues_line_from_last_observation() -> None:
    np.testing.assert_allclose(point("drift", view(panel([NAN, 2, NAN, 6, 8, NAN]), horizon=3, gap=1)), [14, 16, 18])


def test_drift_through_one_observation_falls_back() -> None:
    of = view(panel([NAN, 5, NAN]), horizon=2)
    assert point("drift", of) == [5, 5]
    assert marks("drift", of) == [True, True]


def test_a_moving_average_leaves_missing_values_out() -> None:
    assert point("moving_average", view(panel([100, 1, NAN, 3]), horizon=1), window=3) == [2]
    assert point("moving_average", view(panel([100, 1, 2, 3, 6]), horizon=1)) == [3]


def test_moving_average_of_missing_values_falls_back() -> None:
    of = view(panel([9, NAN, NAN]), horizon=1)
    assert point("moving_average", of, window=2) == [9]
    assert marks("moving_average", of, window=2) == [True]


def test_moving_average_of_long_window_averages_all() -> None:
    assert point("moving_average", view(panel([1, 3]), horizon=1), window=100) == [2]


@pytest.mark.parametrize("params", [{"window": 0}, {"window": 2.5}, {"window": True}, {"windows": 3}])
def test_moving_average_with_bad_window_is_refused(params: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="moving_average: parameter"):
        build("moving_average", params, 1)


def test_each_series_is_served_from_its_own_cutoff() -> None:
    of = view(panel([WAVE, WAVE]), [8, 9], horizon=2)
    assert baseline("naive", of).point.tolist() == [[40, 40], [10, 10]]
    assert baseline("seasonal_naive", of).point.tolist() == [[10, 20], [20, 30]]


def test_a_series_without_history_is_served_by_nobody() -> None:
    of = view(panel([WAVE, np.full(20, NAN)]), [8, 0])
    for kind in ("naive", "seasonal_naive", "seasonal_growth", "drift", "moving_average", "zero"):
        answer = baseline(kind, of)
        assert np.isnan(answer.point[1]).all()
        assert answer.fallback is None or not answer.fallback[1].any()


@given(
    y=arrays(np.float64, (3, 30), elements=st.one_of(st.just(NAN), st.floats(-1e3, 1e3))),
    other=arrays(np.float64, (3, 30), elements=st.floats(-1e3, 1e3)),
    origin=arrays(np.int64, 3, elements=st.integers(0, 30)),
    gap=st.integers(0, 3),
    season=st.integers(1, 9),
)
def test_path_ignores_values_from_its_origin_on(y: Floats, other: Floats, origin: Ints, gap: int, season: int) -> None:
    hidden = np.arange(30) >= origin[:, None]
    for kind in RULES:
        rule = build(kind, {}, 0)
        before, after = (
            rule.paths(view(panel(values), gap=gap, season=season), origin[None, :])
            for values in (y, np.where(hidden, other, y))
        )
        np.testing.assert_array_equal(before, after)


@given(
    y=arrays(np.float64, (3, 30), elements=st.one_of(st.just(NAN), st.floats(-1e3, 1e3))),
    gap=st.integers(0, 3),
    season=st.integers(1, 9),
)
def test_path_of_each_origin_is_the_forecast_there(y: Floats, gap: int, season: int) -> None:
    whole, origins = view(panel(y), gap=gap, season=season), np.array([[0, 4, 9], [30, 17, 8]])
    for kind in RULES:
        paths = build(kind, {}, 0).paths(whole, origins)
        for number, cutoff in enumerate(origins):
            alone = baseline(kind, view(panel(y), cutoff, gap=gap, season=season))
            np.testing.assert_array_equal(paths[number], alone.point)


def test_only_a_rule_can_be_a_base() -> None:
    for kind in ("blend", "no_such"):
        with pytest.raises(ModelError, match="no rule that can be a base"):
            load_rule(kind, {})
