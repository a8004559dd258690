"""What the libraries say that each column adds is, added up, what they predict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from runner.families.features.table import WindowTables
from runner.families.models import ModelError, load
from runner.families.models.base import added_up
from runner.testing.worlds import fitted, mixed, tables, task, view, with_x

OF = view(mixed(), 28)
MADE = tables(OF)
ADDITIVE: list[tuple[str, dict[str, Any]]] = [
    ("lightgbm", {}),
    ("lightgbm", {"objective": "l1", "data_sample_strategy": "goss"}),
    ("lightgbm", {"boosting": "dart"}),
    ("lightgbm", {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1}),
    ("catboost", {}),
    ("catboost", {"loss_function": "MAE", "depth": 3}),
    ("catboost", {"boost_from_average": True, "loss_function": "MAE"}),
]
LINKED: list[tuple[str, dict[str, Any], Any]] = [
    ("lightgbm", {"objective": "poisson"}, np.exp),
    ("lightgbm", {"reg_sqrt": True}, lambda raw: np.sign(raw) * raw**2),
    ("catboost", {"loss_function": "Poisson"}, np.exp),
    ("catboost", {"loss_function": "Tweedie:variance_power=1.5"}, np.exp),
]


def saved(kind: str, params: dict[str, Any], rounds: tuple[int, ...] = (30, 6), made: WindowTables = MADE) -> Any:
    return load(kind, fitted(kind, task(OF, made), rounds, params).save())


@pytest.mark.parametrize(("kind", "params"), ADDITIVE, ids=str)
def test_contributions_and_base_sum_to_the_forecast(kind: str, params: dict[str, Any]) -> None:
    model = saved(kind, params)
    found = model.contributions(MADE.ahead)
    assert found.additive
    assert found.values.shape == MADE.ahead.x.shape
    total = found.base + found.values.sum(axis=1)
    np.testing.assert_allclose(total, model.predict(MADE.ahead), rtol=1e-9)


@pytest.mark.parametrize(("kind", "params", "undo"), LINKED, ids=lambda value: getattr(value, "__name__", str(value)))
def test_contributions_with_link_sum_to_raw_score(kind: str, params: dict[str, Any], undo: Any) -> None:
    model = saved(kind, params)
    found = model.contributions(MADE.ahead)
    assert not found.additive
    total = undo(found.base + found.values.sum(axis=1))
    np.testing.assert_allclose(total, model.predict(MADE.ahead), rtol=1e-9)


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_unused_column_contributes_nothing(kind: str) -> None:
    flat = np.zeros_like(MADE.train.x)
    flat[:, 0] = MADE.train.x[:, 0]
    made = replace(MADE, train=with_x(MADE.train, flat))
    values = saved(kind, {}, (10,), made).contributions(MADE.ahead).values
    assert not values[:, 1:].any()
    assert values[:, 0].any()


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_contribution_of_stump_is_centered_leaf(kind: str) -> None:
    """Of a single split there is one player, and Shapley's value is the whole of the departure from the mean."""
    stump = {"num_leaves": 2} if kind == "lightgbm" else {"depth": 1}
    model = saved(kind, stump, (1,))
    found = model.contributions(MADE.train.take(~np.isnan(MADE.train.y)))
    predicted = found.base + found.values.sum(axis=1)
    assert len(np.unique(predicted.round(12))) == 2
    assert (found.values != 0).any(axis=0).sum() == 1
    np.testing.assert_allclose(found.base, predicted.mean(), rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "params", "reason"),
    [
        ("lightgbm", {"linear_tree": True}, "linear trees"),
        ("catboost", {"grow_policy": "Lossguide", "max_leaves": 9}, "do not add up"),
    ],
)
def test_contributions_unsupported_by_library_are_an_error(kind: str, params: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        saved(kind, params).contributions(MADE.ahead)


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_columns_in_another_order_are_refused(kind: str) -> None:
    model = saved(kind, {})
    with pytest.raises(ModelError, match="their order"):
        model.contributions(replace(MADE.ahead, names=MADE.ahead.names[::-1]))


def test_figures_that_do_not_add_up_are_refused() -> None:
    matrix = np.array([[1.0, 2.0, 0.5]])
    assert added_up(matrix, np.array([3.5]), np.array([3.5])).additive
    with pytest.raises(ModelError, match="add up"):
        added_up(matrix, np.array([3.6]), np.array([3.4]))
