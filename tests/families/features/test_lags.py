import numpy as np
import pandas as pd
import pytest
from feature_worlds import column, panel, tables, targets, view
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runner.members.features.rolling import Rolling
from runner.members.features.seasonal_lags import SeasonalLags
from runner.members.targets.section import TargetScaling

NAN = np.nan
LINE = np.arange(40.0)
WEEK = np.tile([5.0, 1, 2, 3, 4, 9, 8], 6)
HISTORY = arrays(np.float64, (2, 20), elements=st.one_of(st.just(NAN), st.floats(-1e3, 1e3)))


def test_lag_on_straight_line_is_exact():
    for table in tables(view(panel(LINE, future=5), horizon=5), lags=(1, 3)):
        assert (column(table, "lag.1") == table.origin - 1).all()
        late = table.origin >= 3
        assert (column(table, "lag.3")[late] == table.origin[late] - 3).all()
        assert np.isnan(column(table, "lag.3")[~late]).all()


@given(y=HISTORY, back=st.integers(1, 25))
def test_a_lag_is_pandas_shift(y, back):
    y[:, 0], y[:, -1] = 1, 2
    shifted = pd.DataFrame(np.concatenate([y, np.full((2, 1), NAN)], axis=1).T).shift(back).to_numpy().T
    for table in tables(view(panel(y, future=3)), lags=(back,)):
        if f"lag.{back}" in table.names:
            np.testing.assert_array_equal(
                column(table, f"lag.{back}"), shifted[table.series, table.origin].astype("f4")
            )


@given(y=HISTORY, window=st.integers(1, 25), stat=st.sampled_from(["mean", "min", "max", "median"]))
def test_rolling_statistic_equals_pandas_before_origin(y, window, stat):
    y[:, 0], y[:, -1] = 1, 2
    rolled = getattr(pd.DataFrame(y.T).rolling(window, min_periods=1), stat)().shift(1).to_numpy().T
    train, _ = tables(view(panel(y, future=3)), rolling=(Rolling(stat=stat, window=window),))
    name = f"rolling.{stat}.{window}"
    if name in train.names:
        np.testing.assert_allclose(column(train, name), rolled[train.series, train.origin], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("horizon", [3, 7, 17])
def test_seasonal_lag_in_perfect_season_is_target(gap, horizon):
    world = panel(WEEK, future=horizon + gap)
    wanted = SeasonalLags(around=1, seasons=2, mean=True)
    train, ahead = tables(view(world, horizon=horizon, gap=gap), seasonal_lags=wanted)
    truth = np.concatenate([WEEK] * 3)
    for table in (train, ahead):
        for name, aside in (("seasonal.1", 0), ("seasonal.2", 0), ("seasonal.mean", 0), ("seasonal.1-1", -1)):
            found = column(table, name)
            there = ~np.isnan(found)
            assert there.any()
            assert (found[there] == truth[targets(table, gap) + aside][there]).all()


@given(season=st.integers(1, 8), gap=st.integers(0, 9), around=st.integers(0, 3), horizon=st.integers(1, 12))
def test_seasonal_lag_goes_back_fewest_seasons(season, gap, around, horizon):
    seen = view(panel(LINE, future=horizon + gap), season=season, gap=gap, horizon=horizon)
    ahead = tables(seen, seasonal_lags=SeasonalLags(around=around, seasons=2)).ahead
    for i, target in enumerate(targets(ahead, gap)):
        centre = max(p for p in range(40) if (target - p) % season == 0)
        for back in (1, 2):
            for aside in range(-around, around + 1):
                position = centre - (back - 1) * season + aside
                name = f"seasonal.{back}{aside:+d}" if aside else f"seasonal.{back}"
                if name in ahead.names:
                    found = column(ahead, name)[i]
                    assert np.isnan(found) if position >= 40 or position < 0 else found == position


def test_a_neighbour_at_the_origin_is_missing():
    ahead = tables(view(panel(LINE, future=7), horizon=7), seasonal_lags=SeasonalLags(around=1)).ahead
    assert column(ahead, "seasonal.1").tolist() == [33, 34, 35, 36, 37, 38, 39]
    np.testing.assert_array_equal(column(ahead, "seasonal.1+1"), [34, 35, 36, 37, 38, 39, NAN])


def test_seasonal_mean_averages_all_past_seasons():
    y = LINE.copy()
    y[25] = NAN
    ahead = tables(view(panel(y, future=3)), seasonal_lags=SeasonalLags(mean=True)).ahead
    places = [[p for p in range(40) if (t - p) % 7 == 0 and p != 25] for t in (40, 41, 42)]
    np.testing.assert_allclose(column(ahead, "seasonal.mean"), [np.mean(place) for place in places], rtol=1e-6)


def test_rolling_deviation_is_scaled_without_level():
    y = np.tile([10.0, 14], 10)
    ahead = tables(
        view(panel(y, future=1), horizon=1),
        target=TargetScaling(scale="difference", level="mean"),
        rolling=(Rolling(stat="std", window=4), Rolling(stat="max", window=3)),
    ).ahead
    assert column(ahead, "rolling.std.4") == pytest.approx(np.std([10, 14, 10, 14], ddof=1) / 4)
    assert column(ahead, "rolling.max.3") == pytest.approx((14 - 12) / 4)
