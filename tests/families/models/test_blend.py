"""A blend is a plain weighted mean, and fails rather than forget a member."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from runner.families.models import ModelError, build
from runner.families.models.base import Task
from runner.run.benchmark.weights import learn_weights
from runner.testing.worlds import panel, view
from runner.values.panel import Forecast

OF = view(panel([[1.0, 2.0, 3.0], [np.nan] * 3]), horizon=2)


def blended(members: dict[str, Any], **params: Any) -> Forecast:
    made = {name: f if isinstance(f, Forecast) else Forecast(np.full((2, 2), float(f))) for name, f in members.items()}
    return build("blend", params, 1).start(Task(OF, members=made)).forecast()


def test_equal_weights_are_the_mean() -> None:
    np.testing.assert_allclose(blended({"a": 1, "b": 2, "c": 6}).point, 3.0)


def test_given_weights_are_used() -> None:
    np.testing.assert_allclose(blended({"a": 1, "b": 5}, weights={"a": 0.25, "b": 0.75}).point, 4.0)


def test_only_the_named_members_are_blended() -> None:
    np.testing.assert_allclose(blended({"a": 1, "b": 5, "c": 99}, of=("a", "b")).point, 3.0)


def test_a_member_that_is_absent_fails_the_blend() -> None:
    with pytest.raises(ModelError, match="no forecast of c to blend"):
        blended({"a": 1, "b": 5}, of=("a", "c"))


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_blend_member_hole_with_history_fails(hole: float) -> None:
    holed = Forecast(np.array([[1.0, hole], [1.0, 1.0]]))
    with pytest.raises(ModelError, match="member b has no forecast in 1 cells, first for s0"):
        blended({"a": 1, "b": holed})


def test_blend_member_hole_without_history_is_allowed() -> None:
    silent = Forecast(np.array([[1.0, 1.0], [np.nan, np.nan]]))
    answer = blended({"a": 3, "b": silent})
    np.testing.assert_allclose(answer.point, [[2, 2], [np.nan, np.nan]])


def test_quantiles_are_blended_when_every_member_has_them() -> None:
    one = Forecast(np.ones((2, 2)), np.tile([0.0, 2.0], (2, 2, 1)))
    two = Forecast(np.ones((2, 2)), np.tile([1.0, 5.0], (2, 2, 1)))
    quantiles = blended({"a": one, "b": two}).quantiles
    assert quantiles is not None
    np.testing.assert_allclose(quantiles, np.tile([0.5, 3.5], (2, 2, 1)))
    assert blended({"a": one, "b": 1}).quantiles is None


def test_blend_cell_is_fallback_of_any_member() -> None:
    one = Forecast(np.ones((2, 2)), fallback=np.array([[True, False], [False, False]]))
    marks = blended({"a": one, "b": 1}).fallback
    assert marks is not None
    assert marks.tolist() == [[True, False], [False, False]]
    assert blended({"a": 1, "b": 1}).fallback is None


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({"a": 0.5, "b": 0.6}, "sum to one"),
        ({"a": 1.5, "b": -0.5}, "not be negative"),
        ({"a": 1.0}, "given for a but members are a, b"),
        ("learnt", "`equal` or a number for each member"),
    ],
)
def test_weights_that_make_no_mean_are_refused(weights: Any, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        build("blend", {"of": ("a", "b"), "weights": weights}, 1)


def test_saved_blend_is_its_weights() -> None:
    members = {"a": Forecast(np.ones((2, 2))), "b": Forecast(np.ones((2, 2)))}
    files = build("blend", {}, 1).start(Task(OF, members=members)).save()
    assert json.loads(files["meta.json"])["params"]["weights"] == {"a": 0.5, "b": 0.5}


def test_blend_perfect_member_gets_all_weight() -> None:
    truth = np.arange(12.0).reshape(3, 4)
    weights = learn_weights({"off": [truth + 3], "right": [truth], "far": [truth * 2]}, [truth])
    assert weights == pytest.approx({"off": 0, "right": 1, "far": 0})


def test_weights_that_made_the_truth_are_found_again() -> None:
    rng = np.random.default_rng(1)
    members = {name: [rng.normal(100, 20, (5, 6)) for _ in range(2)] for name in "abc"}
    truths = [0.5 * members["a"][w] + 0.3 * members["b"][w] + 0.2 * members["c"][w] for w in range(2)]
    truths[0][0, 0] = np.nan
    assert learn_weights(members, truths) == pytest.approx({"a": 0.5, "b": 0.3, "c": 0.2})


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), members=st.integers(2, 4), scale=st.sampled_from([1e-4, 1.0, 1e7]))
def test_learnt_weights_are_optimal_in_training(seed: int, members: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(10, 5, (4, 5)) * scale
    made = {f"m{i}": [truth + rng.normal(i, 2, truth.shape) * scale] for i in range(members)}
    weights = np.array(list(learn_weights(made, [truth]).values()))
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1.0)

    def error(w: Any) -> float:
        return float(np.abs(truth - sum(x * f[0] for x, f in zip(w, made.values(), strict=True))).mean() / scale)

    corners = [np.eye(members)[i] for i in range(members)]
    others = [*corners, np.full(members, 1 / members), *rng.dirichlet(np.ones(members), 50)]
    descent = minimize(lambda z: error(np.exp(z) / np.exp(z).sum()), np.zeros(members), method="Nelder-Mead")
    assert error(weights) <= min(*map(error, others), descent.fun) + 1e-9


def test_learning_from_many_cells_samples_evenly() -> None:
    rng = np.random.default_rng(2)
    truth = rng.gamma(3, 30, (6000, 13))
    made = {"a": [truth + rng.normal(0, 10, truth.shape)], "b": [truth + rng.normal(0, 20, truth.shape)]}
    weights = learn_weights(made, [truth])
    assert weights == learn_weights(made, [truth])
    assert 0.6 < weights["a"] < 0.95


def test_learning_without_complete_cells_is_impossible() -> None:
    empty = np.full((1, 2), np.nan)
    with pytest.raises(ModelError, match="no cell"):
        learn_weights({"a": [empty], "b": [empty]}, [empty])
    with pytest.raises(ModelError, match="member b has no forecast"):
        learn_weights({"a": [np.ones((1, 2))], "b": [empty]}, [np.ones((1, 2))])
