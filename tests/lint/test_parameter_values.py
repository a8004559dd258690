"""The tables of values and dependencies, held against the installed libraries."""

import catboost
import lightgbm
import numpy as np
import pytest

from runner.members.models.registry import MODELS

VALUES = {kind: MODELS[kind].spec.parameters.values for kind in ("lightgbm", "catboost")}
NEEDS = {name: need for name, need in MODELS["lightgbm"].spec.parameters.needs.items() if need.values}

X = np.random.default_rng(1).normal(size=(200, 4))
Y = np.abs(X[:, 0] * 2 + X[:, 1]) + 0.5
OF_ITS_OWN = {
    "rf": {"bagging_freq": 1, "bagging_fraction": 0.5},
    "random_forest": {"bagging_freq": 1, "bagging_fraction": 0.5},
}
"""Other parameters that a value needs to train at all."""
WITH = {"Exact": {"loss_function": "MAE"}, "Simple": {"loss_function": "RMSE"}, "Depthwise": {}, "Lossguide": {}}
OTHER = {
    "drop_rate": 0.9, "max_drop": 1, "skip_drop": 0.9, "xgboost_dart_mode": True, "uniform_drop": True,
    "top_rate": 0.5, "other_rate": 0.4, "alpha": 0.3, "fair_c": 9.0, "tweedie_variance_power": 1.9,
    "poisson_max_delta_step": 3.0,
}  # fmt: skip


SETTLED = {"seed": 1, "deterministic": True, "force_col_wise": True, "learning_rate": 0.5, "drop_rate": 0.5}


def grown(**params):
    """The trees of a LightGBM model."""
    params = {"verbosity": -1, "num_threads": 1, **SETTLED, **params}
    booster = lightgbm.train(params, lightgbm.Dataset(X, Y), num_boost_round=20)
    return booster.model_to_string().split("end of trees")[0]


def trained(kind, name, value):
    if kind == "lightgbm":
        return grown(**{name: value}, **OF_ITS_OWN.get(value, {}))
    params = {"iterations": 2, "thread_count": 1, "verbose": False, "allow_writing_files": False, name: value}
    return catboost.CatBoostRegressor(**params, **WITH.get(value, {})).fit(X, Y)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in VALUES.items() for name in names])
def test_library_trains_with_exactly_the_table_values(kind, name):
    for value in VALUES[kind][name]:
        assert trained(kind, name, value)
    with pytest.raises((lightgbm.basic.LightGBMError, catboost.CatBoostError)):
        trained(kind, name, "nonsense")


@pytest.mark.parametrize("name", NEEDS)
def test_parameter_changes_trees_only_as_in_table(name):
    needed, values = NEEDS[name].parameter, NEEDS[name].values
    assert grown() == grown(**{name: OTHER[name]})
    changed = [grown(**{needed: value}) != grown(**{needed: value, name: OTHER[name]}) for value in values]
    assert all(changed)


def test_bagging_needs_a_frequency():
    assert grown() == grown(bagging_fraction=0.5)
    assert grown() != grown(bagging_fraction=0.5, bagging_freq=1)
