"""Diebold-Mariano and Holm against definitions written out by hand and an independent implementation."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from runner.families.metrics import build
from runner.families.metrics.base import Cells
from runner.members.metrics.section import MetricRef
from runner.run.benchmark.significance import _losses, diebold_mariano, holm
from runner.values.panel import Forecast


def test_significance_of_one_step_is_t_test() -> None:
    d = np.random.default_rng(1).normal(0.3, 1, 40)
    expected = stats.ttest_1samp(d, 0)
    statistic, p = diebold_mariano(d, 1)
    assert statistic == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


def test_two_steps_ahead_by_hand() -> None:
    d = np.array([1.0, 2.0, 0.0, 3.0])
    # mean 1.5; autocovariances 1.25 and -0.8125; 1.25 - 2 x 0.8125 < 0, so Bartlett: 1.25 - 0.8125 = 0.4375
    correction = (4 + 1 - 4 + 2 * 1 / 4) / 4
    expected = 1.5 / np.sqrt(0.4375 / 4) * np.sqrt(correction)
    assert diebold_mariano(d, 2)[0] == pytest.approx(expected)


def test_equal_losses_have_no_answer() -> None:
    assert np.isnan(diebold_mariano(np.zeros(9), 3)).all()


def test_the_sign_says_who_is_worse() -> None:
    d = np.random.default_rng(2).normal(1, 1, 30)
    assert diebold_mariano(d, 1)[0] > 0
    assert diebold_mariano(-d, 1)[0] < 0


def test_significance_under_equal_accuracy_rejects_nominally() -> None:
    rng = np.random.default_rng(3)
    rejected = [diebold_mariano(rng.normal(size=50), 4)[1] < 0.05 for _ in range(500)]
    assert 0.02 < np.mean(rejected) < 0.10


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    with patch("gc.collect"):  # statsmodels calls it each time, which takes a second beside everything a suite imports
        expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(list(expected))


def test_holm_leaves_out_what_has_no_answer() -> None:
    assert holm([0.01, float("nan"), 0.04]) == pytest.approx([0.02, float("nan"), 0.04], nan_ok=True)


def test_significance_counts_window_as_one_observation() -> None:
    truth = np.array([[10.0, 0.0, np.nan], [0.0, 0.0, 4.0]])
    cells = Cells(truth, Forecast(truth + 0.5), np.ones((2, 3)), np.ones(2), 1)
    metric = build(MetricRef(kind="wape"), season=1, quantiles=())
    assert _losses(metric, [cells, cells]).tolist() == [0.5, 0.5]
