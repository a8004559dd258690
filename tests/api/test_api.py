"""The Python API on one small run: frames, charts, models, forecasts and reprs."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runner
from runner.errors import DataError, UsageError
from runner.progress import Event, TrialDone

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "data": {
        "source": {"csv": "sales.csv"},
        "series": ["shop"],
        "time": "week",
        "target": "sales",
        "freq": "W-SUN",
        "covariates": {"known": ["promo"]},
    },
    "forecast": {"horizon": 4, "season": 13, "quantiles": [0.1, 0.9]},
    "evaluation": {"metric": "mae", "tuning": {"windows": 2}, "test": {"windows": 2}},
    "features": {"lags": [1, 2]},
    "training": {"rounds": {"max": 10, "chunk": 5}},
    "models": {
        "seasonal_naive": {},
        "lightgbm": {"params": {"min_data_in_leaf": 3}, "space": {"learning_rate": {"float": [0.05, 0.3]}}},
    },
    "study": {"budget": {"trials": 2}, "generation": 2},
    "run": {"workers": 1},
}
WEEKS = pd.date_range("2022-01-02", periods=80, freq="W-SUN")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").touch()
    (root / "specs").mkdir()
    frame = pd.DataFrame({"shop": np.repeat(["a", "b"], 80), "week": [*WEEKS, *WEEKS], "promo": np.arange(160) % 3})
    frame["sales"] = 50 + 10 * np.sin(np.arange(160) / 4) + 5 * frame["promo"]
    frame.to_csv(root / "sales.csv", index=False)
    before = Path.cwd()
    os.chdir(root)
    yield root
    os.chdir(before)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def run(project: Path, events: list[Event]) -> runner.Run:
    return runner.run(SPEC, progress=events.append)


@pytest.fixture(scope="module")
def future() -> pd.DataFrame:
    ahead = pd.date_range(WEEKS[-1], periods=5, freq="W-SUN")[1:]
    return pd.DataFrame({"shop": np.repeat(["a", "b"], 4), "week": [*ahead, *ahead], "promo": [0, 1, 2, 0] * 2})


def test_scoreboard_ranks_models_with_scores(run: runner.Run) -> None:
    board = run.scoreboard
    assert sorted(board.index) == ["lightgbm", "seasonal_naive"]
    assert list(board["rank"]) == [1, 2]
    assert board["mae"].is_monotonic_increasing
    assert board["mae"].to_dict() == {row.model_name: row.mae for row in run.results.results}


def test_trials_have_a_column_per_parameter(run: runner.Run) -> None:
    assert list(run.trials["number"]) == [0, 1]
    assert run.trials["params.learning_rate"].between(0.05, 0.3).all()


def test_forecasts_reproduce_the_score(run: runner.Run) -> None:
    cells = run.forecasts("lightgbm")
    assert set(run.forecasts()["model"]) == {"lightgbm", "seasonal_naive"}
    assert (cells["y"] - cells["forecast"]).abs().mean() == pytest.approx(run.scoreboard.loc["lightgbm", "mae"])
    with pytest.raises(KeyError, match="there are those of"):
        run.forecasts("catboost")


def test_series_scores_have_a_row_per_series(run: runner.Run) -> None:
    assert len(run.series_scores.query("model == 'lightgbm'")) == 2


def test_forecast_continues_every_series(run: runner.Run, future: pd.DataFrame) -> None:
    ahead = run.forecast(future, model="lightgbm")
    assert list(ahead["shop"]) == ["a"] * 4 + ["b"] * 4
    assert ahead["time"].min() > WEEKS[-1]
    assert ahead[["forecast", "q0.1", "q0.9"]].notna().all(axis=None)
    assert len(run.forecast(model="seasonal_naive")) == 8


def test_forecast_without_known_covariate_raises(run: runner.Run) -> None:
    with pytest.raises(DataError, match="promo"):
        run.forecast(model="lightgbm")


def test_model_predicts_what_forecast_returns(run: runner.Run, project: Path, future: pd.DataFrame) -> None:
    history = pd.read_csv(project / "sales.csv", parse_dates=["week"])
    frame = pd.concat([history, future], ignore_index=True)
    predicted = run.models["lightgbm"].predict(frame)
    assert predicted["forecast"].tolist() == run.forecast(future, model="lightgbm")["forecast"].tolist()
    assert set(run.models) == {"lightgbm", "seasonal_naive"}
    assert repr(run.models["lightgbm"]) == f"<FinalModel lightgbm of run {run.run_id}>"
    with pytest.raises(KeyError, match="no such final model"):
        run.models["catboost"]


def test_figures_are_charts_of_the_report(run: runner.Run, tmp_path: Path) -> None:
    assert "scoreboard" in run.figures
    figure = run.figure("scoreboard")
    figure.save(tmp_path / "scoreboard.png")
    assert (tmp_path / "scoreboard.png").read_bytes() == figure._repr_png_()
    assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(KeyError, match="there are scoreboard"):
        run.figure("pie")


def test_report_is_a_page(run: runner.Run) -> None:
    assert run.report.read_text().startswith("<!doctype html>")


def test_run_is_found_by_id_name_and_folder(run: runner.Run) -> None:
    loaded = [runner.load(run.run_id), runner.load("small"), runner.load(run.folder)]
    assert [one.run_id for one in loaded] == [run.run_id] * 3
    assert loaded[0].scoreboard.equals(run.scoreboard)
    with pytest.raises(UsageError, match="did you mean `small`"):
        runner.load("smal")


def test_loaded_run_refuses_changed_data(run: runner.Run, project: Path) -> None:
    original = (project / "sales.csv").read_text()
    (project / "sales.csv").write_text(original + "\n")
    with pytest.raises(DataError, match=r"sales\.csv changed since run"):
        runner.load("small").forecast(model="seasonal_naive")
    (project / "sales.csv").write_text(original)


def test_spec_in_any_form_is_the_same_run(run: runner.Run, project: Path) -> None:
    file = project / "specs" / "small.yaml"
    file.write_text((run.folder / "spec.yaml").read_text())
    forms = (file, "specs/small.yaml", "small", run.spec)
    assert {runner.plan(form).document["run_id"] for form in forms} == {run.run_id}


def test_overrides_are_a_mapping_or_texts(project: Path) -> None:
    forms = ({"study.generation": 1}, ["study.generation=1"])
    assert len({runner.plan(SPEC, form).document["run_id"] for form in forms}) == 1


def test_progress_receives_events_and_nothing_is_printed(
    run: runner.Run, events: list[Event], capfd: pytest.CaptureFixture[str]
) -> None:
    assert sum(isinstance(event, TrialDone) for event in events) == 2
    runner.run(SPEC)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_run_leaves_signal_handlers_alone(project: Path) -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []
    runner.run({**SPEC, "name": "other"}, progress=lambda _: seen.append(signal.getsignal(signal.SIGTERM)))
    assert set(seen) == {before}


def test_plan_lists_windows(run: runner.Run) -> None:
    plan = runner.plan(SPEC)
    assert "test-2" in str(plan)
    assert repr(plan) == f"<PlanReport of run {run.run_id}: {plan.document['fits']} fits of seasonal_naive, lightgbm>"
    assert "<td>test-2</td>" in plan._repr_html_()


def test_lint_names_problems_of_a_mapping(project: Path) -> None:
    report = runner.lint({**SPEC, "forecst": {"horizon": 4}})
    assert [one.code for one in report] == ["FS010"]
    assert str(report).startswith("<spec>:")
    assert repr(report) == "<LintReport: 1 error>"
    assert "<td>forecst</td>" in report._repr_html_()


def test_lint_reads_data_on_request(project: Path) -> None:
    wrong = {**SPEC, "data": {**SPEC["data"], "target": "sale"}}
    assert "FS101" in {one.code for one in runner.lint(wrong, data=True)}
    assert "FS101" not in {one.code for one in runner.lint(wrong)}


def test_wrong_spec_raises_spec_error(project: Path) -> None:
    with pytest.raises(runner.SpecError, match="FS010") as caught:
        runner.run({**SPEC, "forecst": {}})
    assert isinstance(caught.value, runner.RunSpecError)


def test_run_reprs_give_the_verdict(run: runner.Run) -> None:
    assert repr(run).startswith(f"<Run small {run.run_id}: ")
    assert "\n" not in repr(run)
    assert "<table>" in run._repr_html_()


def test_functions_stay_callable_after_subpackage_imports() -> None:
    code = "import runner.run.launch, runner.lint.engine, runner; runner.lint({}); print(callable(runner.run))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert list(inspect.signature(runner.run).parameters) == ["spec", "overrides", "force", "progress"]


def test_import_runner_is_light() -> None:
    code = "import sys, runner; runner.RunSpecError; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "pydantic", "yaml", "rich", "optuna", "mlflow", "lightgbm", "catboost"}
    assert heavy & set(done.stdout.split()) == set()


@pytest.mark.slow
def test_script_without_main_guard_runs(run: runner.Run, project: Path) -> None:
    spec = {**SPEC, "name": "script", "models": {"seasonal_naive": {}}}
    (project / "script.py").write_text(f"import runner\nprint(runner.run({spec!r}))\n")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, cwd=project, check=True)
    assert done.stdout.startswith("<Run script ")
    assert "seasonal_naive is best" in done.stdout
    assert done.stderr == ""
