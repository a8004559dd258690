"""The plan is made of spec and panel alone, and says everything before it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.language.sections.experiment import Experiment
from runner.run.plan import Plan, estimate_seconds, make_plan, reported, rest_seconds, unobserved
from runner.run.plan_text import plan_document, plan_text, series_throughout, window_rows
from runner.values.panel import Panel
from runner.values.records import TrialRecord
from runner.values.section import as_values


def spec(**more: Any) -> Experiment:
    tree = {
        "version": 1,
        "name": "x",
        "data": {"source": {"synthetic": {}}, "time": "t", "target": "y", "freq": "D"},
        "forecast": {"horizon": 7},
        "features": {"lags": [1]},
        "models": {
            "blend": {"of": ["lightgbm", "naive"]},
            "lightgbm": {"space": {"num_leaves": {"int": [4, 8]}}},
            "fixed": {"use": "catboost"},
            "naive": {},
        },
        "study": {"budget": {"trials": 5}},
        **more,
    }
    return Experiment.model_validate(as_values(tree))


def plan(**more: Any) -> Plan:
    times = np.datetime64("2024-01-01") + np.arange(67)
    y = np.arange(60.0)[None]
    panel = Panel((), ((),), times, "D", y, np.zeros(1, int), np.full(1, 60))
    return make_plan(spec(**more), panel, tables=Path("nowhere"), key="k")


def test_plan_adds_baseline_and_orders_blend_last() -> None:
    names = [member.name for member in plan().members]
    assert set(names) == {"seasonal_naive", "blend", "lightgbm", "fixed", "naive"}
    assert names.index("blend") > max(names.index("lightgbm"), names.index("naive"))


def test_model_without_space_has_one_trial() -> None:
    made = plan()
    assert {m.name: made.trials(m) for m in made.members if made.trials(m)} == {"lightgbm": 5, "fixed": 1}
    assert made.fits == 5 + 1 + 2


def test_season_defaults_to_that_of_frequency() -> None:
    assert plan().setup.season == 7
    assert plan(forecast={"horizon": 7, "season": [30, 7]}).setup.season == 30


def test_drawn_values_replace_those_of_spec() -> None:
    member = plan().member("lightgbm")
    candidate = member.candidate({"params": {"num_leaves": 8}, "features": {"lags": (1, 2)}}, rounds=30)
    assert dict(candidate.params) == {"num_leaves": 8}
    assert candidate.tables is not None
    assert candidate.tables.features.lags == (1, 2)
    assert candidate.tables.target == spec().target
    assert candidate.rounds == 30
    assert member.base.params == {}


def test_document_has_each_convention_metric_once() -> None:
    refs = reported(spec(evaluation={"metric": "mae", "report": ["mase", "mape"]}))
    assert [ref.name for ref in refs] == ["mae", "mase", "mape", "rmse", "directional_accuracy"]


def test_the_outline_names_every_window_with_its_dates() -> None:
    lines = "\n".join(plan_text(plan(), workers=2))
    assert "test-1    known until 2024-02-22, 7 steps, 7 cells count" in lines
    assert "tuning-1  known until 2024-02-15" in lines
    assert "2 at a time" in lines


def test_hourly_cutoff_at_midnight_keeps_hour() -> None:
    times = np.datetime64("2024-01-01T00:00") + 4 * np.arange(67).astype("timedelta64[h]")
    panel = Panel((), ((),), times, "4h", np.arange(61.0)[None], np.zeros(1, int), np.full(1, 61))
    data = {"source": {"synthetic": {}}, "time": "t", "target": "y", "freq": "4h"}
    made = make_plan(spec(data=data, forecast={"horizon": 6}), panel, tables=Path("nowhere"), key="k")
    assert window_rows(made)[-1].last_cutoff == "2024-01-10 00:00"


def test_plan_document_agrees_with_plan_text() -> None:
    document = plan_document(plan())
    assert document["fits"] == 8
    assert [w["name"] for w in document["windows"]] == ["tuning-1", "test-1"]


def test_more_work_is_estimated_to_take_longer() -> None:
    assert estimate_seconds(plan(study={"budget": {"trials": 50}})) > 2 * estimate_seconds(plan())


def test_workers_make_the_same_plan_again() -> None:
    one, other = plan(), plan()
    assert one.members == other.members
    for a, b in zip(one.setup.windows.test, other.setup.windows.test, strict=True):
        np.testing.assert_array_equal(a.cutoff, b.cutoff)


@pytest.mark.parametrize("name", ["blend", "naive"])
def test_what_is_not_trained_has_no_study(name: str) -> None:
    assert plan().member(name) not in plan().studies


def test_series_without_shared_window_are_in_none() -> None:
    y = np.tile(np.arange(60.0), (3, 1))
    y[0, 53:] = y[1, 46:53] = np.nan  # the first is scored in test-1 alone, the second in test-2 alone
    times = np.datetime64("2024-01-01") + np.arange(60)
    evaluation = {"tuning": {"windows": 1}, "test": {"windows": 2, "step": 7}}

    def made(n: int) -> Plan:
        panel = Panel(("id",), tuple((str(i),) for i in range(n)), times, "D", y[:n], np.zeros(n, int), np.full(n, 60))
        return make_plan(spec(evaluation=evaluation), panel, tables=Path("nowhere"), key="k")

    assert [row.n_series for row in window_rows(made(2)) if row.name.startswith("test")] == [1, 1]
    assert (series_throughout(made(2)), series_throughout(made(3))) == (0, 1)


def test_series_without_observation_are_counted_and_named() -> None:
    made = plan()
    assert unobserved(made) == ""
    made.setup.panel.y[0] = np.nan
    label = made.setup.panel.label(0)
    assert unobserved(made) == (
        f"1 of {made.setup.panel.n_series} series has no observation of {made.spec.data.target} at all, "
        f"and no score: {label}"
    )


def test_remaining_time_is_estimated_from_recorded_trials() -> None:
    made = plan()
    assert rest_seconds(made, {}) is None
    took = {m.name: [TrialRecord(number=0, state="complete", params={}, seconds=2.0)] for m in made.studies}
    tuning, test = len(made.setup.windows.tuning), len(made.setup.windows.test)
    left = sum(made.trials(m) - 1 for m in made.studies)
    later = len(made.studies) * (test / tuning + made.calibrates)
    assert rest_seconds(made, took) == pytest.approx(2.0 * (left + later))
