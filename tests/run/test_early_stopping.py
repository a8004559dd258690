"""Growth stops by rounds, patience or pruning; tested on bare values, without a fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.families.metrics import sort_key
from runner.families.metrics.base import Direction
from runner.members.training import Rounds
from runner.run.early_stopping import Finish, Grow, Growth, ShouldStop

LIMITS = st.builds(Rounds, max=st.integers(1, 300), chunk=st.integers(1, 60), patience=st.integers(1, 6))
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=300, max_size=300)
DIRECTIONS = st.sampled_from(["lower", "higher", "zero"])


def grown(limits: Rounds, values: list[float], direction: Direction, stop: ShouldStop | None = None) -> Growth:
    """Grow until it stops, with one value a look."""
    growth = Growth(limits, direction, stop)
    for value in values:
        if isinstance(growth.next(), Finish):
            break
        growth = growth.observe(value)
    return growth


@given(LIMITS, VALUES, DIRECTIONS)
def test_growth_always_stops_within_its_limits(limits: Rounds, values: list[float], direction: Direction) -> None:
    growth = grown(limits, values, direction)
    rounds = [point.rounds for point in growth.curve]
    assert isinstance(growth.next(), Finish)
    assert rounds == [min((look + 1) * limits.chunk, limits.max) for look in range(len(rounds))]


@given(LIMITS, VALUES, DIRECTIONS)
def test_growth_best_is_the_earliest_of_equals(limits: Rounds, values: list[float], direction: Direction) -> None:
    growth = grown(limits, values, direction)
    keys = [sort_key(direction, point.value) for point in growth.curve]
    best = growth.curve[keys.index(min(keys))]
    assert (growth.best_rounds, growth.best_value) == (best.rounds, best.value)


@given(LIMITS, VALUES, DIRECTIONS)
def test_growth_stops_at_the_first_reason(limits: Rounds, values: list[float], direction: Direction) -> None:
    growth = grown(limits, values, direction)
    keys = [sort_key(direction, point.value) for point in growth.curve]
    waited = len(keys) - 1 - keys.index(min(keys))
    if growth.next() == Finish("patience"):
        assert waited == limits.patience
        assert growth.curve[-1].rounds < limits.max
    else:
        assert growth.next() == Finish("max rounds")
        assert growth.curve[-1].rounds == limits.max


@given(LIMITS, VALUES, st.integers(0, 20))
def test_growth_pruned_stops_at_that_look(limits: Rounds, values: list[float], look: int) -> None:
    free = grown(limits, values, "lower")
    pruned = grown(limits, values, "lower", lambda step, _best: step >= look)
    assert pruned.curve == free.curve[: look + 1]
    assert (pruned.next() == Finish("pruned")) == (len(free.curve) > look)


def test_growth_shows_the_pruner_the_best_value() -> None:
    seen = []

    def remember(step: int, best: float) -> bool:
        seen.append((step, best))
        return False

    growth = grown(Rounds(max=40, chunk=10, patience=3), [3.0, 5.0, 1.0, 2.0], "lower", remember)
    assert growth.next() == Finish("max rounds")
    assert list(dict.fromkeys(seen)) == [(0, 3.0), (1, 3.0), (2, 1.0), (3, 1.0)]


@given(LIMITS, VALUES, DIRECTIONS)
def test_growth_next_changes_nothing(limits: Rounds, values: list[float], direction: Direction) -> None:
    growth = Growth(limits, direction).observe(values[0])
    before = (growth.curve, growth.best_value, growth.waited)
    assert growth.next() == growth.next()
    assert (growth.curve, growth.best_value, growth.waited) == before


def test_growth_observe_after_the_stop_raises() -> None:
    growth = Growth(Rounds(max=5, chunk=5), "lower").observe(1.0)
    with pytest.raises(ValueError, match="the growth has stopped: max rounds"):
        growth.observe(1.0)


def test_growth_last_chunk_is_cut_at_max() -> None:
    growth = Growth(Rounds(max=25, chunk=10), "lower")
    for expected in (10, 20, 25):
        assert growth.next() == Grow(expected)
        growth = growth.observe(-float(expected))
    assert growth.next() == Finish("max rounds")
