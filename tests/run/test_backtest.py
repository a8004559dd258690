"""The heart: windows are grown together, stopped on the true metric, and nothing after a cut-off is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.families.models import ModelError
from runner.language.sections.experiment import Experiment
from runner.run.backtest import Result, backtest
from runner.run.plan import Plan, make_plan
from runner.values.panel import Floats, Forecast, Panel
from runner.values.section import FrozenMap, as_values

SEASON = 7


def spec(**models: Any) -> Experiment:
    tree = {
        "version": 1,
        "name": "x",
        "data": {"source": {"synthetic": {}}, "series": ["id"], "time": {"integer": "t"}, "target": "y"},
        "forecast": {"horizon": 5, "season": SEASON},
        "evaluation": {"metric": "mae", "tuning": {"windows": 2}, "test": {"windows": 2}},
        "features": {"lags": [1, 2], "seasonal_lags": {}},
        "training": {"rounds": {"max": 60, "chunk": 10, "patience": 2}},
        "models": models or {"naive": {}, "lightgbm": {"params": {"min_data_in_leaf": 3}}},
    }
    return Experiment.model_validate(as_values(tree))


def weekly(n: int = 3, steps: int = 70) -> Floats:
    rng = np.random.default_rng(4)
    wave = 10 + np.tile([0, 1, 2, 3, 9, 8, 1], steps // SEASON + 1)[:steps]
    return (np.arange(1, n + 1)[:, None] * wave + rng.normal(0, 0.1, (n, steps))).astype(float)


def panel(y: Floats) -> Panel:
    n, steps = y.shape
    ids = tuple((str(i),) for i in range(n))
    return Panel(("id",), ids, np.arange(steps + 5), None, y, np.zeros(n, int), np.full(n, steps))


def plan_of(y: Floats, folder: Path, key: str = "k", **models: Any) -> Plan:
    return make_plan(spec(**models), panel(y), tables=folder, key=key)


def run(plan: Plan, name: str, part: str = "tuning", **more: Any) -> Result:
    windows = plan.setup.windows.tuning if part == "tuning" else plan.setup.windows.test
    return backtest(plan.member(name).candidate({}), windows, plan.setup, **more)


def test_a_perfect_season_is_forecast_without_error(tmp_path: Path) -> None:
    y = np.tile([1.0, 5.0, 2.0, 7.0, 3.0, 8.0, 4.0], 10)[None]
    result = run(plan_of(y, tmp_path, seasonal_naive={}), "seasonal_naive", "test")
    assert result.scores["mae"] == 0
    assert [w.window for w in result.windows] == ["test-1", "test-2"]


def test_curve_ends_after_patience_checkpoints(tmp_path: Path) -> None:
    result = run(plan_of(weekly(), tmp_path), "lightgbm")
    values = [point.value for point in result.curve]
    best = int(np.argmin([v for v in values if v is not None]))
    assert result.rounds == result.curve[best].rounds
    assert result.scores["mae"] == pytest.approx(values[best])
    assert len(values) - 1 - best <= 2
    assert [point.rounds for point in result.curve] == [10 * (i + 1) for i in range(len(values))]


def test_fixed_rounds_score_as_the_curve(tmp_path: Path) -> None:
    plan = plan_of(weekly(), tmp_path)
    found = run(plan, "lightgbm")
    fixed = backtest(plan.member("lightgbm").candidate({}, found.rounds), plan.setup.windows.tuning, plan.setup)
    assert fixed.scores == found.scores
    assert fixed.curve == ()


def test_pruner_stops_all_windows_together(tmp_path: Path) -> None:
    result = run(plan_of(weekly(), tmp_path), "lightgbm", should_stop=lambda step, best: step == 1)
    assert result.pruned
    assert len(result.curve) == 2


@pytest.mark.parametrize("name", ["naive", "lightgbm"])
def test_change_after_cutoff_changes_no_forecast(tmp_path: Path, name: str) -> None:
    y = weekly()
    plan = plan_of(y, tmp_path / "a")
    window = plan.setup.windows.tuning[0]
    poisoned = y.copy()
    poisoned[:, window.cutoff[0] :] = np.random.default_rng(0).normal(1e6, 1e5, y[:, window.cutoff[0] :].shape)
    other = plan_of(poisoned, tmp_path / "b")
    candidate = plan.member(name).candidate({}, 20)
    before = backtest(candidate, [window], plan.setup).forecasts[0].point
    after = backtest(candidate, [other.setup.windows.tuning[0]], other.setup).forecasts[0].point
    np.testing.assert_array_equal(before, after)


def test_candidate_twice_is_identical(tmp_path: Path) -> None:
    first, second = (run(plan_of(weekly(), tmp_path / name), "lightgbm") for name in "ab")
    for one, other in zip(first.forecasts, second.forecasts, strict=True):
        np.testing.assert_array_equal(one.point, other.point)


def test_counted_cells_are_same_for_every_model(tmp_path: Path) -> None:
    y = weekly()
    y[0, -3:] = np.nan
    plan = plan_of(y, tmp_path)
    counts = {name: [w.n_cells for w in run(plan, name, "test").windows] for name in ("naive", "lightgbm")}
    assert counts["naive"] == counts["lightgbm"] == [15, 12]


def test_forecast_hole_failure_names_window_and_series(tmp_path: Path) -> None:
    plan = plan_of(weekly(), tmp_path, naive={}, drift={}, blend={"of": ["naive", "drift"]})
    holed = Forecast(np.where(np.arange(15).reshape(3, 5) == 7, np.nan, 1.0))
    whole = Forecast(np.ones((3, 5)))
    blend = plan.member("blend")
    candidate = replace(blend.base, params=FrozenMap({"of": blend.of}))
    with pytest.raises(ModelError, match="test-1: member naive has no forecast in 1 cells, first for 1"):
        backtest(
            candidate,
            plan.setup.windows.test[:1],
            plan.setup,
            members={"naive": [holed], "drift": [whole]},
        )
