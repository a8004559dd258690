"""What features learnt serves another panel: codes, first time and profiles stay those of the fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from feature_worlds import UNSCALED, column, panel, view

from runner.families.features.build import TableBuilder
from runner.families.features.config import TableConfig
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError
from runner.families.models.files import read_states, write_states
from runner.members.features.section import Features
from runner.values.panel import Covariate, Panel

Y = np.arange(4 * 30.0).reshape(4, 30) % 13
SKY = Covariate("sky", "known", np.arange(33) % 2.0, ("b", "c"))
WORLD = panel(Y, future=3, covariates=(SKY, Covariate("size", "static", np.arange(4.0))))
FEATURES = {"lags": (1,), "ids": True, "calendar": ("elapsed",), "profile": ("mean", "cv")}


def builder(of: Panel, **features: Any) -> TableBuilder:
    return TableBuilder(view(of), TableConfig(Features(**(FEATURES | features)), UNSCALED))


def ahead_of(of: Panel) -> FeatureTable:
    """The rows to forecast of another panel, by what was learnt from WORLD and saved."""
    made = builder(WORLD).tables()
    return builder(of).ahead(read_states(write_states(made.states)), made.train.names)


def take(series: list[int], of: Panel = WORLD) -> Panel:
    """Some series of a panel."""
    size = next(c for c in of.covariates if c.name == "size")
    kept = tuple(replace(c, values=size.values[series]) if c is size else c for c in of.covariates)
    ids = tuple(of.ids[i] for i in series)
    return replace(of, ids=ids, y=of.y[series], start=of.start[series], stop=of.stop[series], covariates=kept)


def test_saved_state_gives_same_columns() -> None:
    ahead = builder(WORLD).tables().ahead
    again = ahead_of(WORLD)
    assert (again.names, again.categorical) == (ahead.names, ahead.categorical)
    np.testing.assert_array_equal(again.x, ahead.x)


def test_series_alone_has_same_columns() -> None:
    whole = ahead_of(WORLD)
    for series in range(4):
        np.testing.assert_array_equal(ahead_of(take([series])).x, whole.x[whole.series == series])


def test_an_unknown_series_has_missing_codes_and_profile() -> None:
    ahead = ahead_of(replace(take([0]), ids=(("elsewhere", "i0"),)))
    assert set(column(ahead, "id.shop")) == {-1.0}
    assert set(column(ahead, "id.item")) == {0.0}
    assert np.isnan(column(ahead, "profile.cv")).all()


@pytest.mark.parametrize("skipped", [0, 10])
def test_elapsed_counts_from_fit_start(skipped: int) -> None:
    later = replace(
        WORLD, times=WORLD.times[skipped:], y=WORLD.y[:, skipped:], start=WORLD.start, stop=WORLD.stop - skipped,
        covariates=(replace(SKY, values=SKY.values[skipped:]), WORLD.covariates[1]),
    )  # fmt: skip
    assert set(column(ahead_of(later), "calendar.elapsed")) == {30.0, 31, 32}


def test_text_keeps_code_of_the_fit() -> None:
    texts = Covariate("sky", "known", np.arange(33) % 3.0, ("a", "b", "c"))
    ahead = ahead_of(replace(WORLD, covariates=(texts, WORLD.covariates[1])))
    assert column(ahead, "known.sky")[:3].tolist() == [-1, 0, 1]


def test_numbers_for_texts_and_the_reverse_are_refused() -> None:
    numbers = replace(WORLD, covariates=(replace(SKY, categories=None), WORLD.covariates[1]))
    with pytest.raises(ModelError, match="sky had texts when it was fitted, and has numbers now"):
        ahead_of(numbers)
    texts = replace(WORLD, covariates=(SKY, replace(WORLD.covariates[1], categories=("a", "b", "c", "d"))))
    with pytest.raises(ModelError, match="size had numbers when it was fitted, and has texts now"):
        ahead_of(texts)


def test_a_covariate_that_is_absent_is_named() -> None:
    with pytest.raises(ModelError, match=r"needs known\.sky, which cannot be made of this history"):
        ahead_of(replace(WORLD, covariates=WORLD.covariates[1:]))


def test_states_are_written_the_same_each_time() -> None:
    states = builder(WORLD).tables().states
    assert write_states(states) == write_states(builder(WORLD).tables().states)
    assert set(read_states(write_states(states))) == set(states)
