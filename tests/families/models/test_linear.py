"""Least absolute deviations: the optimum of the linear program, and robust where trees are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from runner.families.features.rows import OriginGrid, Rows
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError, build, load
from runner.families.models.linear import Weights, _encode, _learn
from runner.testing.worlds import fitted, mixed, task, view
from runner.values.panel import Floats

R = 400


def table(x: Floats, y: Floats, categorical: tuple[int, ...] = ()) -> FeatureTable:
    rows = Rows(np.zeros(R, int), np.arange(R), np.ones(R, int), OriginGrid(np.array([R]), 1, 1, 0))
    return FeatureTable(tuple(map(str, range(x.shape[1]))), categorical, tuple(x.astype("f4").T), rows, y)


def world(seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(R, 4))
    return x, x @ np.array([3.0, -1, 0.5, 0]) + 7 + rng.standard_t(1.5, size=R)


def test_loss_is_that_of_the_linear_program() -> None:
    learnt = table(*world())
    found = _learn(learnt, 0.0)
    x = next(_encode(found.terms, learnt))[1]
    cost = np.r_[np.zeros(x.shape[1]), np.ones(2 * R)]
    free, positive = [(None, None)] * x.shape[1], [(0, None)] * (2 * R)
    best = linprog(cost, A_eq=np.c_[x, np.eye(R), -np.eye(R)], b_eq=learnt.y, bounds=free + positive)
    assert np.abs(learnt.y - found.predict(learnt)).sum() == pytest.approx(best.fun, rel=1e-4)


def test_few_wild_targets_change_little() -> None:
    x, y = world()
    wild = np.where(np.arange(R) % 50 == 0, 1e6, y)
    calm, shaken = (_learn(table(x, values), 1e-4) for values in (y, wild))
    np.testing.assert_allclose(shaken.values, calm.values, atol=0.3)


def test_linear_missing_value_becomes_column_mean() -> None:
    x, y = world()
    holes, filled = x.astype("f4"), x.astype("f4")
    holes[::7, 0] = np.nan
    filled[::7, 0] = np.nanmean(holes[:, 0].astype("f8"))
    learnt = _learn(table(holes, y), 1e-4)
    np.testing.assert_allclose(learnt.predict(table(holes, y)), learnt.predict(table(filled, y)), atol=1e-5)


def test_a_category_has_a_level_of_each_code() -> None:
    codes = np.arange(R) % 3.0
    y = np.array([5.0, -2, 11])[codes.astype(int)]
    learnt = table(codes[:, None], y, (0,))
    np.testing.assert_allclose(_learn(learnt, 1e-6).predict(learnt), y, atol=1e-2)
    assert _learn(table(np.arange(R * 1.0)[:, None], y, (0,)), 1e-4).terms == []


def test_copies_of_a_column_are_no_obstacle() -> None:
    x, y = world()
    assert np.isfinite(_learn(table(np.c_[x, x], y), 0.0).values).all()


@pytest.mark.parametrize("params", [{"l2": -1}, {"l1": 0.1}, {"l2": True}, {"l2": "much"}])
def test_other_parameters_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="linear takes `l2`"):
        build("linear", params, 1)


def test_saved_weights_are_readable() -> None:
    model: Any = load("linear", fitted("linear", task(view(mixed(), 28))).save())
    assert isinstance(model.predictor, Weights)
    assert len(model.predictor.values) == len(model.predictor.terms) + 1
