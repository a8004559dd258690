"""The synthetic panel keeps its promise: what is true is known, and what is asked for is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.data.raw import Request
from runner.families.sources.synthetic import read, truth, world
from runner.members.sources.synthetic import Synthetic, SyntheticSource


def test_without_noise_the_panel_is_its_truth() -> None:
    made = world(Synthetic(noise=0.0, shifted=1))
    np.testing.assert_array_equal(made.y, made.truth)


def test_noise_has_zero_mean_and_requested_size() -> None:
    made = world(Synthetic(series=40, steps=400, noise=0.1, trend=0.0, amplitude=0.0, peaks=0.0))
    error = made.y / made.truth - 1
    assert abs(error.mean()) < 0.005
    assert error.std() == pytest.approx(0.1, rel=0.05)


def test_intermittent_series_is_mostly_zero() -> None:
    made = world(Synthetic(series=2, steps=20_000, season=1, trend=0.0, intermittent=2, peaks=0.0))
    assert (made.y == 0).mean() == pytest.approx(0.8, abs=0.02)
    assert (made.y.mean(axis=1) / made.truth.mean(axis=1)).tolist() == pytest.approx([1, 1], rel=0.03)


def test_peaks_stand_where_promo_is_true() -> None:
    made = world(Synthetic(noise=0.0, trend=0.0, amplitude=0.0, peaks=0.5))
    ratio = made.y / made.y.min(axis=1, keepdims=True)
    np.testing.assert_allclose(ratio, np.broadcast_to(1 + 0.5 * made.promo, ratio.shape))


def test_hard_series_are_others_while_there_are_enough() -> None:
    made = world(Synthetic(series=8, steps=100, short=2, gappy=2))
    absent = ~made.present
    assert absent[:, 0].sum() == 2  # begin late
    assert (absent.any(axis=1) & ~absent[:, 0]).sum() == 2  # have holes
    assert made.present[:, -1].all()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(4, 60), st.integers(0, 20), st.integers(0, 3))
def test_more_future_or_series_keeps_earlier_values(n_series: int, steps: int, ahead: int, hard: int) -> None:
    spec = Synthetic(series=n_series, steps=steps, season=7)
    more = Synthetic(series=n_series + hard, steps=steps, season=7)
    np.testing.assert_array_equal(world(spec, ahead).y[:, :steps], world(spec).y)
    np.testing.assert_array_equal(world(more).y[:n_series], world(spec).y)
    assert truth(spec, ahead).shape == (n_series, steps + ahead)


def test_future_rows_have_a_promo_and_no_target() -> None:
    request = Request(SyntheticSource(synthetic=Synthetic(series=2, steps=10)), "data.source", freq="D", ahead=3)
    table = read(request).data
    assert table.num_rows == 2 * 13
    assert table.column("y").null_count == 2 * 3
    assert table.column("promo").null_count == 0
