"""No feature sees what its scope forbids: change what must not matter, and nothing may change, to the last bit."""

import numpy as np
import pytest
from feature_worlds import panel, tables, targets, view
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runner.members.features.fourier import FourierTerms
from runner.members.features.holidays import Holidays
from runner.members.features.rolling import Rolling
from runner.members.features.seasonal_lags import SeasonalLags
from runner.members.targets.section import TargetScaling
from runner.members.training import EverySteps, Origins, Training
from runner.values.panel import Covariate

N, T, H = 3, 26, 4
EVERYTHING = {
    "lags": (1, 2, 9),
    "seasonal_lags": SeasonalLags(around=2, seasons=2, mean=True),
    "rolling": tuple(Rolling(stat=s, window=w) for s in ("mean", "std", "min", "max", "median") for w in (2, 5, 40)),
    "calendar": ("month", "day", "weekday"),
    "holidays": Holidays(country="US", distance=True),
    "ids": True,
    "fourier": FourierTerms(order=2),
}
LEARNT = ("mean", "cv", "zeros", "missing", "trend", "seasonality")
NUMBERS = st.one_of(st.just(np.nan), st.floats(-1e4, 1e4), st.integers(0, 3).map(float))
HISTORY = arrays(np.float64, (N, T), elements=NUMBERS)
TARGETS = st.builds(
    TargetScaling,
    scale=st.sampled_from(["none", "mean", "std", "difference"]),
    level=st.sampled_from(["none", "mean", "last"]),
    window=st.sampled_from([None, 1, 6]),
    base=st.sampled_from(["none", "naive", "seasonal_naive", "drift", "moving_average"]),
    transform=st.sampled_from(["none", "signed_log"]),
)
TRAININGS = st.builds(
    Training,
    origins=st.builds(Origins, every=st.integers(1, 3)),
    steps=st.sampled_from(["all", EverySteps(every=2)]),
)


def world(y, weather, gap):
    covariates = (
        Covariate("promo", "known", np.arange(T + H + gap) % 5.0),
        Covariate("weather", "observed", weather),
        Covariate("mood", "observed", np.round(weather) % 3, ("a", "b", "c")),
        Covariate("size", "static", np.arange(N * 1.0)),
    )
    return panel(y, future=H + gap, covariates=covariates)


@settings(max_examples=50, deadline=None)
@given(
    y=HISTORY,
    other=HISTORY,
    weather=arrays(np.float64, (2, N, T + H + 2), elements=NUMBERS),
    cutoff=arrays(np.int64, N, elements=st.integers(0, T)),
    gap=st.integers(0, 2),
    target=TARGETS,
    training=TRAININGS,
)
def test_change_after_cutoff_changes_no_row(y, other, weather, cutoff, gap, target, training):
    steps = np.arange(T + H + 2)
    late = steps >= cutoff[:, None]
    made = [
        tables(
            view(world(values, seen[:, : T + H + gap], gap), cutoff=cutoff, horizon=H, gap=gap),
            target=target,
            training=training,
            **EVERYTHING,
            profile=LEARNT,
        )
        for values, seen in (
            (y, weather[0]),
            (np.where(late[:, :T], other, y), np.where(late, weather[1], weather[0])),
        )
    ]
    assert made[0].dropped == made[1].dropped
    for before, after in zip(*made, strict=True):
        for name in ("series", "origin", "step", "y", "x", "names"):
            np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    ones = np.ones(len(made[0].ahead))
    np.testing.assert_array_equal(*(tables.ahead.undo(ones) for tables in made))


@settings(max_examples=50, deadline=None)
@given(
    y=HISTORY,
    other=HISTORY,
    weather=arrays(np.float64, (2, N, T + H + 2), elements=NUMBERS),
    origin=st.integers(1, T),
    gap=st.integers(0, 2),
    target=TARGETS,
)
def test_change_after_origin_changes_no_feature(y, other, weather, origin, gap, target):
    late = np.arange(T + H + 2) >= origin
    made = [
        tables(view(world(values, seen[:, : T + H + gap], gap), horizon=H, gap=gap), target=target, **EVERYTHING)
        for values, seen in (
            (y, weather[0]),
            (np.where(late[:T], other, y), np.where(late, weather[1], weather[0])),
        )
    ]
    names = sorted(set(made[0].train.names) & set(made[1].train.names))
    before, after = (features_until(made_of.train, origin, names) for made_of in made)
    for key in before.keys() & after.keys():
        np.testing.assert_array_equal(before[key], after[key])


def features_until(table, origin, names):
    """(series, origin, step) -> level, scale and features of the rows up to an origin."""
    chosen = [table.names.index(name) for name in names]
    x = table.x
    return {
        (table.series[i], table.origin[i], table.step[i]): x[i, chosen] for i in np.flatnonzero(table.origin <= origin)
    }


def test_the_search_for_leaks_would_find_one():
    y = np.arange(1.0, T + 1) * np.arange(1, N + 1)[:, None]
    seen = [
        view(world(values, np.zeros((N, T + H)), 0), horizon=H) for values in (y, np.where(np.arange(T) > 20, 0, y))
    ]
    early = [features_until(tables(one, profile=("mean",)).train, 10, ["profile.mean"]) for one in seen]
    assert any((early[0][key] != early[1][key]).any() for key in early[0])


@pytest.mark.parametrize("gap", [0, 2])
def test_observed_covariate_stops_before_the_origin(gap):
    steps = np.broadcast_to(np.arange(T + H + gap, dtype=float), (N, T + H + gap))
    made = tables(view(world(np.ones((N, T)), steps, gap), cutoff=[T, 20, 9], horizon=H, gap=gap))
    for table in made:
        assert (table.x[:, table.names.index("observed.weather")] == table.origin - 1).all()
    assert (targets(made.ahead, gap) >= np.array([T, 20, 9])[made.ahead.series]).all()
