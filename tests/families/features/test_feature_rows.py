import numpy as np
import pytest
from feature_worlds import panel, tables, targets, view
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.families.features import build as building
from runner.families.features.build import build, estimate_rows
from runner.families.features.config import TableConfig
from runner.members.features.section import Features
from runner.members.training import EverySteps, Origins, Training
from runner.values.panel import view_until

NAN = np.nan


def expected(seen, training, horizon):
    """The rows by the letter: every origin, series and step, one at a time."""
    y, found = seen.panel.y, set()
    for i, cutoff in enumerate(seen.cutoff):
        for k in range(1, cutoff + 1):
            origin = cutoff - training.origins.every * k
            if origin <= 0 or np.isnan(y[i, :origin]).all():
                continue
            for step in range(1, horizon + 1):
                target = origin + seen.gap + step - 1
                chosen = training.steps == "all" or (step - 1 - k) % training.steps.every == 0
                if target < cutoff and chosen and not np.isnan(y[i, target]):
                    found.add((i, origin, step))
    return found


@st.composite
def worlds(draw):
    n, steps = draw(st.integers(1, 3)), draw(st.integers(1, 14))
    y = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, NAN]), min_size=n * steps, max_size=n * steps)))
    cutoff = draw(st.lists(st.integers(0, steps), min_size=n, max_size=n))
    horizon, gap = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    chosen = draw(st.one_of(st.just("all"), st.integers(1, 4).map(lambda k: EverySteps(every=k))))
    training = Training(origins=Origins(every=draw(st.integers(1, 4))), steps=chosen)
    world = panel(y.reshape(n, steps), future=horizon + gap)
    return view(world, cutoff=cutoff, horizon=horizon, gap=gap, first=draw(st.integers(0, 3))), training


@given(worlds())
def test_rows_are_those_that_a_slow_count_finds(world):
    seen, training = world
    table = tables(seen, training=training).train
    found = list(zip(table.series.tolist(), table.origin.tolist(), table.step.tolist(), strict=True))
    assert set(found) == expected(seen, training, seen.horizon)
    assert found == sorted(set(found))


@given(worlds())
def test_observed_series_are_forecast_at_every_step(world):
    seen, training = world
    ahead = tables(seen, training=training).ahead
    served = np.flatnonzero((~np.isnan(seen.panel.y)).any(axis=1))
    assert ahead.series.tolist() == np.repeat(served, seen.horizon).tolist()
    assert ahead.step.tolist() == list(range(1, seen.horizon + 1)) * len(served)
    assert (ahead.origin == seen.cutoff[ahead.series]).all()
    assert np.isnan(ahead.y).all()


@given(worlds())
def test_estimate_counts_rows_with_missing_targets(world):
    seen, training = world
    config = TableConfig(training=training)
    both = tables(seen, training=training)
    full = np.where(np.arange(seen.panel.n_steps) < seen.cutoff[:, None], np.nan_to_num(seen.panel.y), NAN)
    assert estimate_rows(seen, config) >= len(both.train) + len(both.ahead)
    if not np.isnan(seen.panel.y[:, :1]).any():
        filled = view(
            panel(full, future=seen.horizon + seen.gap), cutoff=seen.cutoff, horizon=seen.horizon, gap=seen.gap
        )
        assert estimate_rows(filled, config) == sum(map(len, tables(filled, training=training)))


def test_full_series_has_rows_by_formula():
    seen = view(panel(np.arange(20.0), future=4), horizon=4)
    # 19 origins, of which the latest three lack 3, 2 and 1 steps.
    assert len(tables(seen).train) == 19 * 4 - (3 + 2 + 1)


def test_gap_moves_targets_from_origin():
    seen = view(panel(np.arange(12.0), future=8), horizon=2, gap=3)
    train, ahead = tables(seen)
    assert train.y.tolist() == (train.origin + 3 + train.step - 1).tolist()
    assert targets(ahead, 3).tolist() == [15, 16]


def test_each_series_counts_back_from_its_own_cutoff():
    seen = view(panel(np.ones((2, 20)), future=3), cutoff=[20, 11], horizon=3)
    train = tables(seen, training=Training(origins=Origins(every=5))).train
    assert sorted(set(zip(train.series.tolist(), train.origin.tolist(), strict=True))) == [
        (0, 5), (0, 10), (0, 15), (1, 1), (1, 6),
    ]  # fmt: skip


def test_the_first_origin_has_one_observation_before_it():
    seen = view(panel([NAN, NAN, 5, 6, 7, 8], future=1), horizon=1)
    assert tables(seen).train.origin.tolist() == [3, 4, 5]


def test_latest_origins_have_the_whole_horizon():
    seen = view(panel(np.arange(30.0), future=4), horizon=4)
    train = tables(seen, training=Training(origins=Origins(last=2))).train
    assert [train.origin[train.step == step].tolist() for step in (1, 4)] == [[25, 26, 27, 28, 29], [25, 26]]


def test_thinned_steps_all_occur():
    seen = view(panel(np.arange(60.0), future=7), horizon=7)
    train = tables(seen, training=Training(steps=EverySteps(every=3))).train
    assert set(train.step.tolist()) == set(range(1, 8))
    assert len(train) < len(tables(seen).train) / 2.5


def test_row_before_sliding_window_is_not_trained():
    seen = view(panel(np.arange(20.0), future=2), horizon=2, first=12)
    assert tables(seen).train.origin.min() == 13


def test_training_rows_stay_within_largest_horizon():
    seen = view(panel(np.arange(20.0), future=5), horizon=5)
    made = build(seen, TableConfig(), max_horizon=2)
    assert (made.train.step.max(), made.ahead.step.max()) == (2, 5)


def test_series_of_one_value_is_only_forecast():
    train, ahead = tables(view(panel([5.0], future=3)), lags=(1,))
    assert (len(train), len(ahead)) == (0, 3)
    assert ahead.x[:, ahead.names.index("lag.1")].tolist() == [5, 5, 5]


def test_table_too_large_is_refused_with_hint(monkeypatch):
    monkeypatch.setattr(building, "LIMIT_BYTES", 10_000)
    seen = view(panel(np.ones((3, 100)), future=3))
    with pytest.raises(DataError, match=r"891 rows x 2 columns, 0.0 GB.*origins\.every.*training\.steps"):
        build(seen, TableConfig(Features(lags=(1,))))


def test_view_without_history_makes_empty_tables():
    world = panel(np.full((1, 4), NAN), future=3)
    seen = view_until(world, np.array([2]), first=np.array([0]), gap=0, horizon=3, season=1)
    assert [len(table) for table in tables(seen)] == [0, 0]
