import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from runner.families.features import rolling

NAN = np.nan
NUMBERS = st.one_of(st.just(NAN), st.integers(-50, 50).map(float), st.floats(-1e6, 1e6))
VALUES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12), elements=NUMBERS)
WINDOWS = st.one_of(st.none(), st.integers(1, 15))
NAMES = sorted(rolling.STATISTICS)


def pandas_says(values, stat, window):
    frame = pd.DataFrame(values.T)
    rolled = frame.rolling(window or len(frame), min_periods=1)
    shifted = getattr(rolled, stat)().to_numpy().T
    return np.concatenate([np.full((len(values), 1), NAN), shifted], axis=1)


@pytest.mark.parametrize("stat", NAMES)
@given(values=VALUES, window=WINDOWS)
def test_a_statistic_agrees_with_pandas(stat, values, window):
    ours = rolling.STATISTICS[stat](values, window)
    np.testing.assert_allclose(ours, pandas_says(values, stat, window), rtol=1e-6, atol=1e-2 if stat == "std" else 1e-6)


@pytest.mark.parametrize("stat", NAMES)
@given(values=VALUES, window=WINDOWS, data=st.data())
def test_rolling_entry_ignores_own_and_later_steps(stat, values, window, data):
    at = data.draw(st.integers(0, values.shape[1]))
    changed = values.copy()
    changed[:, at:] = data.draw(arrays(np.float64, changed[:, at:].shape, elements=NUMBERS))
    before, after = (rolling.STATISTICS[stat](v, window)[:, : at + 1] for v in (values, changed))
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("window", [2, 5, None])
def test_rolling_equal_values_have_exact_mean(window):
    values = np.array([[*[1e9 + 0.1] * (3 if window else 0), *[0.1] * 9]])
    assert rolling.mean(values, window)[0, -1] == 0.1
    assert rolling.std(values, window)[0, -1] == 0


def test_rolling_small_deviation_keeps_its_size():
    rng = np.random.default_rng(1)
    values = np.concatenate([np.zeros((1, 50)), 1e6 + rng.normal(0, 1, (1, 50))], axis=1)
    assert rolling.std(values, 20)[0, -1] == pytest.approx(values[0, -20:].std(ddof=1), rel=1e-2)


def test_the_last_value_skips_what_is_missing():
    values = np.array([[NAN, 1, NAN, 3]])
    np.testing.assert_array_equal(rolling.last_value(values), [[NAN, NAN, 1, 1, 3]])
