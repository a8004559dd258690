import numpy as np
import pytest
from feature_worlds import column, panel, tables, targets, view

from runner.values.panel import Covariate

NAN = np.nan
T, H = 20, 3
Y = np.ones((3, T))
STEPS = np.arange(T + H, dtype=float)


def made(*covariates, horizon=H, gap=0, y=Y, **features):
    return tables(view(panel(y, future=H, covariates=covariates), horizon=horizon, gap=gap), **features)


@pytest.mark.parametrize("shared", [True, False])
def test_known_covariate_is_taken_at_target_date(shared):
    values = STEPS if shared else STEPS + 100 * np.arange(3)[:, None]
    for table in made(Covariate("promo", "known", values), gap=1, horizon=2):
        base = 0 if shared else 100 * table.series
        assert (column(table, "known.promo") == targets(table, 1) + base).all()


@pytest.mark.parametrize("shared", [True, False])
def test_observed_covariate_is_carried_over_missing_values(shared):
    values = STEPS.copy()
    values[[0, 7, 8, T - 1]] = NAN
    values = values if shared else np.stack([values] * 3)
    for table in made(Covariate("cpi", "observed", values)):
        expected = [next((v for v in STEPS[o - 1 :: -1] if v not in (0, 7, 8, T - 1)), NAN) for o in table.origin]
        np.testing.assert_array_equal(column(table, "observed.cpi"), expected)


def test_static_covariate_and_ids_belong_to_series():
    for table in made(Covariate("size", "static", np.array([5.0, NAN, 7])), ids=True):
        np.testing.assert_array_equal(column(table, "static.size"), np.array([5, NAN, 7])[table.series])
        assert column(table, "id.shop").tolist() == (table.series // 2).tolist()
        assert column(table, "id.item").tolist() == (table.series % 2).tolist()


def test_missing_text_has_code_minus_one():
    text = Covariate("type", "static", np.array([1.0, NAN, 0]), categories=("A", "B"))
    mood = Covariate("mood", "observed", np.where(STEPS < 4, NAN, STEPS % 2), categories=("low", "high"))
    train, ahead = made(text, mood, Covariate("size", "static", np.arange(3.0)), ids=True)
    categorical = {"observed.mood", "static.type", "id.shop", "id.item"}
    assert {train.names[i] for i in train.categorical} == categorical
    assert set(column(train, "static.type")) == {-1, 0, 1}
    assert (column(train, "observed.mood")[train.origin < 5] == -1).all()
    assert ahead.categorical == train.categorical


def test_covariates_can_be_left_out():
    assert made(Covariate("promo", "known", STEPS), covariates=False).train.names == ("step",)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.where(STEPS < T, NAN, 1), "empty in training, but filled at the forecast"),
        (np.where(STEPS < T, STEPS % 2, NAN), "filled in training, but empty at the forecast"),
        (np.full(T + H, NAN), "no value at all"),
        (np.ones(T + H), "the same everywhere in training"),
    ],
)
@pytest.mark.parametrize("categories", [None, ("a", "b")])
def test_useless_column_is_dropped_with_reason(values, reason, categories):
    tables = made(Covariate("price", "known", values, categories))
    assert tables.train.names == tables.ahead.names == ("step",)
    assert tables.dropped == (f"known.price: {reason}",)


def test_column_with_huge_number_stays_finite():
    train, _ = made(Covariate("huge", "known", np.where(STEPS % 2 == 0, 1e300, -1e300)))
    assert np.isfinite(train.x).all()
