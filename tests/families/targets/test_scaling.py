import numpy as np
import pytest
from feature_worlds import column, panel, tables, view
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runner.families.targets.chain import fit_chain, load_steps
from runner.families.targets.level import Level
from runner.families.targets.scale import Scale
from runner.members.targets.section import TargetScaling

NAN = np.nan
SCALINGS = st.builds(
    TargetScaling,
    scale=st.sampled_from(["none", "mean", "std", "difference"]),
    level=st.sampled_from(["none", "mean", "last"]),
    window=st.one_of(st.none(), st.integers(1, 9)),
)


def at_end(y, *, level="none", scale="mean", window=None):
    seen = view(panel(y))
    origins = np.full((seen.panel.n_series, 1), seen.panel.n_steps)
    fitted = [Level(level, window).fit(seen, origins), Scale(scale, window).fit(seen, origins)]
    return [step.values[:, 0].tolist() for step in fitted]


@given(
    y=arrays(np.float64, (2, 9), elements=st.one_of(st.just(NAN), st.just(0.0), st.floats(-1e12, 1e12))),
    target=SCALINGS,
)
def test_a_scale_is_never_zero_missing_or_infinite(y, target):
    chain = fit_chain(load_steps(target), view(panel(y)), np.tile(np.arange(10), (2, 1)))
    assert np.isfinite(chain.units.level).all()
    assert np.isfinite(chain.units.scale).all()
    assert (chain.units.scale > 0).all()


@pytest.mark.parametrize(
    ("scaling", "scale"),
    [
        ({"scale": "mean"}, 4.5),
        ({"scale": "mean", "window": 2}, 8.0),
        ({"scale": "difference"}, 4.0),
        ({"scale": "difference", "window": 3}, 5.0),
        ({"scale": "std", "window": 2}, np.sqrt(2.0)),
    ],
)
def test_the_scale_is_what_the_window_says(scaling, scale):
    assert at_end([-1, 1, 9, 7], **scaling)[1] == [pytest.approx(scale)]


def test_level_is_mean_or_last_value():
    assert at_end([1, 2, 6, NAN], level="mean", window=3)[0] == [4]
    assert at_end([1, 2, 6, NAN], level="last", window=1)[0] == [6]


@pytest.mark.parametrize(
    ("y", "scaling", "scale"),
    [
        ([2, 4, 0, 0, 0], {"scale": "mean", "window": 3}, 1.2),  # nothing in the window: all the past
        ([5, 5, 5, 5], {"scale": "difference"}, 5),  # no difference at all: the mean absolute value
        ([5, 5 + 1e-12, 5], {"scale": "std"}, 5),  # rounding is not a deviation
        ([0, 0, 0], {"scale": "mean"}, 1),
        ([7], {"scale": "std"}, 7),
    ],
)
def test_a_scale_that_says_nothing_falls_back(y, scaling, scale):
    assert at_end(y, **scaling)[1] == [pytest.approx(scale)]


def test_row_is_scaled_by_history_before_origin():
    y = np.array([1.0, 3, 8, 100, 7])
    train, _ = tables(view(panel(y, future=1), horizon=1), target=TargetScaling(scale="mean"))
    assert train.y.tolist() == [3, 4, 25, 0.25]


def test_target_features_are_in_scaled_units():
    y = np.arange(1.0, 30)
    target = TargetScaling(scale="difference", level="last")
    train, _ = tables(view(panel(y, future=3)), target=target, lags=(1, 3), profile=("mean",))
    keep = train.origin >= 3
    assert set(column(train, "lag.3")[keep]) == {-2.0}
    np.testing.assert_allclose(train.y[keep], train.step[keep])
    level, scale = y[train.origin - 1], np.where(train.origin > 1, 1, 1)
    np.testing.assert_allclose(column(train, "profile.mean"), (15 - level) / scale, rtol=1e-6)
