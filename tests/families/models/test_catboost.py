"""CatBoost as grown here is CatBoost as one training makes it."""

from __future__ import annotations

from typing import Any

import catboost as cb
import numpy as np
import pytest

from runner.families.models import ModelError, load
from runner.families.models.catboost import CatBoostFit
from runner.testing.worlds import NAMES, fitted, mixed, tables, task, view

OF = view(mixed(), 28)
MADE = tables(OF)
FLAVOURS: list[dict[str, Any]] = [
    {},
    {"learning_rate": 0.2, "depth": 3},
    {"loss_function": "MAE"},
    {"loss_function": "Poisson"},
    {"loss_function": "Tweedie:variance_power=1.5"},
    {"loss_function": "Quantile:alpha=0.9"},
    {"bootstrap_type": "Bernoulli", "subsample": 0.5, "random_strength": 3.0, "rsm": 0.5},
    {"bootstrap_type": "Bayesian", "bagging_temperature": 2.0},
    {"grow_policy": "Lossguide", "max_leaves": 9},
    {"boosting_type": "Ordered"},
    {"border_count": 12, "nan_mode": "Max"},
    {"langevin": True},
    {"model_shrink_rate": 0.1},
    {"boost_from_average": True, "loss_function": "MAE"},
]


def rows() -> Any:
    return ~np.isnan(MADE.train.y)


def cells(fit: Any) -> Any:
    return fit.forecast().point[MADE.ahead.series, MADE.ahead.step - 1]


@pytest.mark.parametrize("params", FLAVOURS, ids=str)
def test_growing_in_chunks_predicts_what_one_training_predicts(params: dict[str, Any]) -> None:
    fit = fitted("catboost", task(OF, MADE), (7, 20, 9), params)
    assert isinstance(fit, CatBoostFit)
    rate = {"learning_rate": fit.settings["learning_rate"]}
    fixed = {"random_seed": 3, "thread_count": 1, "logging_level": "Silent", "allow_writing_files": False}
    model = cb.CatBoostRegressor(iterations=36, **fixed, **{**rate, **params})
    model.fit(MADE.train.x[rows()], MADE.train.y[rows()])
    np.testing.assert_allclose(cells(fit), MADE.ahead.undo(model.predict(MADE.ahead.x)), rtol=1e-9)


@pytest.mark.parametrize("params", FLAVOURS, ids=str)
def test_loaded_model_forecasts_the_same_bits(params: dict[str, Any]) -> None:
    fit = fitted("catboost", task(OF, MADE), (30, 6), params)
    again = load("catboost", fit.save()).forecast(task(OF, MADE))
    np.testing.assert_array_equal(again.point, fit.forecast().point)


def test_default_learning_rate_is_that_of_thousand_iterations() -> None:
    fit = fitted("catboost", task(OF, MADE), (2,))
    assert isinstance(fit, CatBoostFit)
    whole = cb.CatBoostRegressor(iterations=1000, thread_count=1, logging_level="Silent", allow_writing_files=False)
    whole.fit(MADE.train.x[rows()], MADE.train.y[rows()])
    assert fit.settings["learning_rate"] == pytest.approx(whole.get_all_params()["learning_rate"])


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"depth": 99}, "catboost: Maximum tree depth is 16"),
        ({"loss_function": "NoSuch"}, "catboost: .*NoSuch"),
        ({"no_such_thing": 1}, "catboost: .*no_such_thing"),
        ({"loss_function": "RMSEWithUncertainty"}, "several values a row"),
        ({"iterations": 5}, "iterations cannot be set"),
        ({"train_dir": "x"}, "train_dir cannot be set"),
    ],
)
def test_parameter_mistake_is_one_line(params: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        fitted("catboost", task(OF, MADE), params=params).forecast()
    assert "\n" not in str(caught.value)
    assert ".cpp" not in str(caught.value)


def test_importance_names_every_feature() -> None:
    fit = fitted("catboost", task(OF, MADE))
    assert isinstance(fit, CatBoostFit)
    assert tuple(fit.importance()) == NAMES


def test_a_model_without_a_tree_is_not_saved() -> None:
    with pytest.raises(ModelError, match="no tree to save"):
        fitted("catboost", task(OF, MADE), ()).save()
