"""What a change does to the work, held against the modules that do the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.commands.diff.effects import count_fits, effects, offsets, studies
from runner.data.split import split
from runner.language.sections.experiment import Experiment
from runner.run.plan import make_plan
from runner.store.identity import identity_of, run_id
from runner.values.panel import Panel
from runner.values.section import as_values

STEPS = 400


def experiment(**sections: Any) -> Experiment:
    """A small experiment, with sections replaced."""
    tree: dict[str, Any] = {
        "version": 1,
        "name": "small",
        "data": {"source": {"synthetic": {}}, "time": "time", "target": "y", "freq": "D"},
        "forecast": {"horizon": 7},
        "evaluation": {"tuning": {"windows": 2}, "test": {"windows": 3}},
        "models": {"naive": {}, "lightgbm": {"space": {"num_leaves": {"int": [4, 31]}}}, "catboost": {}},
    }
    return Experiment.model_validate(as_values(tree | sections))


def panel() -> Panel:
    times = np.arange("2020-01-01", "2030-01-01", dtype="datetime64[D]")[: STEPS + 20].astype("datetime64[us]")
    y = np.arange(STEPS, dtype=float)[None, :] + 1  # [1, T]
    return Panel((), ((),), times, "D", y, np.array([0]), np.array([STEPS]))


windows = st.fixed_dictionaries(
    {"windows": st.integers(1, 4), "step": st.none() | st.integers(1, 12), "history": st.none() | st.integers(20, 60)}
)


@given(windows, windows, st.integers(1, 12), st.integers(0, 3), st.none() | st.integers(1, 12))
def test_offsets_equal_the_windows_of_split(
    tuning: dict[str, Any], test: dict[str, Any], horizon: int, gap: int, least: int | None
) -> None:
    tuning = tuning | {"min_horizon": least}
    spec = experiment(forecast={"horizon": horizon, "gap": gap}, evaluation={"tuning": tuning, "test": test})
    laid = split(panel(), spec)
    for part in ("tuning", "test"):
        told = [(STEPS - window.cutoff, window.horizon) for window in offsets(spec)[part]]
        assert told == [(int(window.cutoff[0]), window.horizon) for window in laid.part(part)]


@pytest.mark.parametrize("quantiles", [(), (0.1, 0.9)])
@pytest.mark.parametrize("weights", ["equal", "learnt"])
def test_count_fits_equals_the_plan(tmp_path: Path, quantiles: tuple[float, ...], weights: str) -> None:
    models = {
        "naive": {},
        "lightgbm": {"space": {"num_leaves": {"int": [4, 31]}}},
        "catboost": {"params": {}},
        "blend": {"of": ["lightgbm", "naive"], "weights": weights},
    }
    spec = experiment(models=models, forecast={"horizon": 7, "quantiles": list(quantiles)})
    plan = make_plan(spec, panel(), tables=tmp_path, key="k")
    assert studies(spec) == {member.name: plan.trials(member) for member in plan.studies}
    assert count_fits(spec) == plan.fits


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "other"},
        {"run": {"workers": 1}},
        {"tracking": {"trials": "none"}},
        {"study": {"budget": {"trials": 40}}},
        {"study": {"generation": 4}},
        {"features": {"lags": [1]}},
        {"forecast": {"horizon": 8}},
        {"models": {"naive": {}}},
    ],
)
def test_same_run_agrees_with_the_run_id(changed: dict[str, Any]) -> None:
    before, after = experiment(), experiment(**changed)
    ids = [run_id(spec.model_dump(mode="json"), {}, identity_of(spec)) for spec in (before, after)]
    assert effects(before, after).same_run == (ids[0] == ids[1])


def fates(**changed: Any) -> dict[str, str]:
    return {study.model: study.fate for study in effects(experiment(), experiment(**changed)).studies}


def test_effects_of_another_reported_metric_keep_trials() -> None:
    evaluation = {"tuning": {"windows": 2}, "test": {"windows": 3}, "report": ["mae"]}
    assert fates(evaluation=evaluation) == {"lightgbm": "same", "catboost": "same"}


def test_effects_of_another_space_stay_within_study() -> None:
    models = {"naive": {}, "lightgbm": {"space": {"num_leaves": {"int": [4, 63]}}}, "catboost": {}}
    assert fates(models=models) == {"lightgbm": "new", "catboost": "same"}


def test_more_test_windows_move_the_tuning_windows() -> None:
    found = effects(experiment(), experiment(evaluation={"tuning": {"windows": 2}, "test": {"windows": 4}}))
    by_part = {window.part: window for window in found.windows}
    assert (by_part["test"].kept, len(by_part["test"].added)) == (3, 1)
    assert by_part["tuning"].kept == 1
    assert [study.fate for study in found.studies] == ["first draws", "first draws"]
    assert not found.comparable


def test_other_features_keep_first_draws_and_cells() -> None:
    found = effects(experiment(), experiment(features={"lags": [1, 2]}))
    assert found.comparable
    assert [study.fate for study in found.studies] == ["first draws", "first draws"]
