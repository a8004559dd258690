"""LightGBM as grown here is LightGBM as its own `train` makes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError, build, load
from runner.families.models import lightgbm as module
from runner.families.models.lightgbm import BINNING, FIXED, NOT_PARAMETERS
from runner.testing.worlds import NAMES, fitted, mixed, panel, tables, task, view, with_x

OF = view(mixed(), 28)
MADE = tables(OF)
FLAVOURS: list[dict[str, Any]] = [
    {},
    {"objective": "l1"},
    {"objective": "poisson"},
    {"objective": "tweedie", "lambda_l1": 0.1},
    {"boosting": "dart"},
    {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1},
    {"data_sample_strategy": "goss"},
    {"bagging_fraction": 0.5, "bagging_freq": 1, "feature_fraction": 0.5, "extra_trees": True},
    {"max_bin": 15, "min_data_in_leaf": 3},
    {"reg_sqrt": True},
    {"linear_tree": True},
]


def trained(params: dict[str, Any], made: WindowTables = MADE, rounds: int = 36) -> Any:
    """What `lightgbm.train` makes of the same rows, binned anew."""
    keep = ~np.isnan(made.train.y)
    data = lgb.Dataset(made.train.x[keep], made.train.y[keep], categorical_feature=[3])
    fixed = {"seed": 3, "data_random_seed": 1, "deterministic": True, "force_col_wise": True, "num_threads": 1}
    return lgb.train({**fixed, "verbosity": -1, "feature_pre_filter": False, **params}, data, rounds)


@pytest.mark.parametrize("params", FLAVOURS, ids=str)
def test_growing_in_chunks_predicts_what_one_training_predicts(params: dict[str, Any]) -> None:
    fit = fitted("lightgbm", task(OF, MADE), (7, 20, 9), params)
    expected = MADE.ahead.undo(trained(params).predict(MADE.ahead.x))
    np.testing.assert_allclose(fit.forecast().point[MADE.ahead.series, MADE.ahead.step - 1], expected, rtol=1e-9)


@pytest.mark.parametrize("params", FLAVOURS, ids=str)
def test_loaded_model_forecasts_the_same_bits(params: dict[str, Any]) -> None:
    fit = fitted("lightgbm", task(OF, MADE), (30, 6), params)
    again = load("lightgbm", fit.save()).forecast(task(OF, MADE))
    np.testing.assert_array_equal(again.point, fit.forecast().point)


def test_table_is_binned_once_for_equal_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = tables(OF), []
    monkeypatch.setattr(module._BINNED, "make", lambda *given: calls.append(given) or module._bin(*given))
    for params in ({}, {"num_leaves": 5}, {"max_bin": 15}, {"objective": "l1"}, {"max_bin": 15, "lambda_l2": 1.0}):
        fitted("lightgbm", task(OF, made), (2,), params)
    assert len(calls) == 2


def test_binned_table_reused_gives_same_trees() -> None:
    made = tables(OF)
    for params in FLAVOURS:
        fitted("lightgbm", task(OF, made), (5,), params)
    after = fitted("lightgbm", task(OF, made), (20,)).forecast().point
    np.testing.assert_array_equal(after, fitted("lightgbm", task(OF, tables(OF)), (20,)).forecast().point)


def test_dataset_settings_are_in_key_or_refused() -> None:
    known = lgb.basic._ConfigAliases._get_all_param_aliases()
    fixed_in_data = set(lgb.Dataset(None, params=dict.fromkeys(known, 0)).get_params())
    assert fixed_in_data - NOT_PARAMETERS - set(FIXED) == set(BINNING)


def test_other_seed_gives_other_random_model() -> None:
    params = {"bagging_fraction": 0.5, "bagging_freq": 1}
    one, two = (build("lightgbm", params, seed).start(task(OF, MADE)) for seed in (1, 2))
    for fit in (one, two):
        fit.grow(10)
    assert not np.array_equal(one.forecast().point, two.forecast().point)


def test_rows_without_a_target_are_left_out() -> None:
    keep = ~np.isnan(MADE.train.y)
    assert not keep.all()
    without = WindowTables(MADE.train.take(keep), MADE.ahead)
    expected = fitted("lightgbm", task(OF, without)).forecast().point
    np.testing.assert_array_equal(fitted("lightgbm", task(OF, MADE)).forecast().point, expected)
    assert fitted("lightgbm", task(OF, MADE)).shape == (int(keep.sum()), 4)


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_weights_matter_unless_they_are_all_one(kind: str) -> None:
    def with_weight(weight: Any) -> Any:
        made = WindowTables(replace(MADE.train, weight=weight), MADE.ahead)
        return fitted(kind, task(OF, made)).forecast().point

    ones = np.ones(len(MADE.train))
    np.testing.assert_array_equal(with_weight(ones), with_weight(None))
    assert not np.allclose(with_weight(np.where(MADE.train.series == 0, 100.0, 1.0)), with_weight(None), equal_nan=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x": np.inf}, "feature last is infinite"),
        ({"y": np.inf}, "scaled target is infinite"),
        ({"y": np.nan}, "no row to learn from"),
    ],
)
@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_rows_that_a_library_would_swallow_are_refused(kind: str, change: dict[str, float], reason: str) -> None:
    train = replace(with_x(MADE.train, MADE.train.x), y=MADE.train.y.copy())
    if "x" in change:
        train.columns[0][5] = change["x"]
    elif np.isnan(change["y"]):
        train.y[:] = np.nan
    else:
        train.y[5] = change["y"]
    with pytest.raises(ModelError, match=reason):
        fitted(kind, task(OF, WindowTables(train, MADE.ahead)))


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"objective": "no_such"}, "lightgbm: .*no_such"),
        ({"num_leaves": 1}, "lightgbm: .*num_leaves"),
        ({"objective": "multiclass", "num_class": 3}, "num_class cannot be set"),
        ({"num_iterations": 5}, "num_iterations cannot be set"),
        ({"forcedsplits_filename": "x.json"}, "forcedsplits_filename cannot be set"),
    ],
)
def test_parameter_mistake_is_one_line(params: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        fitted("lightgbm", task(OF, MADE), params=params)
    assert "\n" not in str(caught.value)


def test_growth_ends_when_no_split_is_left() -> None:
    of = view(panel(np.full((2, 20), 5.0)))
    fit = fitted("lightgbm", task(of), (10, 10))
    np.testing.assert_allclose(fit.forecast().point, 5.0)
    assert fit.rounds < 20


def test_importance_names_every_feature() -> None:
    fit = fitted("lightgbm", task(OF, MADE))
    gains = fit.importance()
    assert tuple(gains) == NAMES
    assert gains["last"] > 0


def test_saved_model_names_its_columns() -> None:
    meta = json.loads(fitted("lightgbm", task(OF, MADE), (8,), {"num_leaves": 5}).save()["meta.json"])
    assert meta["features"] == list(NAMES)
    assert (meta["rounds"], meta["params"], meta["categorical"]) == (8, {"num_leaves": 5}, [3])


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_loaded_model_refuses_other_columns(kind: str) -> None:
    model: Any = load(kind, fitted(kind, task(OF, MADE)).save())
    other: FeatureTable = replace(MADE.ahead, names=("last", "season[1]", "step", "shop"))
    with pytest.raises(ModelError, match="series, shop"):
        model.predict(other)
