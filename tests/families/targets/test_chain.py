"""Steps of the target: undone exactly, blind to what comes after an origin, refused where they make no sense."""

from __future__ import annotations

import numpy as np
import pytest
from feature_worlds import column, panel, tables, view
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runner.families.features.rows import OriginGrid, Rows
from runner.families.models import ModelError
from runner.families.targets.chain import Target, fit_chain, load_steps
from runner.members.targets.registry import TARGETS
from runner.members.targets.section import TargetScaling
from runner.values.panel import Floats, Ints, View

N, T, H = 3, 24, 4
GRID = OriginGrid(np.array([24, 20, 24]), 1, 19, 1)
POINTWISE = st.lists(st.sampled_from(["log1p", "signed_log"]), max_size=1).map(
    lambda names: [(name,) for name in names]
)
BASES = st.sampled_from(["naive", "seasonal_naive", "drift", "moving_average"])
WINDOWS = st.sampled_from([None, 1, 6])
LISTS = st.tuples(
    POINTWISE,
    st.lists(BASES.map(lambda rule: ("base", rule)), max_size=1),
    st.lists(st.tuples(st.just("level"), st.sampled_from(["mean", "last"]), WINDOWS), max_size=1),
    st.lists(st.tuples(st.just("scale"), st.sampled_from(["mean", "std", "difference"]), WINDOWS), max_size=1),
).map(lambda parts: [step for part in parts for step in part])


def make_steps(steps: list[tuple[str, ...]]) -> list[Target]:
    return [TARGETS[name].implementation()(*arguments) for name, *arguments in steps]


def some_rows() -> Rows:
    """Every step of every origin that all series have."""
    series, number, step = (a.ravel() for a in np.meshgrid(np.arange(N), np.arange(19), np.arange(1, H + 1)))
    return Rows(series, GRID.cutoff[series] - number, step, GRID)


@settings(max_examples=200, deadline=None)
@given(
    y=arrays(np.float64, (N, T), elements=st.floats(-0.9, 1e6)),
    truth=arrays(np.float64, (N * 19 * H,), elements=st.floats(-0.9, 1e6)),
    steps=LISTS,
)
def test_undo_is_the_inverse_of_apply(y: Floats, truth: Floats, steps: list[tuple[str, ...]]) -> None:
    chain = fit_chain(make_steps(steps), view(panel(y), gap=1, horizon=H), GRID.positions)
    again = chain.undo(chain.apply(truth, some_rows()), some_rows())
    size = np.abs(truth) + np.abs(y).max()  # subtracting a large level costs the digits of a small value
    assert (np.abs(again - truth) <= 1e-9 * np.maximum(size, 1)).all()


@settings(max_examples=100, deadline=None)
@given(
    y=arrays(np.float64, (N, T), elements=st.floats(0, 1e4)),
    other=arrays(np.float64, (N, T), elements=st.floats(0, 1e4)),
    origin=st.integers(1, T),
    steps=LISTS,
)
def test_values_from_an_origin_on_change_nothing(
    y: Floats, other: Floats, origin: int, steps: list[tuple[str, ...]]
) -> None:
    rows = Rows(np.arange(N), np.full(N, origin), np.full(N, 2), OriginGrid(np.full(N, origin), 1, 1, 0))
    changed = np.where(np.arange(T) >= origin, other, y)
    made = [
        fit_chain(make_steps(steps), view(panel(values), horizon=H), rows.grid.positions).apply(np.ones(N), rows)
        for values in (y, changed)
    ]
    np.testing.assert_array_equal(*made)


def test_target_map_becomes_ordered_list() -> None:
    section = TargetScaling(transform="log1p", base="seasonal_naive", level="mean", scale="std", window=3)
    assert [type(step).__name__ for step in load_steps(section)] == ["Log1p", "Base", "Level", "Scale"]
    assert load_steps(TargetScaling(scale="none")) == ()


class Bent:
    """A plug-in's step, which bends the scale and says nothing of it."""

    def fit(self, _view: View, _origins: Ints) -> Bent:
        return self

    def apply(self, y: Floats, _rows: Rows) -> Floats:
        return np.cbrt(y)

    def undo(self, z: Floats, _rows: Rows) -> Floats:
        return z**3


@pytest.mark.parametrize(
    ("steps", "factor"),
    [
        ([], 1),
        ([("level", "mean"), ("scale", "mean")], 2),
        ([("base", "naive"), ("scale", "mean")], 2),
        ([("log1p",), ("scale", "mean")], None),
    ],
)
def test_factor_is_scale_where_steps_are_linear(steps: list[tuple[str, ...]], factor: float | None) -> None:
    chain = fit_chain(make_steps(steps), view(panel(np.full((N, T), 2.0)), gap=1, horizon=H), GRID.positions)
    units = chain.factor(some_rows())
    assert (None if units is None else set(units[some_rows().origin > 0])) == (None if factor is None else {factor})


def test_factor_of_unknown_step_is_none() -> None:
    seen = view(panel(np.full((N, T), 2.0)), gap=1, horizon=H)
    chain = fit_chain([*make_steps([("scale", "mean")]), Bent()], seen, GRID.positions)
    assert chain.factor(some_rows()) is None


def test_log1p_changes_the_units_of_features_too() -> None:
    y = np.expm1(np.arange(20.0) / 10)
    train, ahead = tables(view(panel(y, future=3)), target=TargetScaling(transform="log1p", scale="none"), lags=(1,))
    np.testing.assert_allclose(column(train, "lag.1"), (train.origin - 1) / 10, rtol=1e-6)
    np.testing.assert_allclose(train.y, train.rows.target / 10)
    np.testing.assert_allclose(ahead.undo(np.array([1.0, 2, 3])), np.expm1([1.0, 2, 3]))


def test_base_leaves_the_residual_and_is_added_again() -> None:
    wave = np.tile([10.0, 20, 30, 40, 50, 60, 70], 4) + np.arange(28) // 7
    target = TargetScaling(base="seasonal_naive", scale="none")
    train, ahead = tables(view(panel(wave, future=3)), target=target)
    late = train.origin >= 7
    assert set(train.y[late]) == {1.0}
    np.testing.assert_allclose(ahead.undo(np.ones(3)), [14, 24, 34])


def test_log1p_refuses_values_of_minus_one_or_less() -> None:
    seen = view(panel([[1.0, 2, 3], [1.0, -4, 3]]))
    with pytest.raises(ModelError, match=r"log1p: series s0/i1 has -4, .*hint: `signed_log`"):
        tables(seen, target=TargetScaling(transform="log1p"))


@pytest.mark.parametrize(
    "steps",
    [
        [("scale", "mean"), ("level", "mean")],
        [("level", "mean"), ("level", "last")],
        [("scale", "mean"), ("scale", "std")],
    ],
)
def test_chain_with_wrong_order_is_refused(steps: list[tuple[str, ...]]) -> None:
    with pytest.raises(ModelError, match="one level and one scale"):
        fit_chain(make_steps(steps), view(panel(np.ones((N, T)))), np.full((N, 1), T))


def test_level_after_base_shifts_features_only() -> None:
    seen = view(panel(np.arange(1.0, N * T + 1).reshape(N, T)), cutoff=20, horizon=H)
    wanted, origins = some_rows(), GRID.positions
    both = fit_chain(make_steps([("base", "naive"), ("level", "mean", None)]), seen, origins)
    alone = fit_chain(make_steps([("base", "naive")]), seen, origins)
    y = np.full(len(wanted), 50.0)
    np.testing.assert_array_equal(both.apply(y, wanted), alone.apply(y, wanted))
    assert (both.units.level != 0).any()
