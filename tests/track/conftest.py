"""A finished run to deliver, and stores to deliver it to."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from runner.track.destination import destination
from runner.track.sender import deliver_snapshot
from runner.values.records import (
    CurvePoint,
    ModelResult,
    RunSnapshot,
    RunStatus,
    Scoreboard,
    TrialRecord,
    WindowScore,
)


def make_trial(number: int, state: str = "complete") -> TrialRecord:
    value = 0.2 - number / 100 if state == "complete" else None
    return TrialRecord(
        number=number,
        state=state,
        params={"params.learning_rate": 0.1 / (number + 1), "features.lags": [1, 2]},
        value=value,
        scores={"wape": value, "mape": None},
        windows=tuple(WindowScore(window=f"tuning-{w}", scores={"wape": value}) for w in (1, 2)),
        curve=tuple(CurvePoint(rounds=25 * r, value=1 / r) for r in range(1, 5)),
        rounds=100,
        seconds=2.5,
        started=f"2024-03-01T12:00:{number:02d}+00:00",
        reason="out of memory" if state == "fail" else None,
    )


def make_result(model: str, wape: float, **more) -> ModelResult:
    windows = tuple(WindowScore(window=f"test-{w}", scores={"wape": wape + w}) for w in (1, 2, 3))
    return ModelResult(model=model, kind=model, status="ok", scores={"wape": wape}, windows=windows, **more)


@pytest.fixture
def snapshot(tmp_path) -> RunSnapshot:
    return make_snapshot(tmp_path)


def make_snapshot(folder: Path) -> RunSnapshot:
    """A finished run whose files lie in a folder."""
    files = folder / "run"
    (files / "models" / "lightgbm").mkdir(parents=True)
    (files / "models" / "lightgbm" / "model.txt").write_text("tree")
    (files / "benchmark.json").write_text("{}")
    board = Scoreboard(
        metric="wape",
        direction="lower",
        baseline="seasonal_naive",
        results=(
            make_result("lightgbm", 0.1, trial=2, params={"params.learning_rate": 0.05}),
            make_result("seasonal_naive", 0.2),
            ModelResult(model="catboost", kind="catboost", status="failed", reason="no memory"),
        ),
    )
    return RunSnapshot(
        name="sales",
        run_id="0123456789ab",
        status=RunStatus(
            state="finished",
            exit_code=3,
            started="2024-03-01T12:00:00+00:00",
            finished="2024-03-01T12:10:00+00:00",
            code_version="0.1.0",
            missing=("catboost",),
        ),
        seed=7,
        params={"forecast.horizon": 13, "models.lightgbm.params": "x" * 9000},
        tags={"team": "retail"},
        digests={"a.csv": "f" * 64},
        studies={"lightgbm": (make_trial(0), make_trial(1, "fail"), make_trial(2), make_trial(3, "pruned"))},
        board=board,
        artifacts=((files / "benchmark.json", "benchmarks"), (files / "gone.png", "plots")),
        models={"lightgbm": files / "models" / "lightgbm"},
        register="best",
    )


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A fresh store takes a second or two to make; the tests copy it."""
    root = tmp_path_factory.mktemp("store")
    place = destination({}, root)
    place.database.parent.mkdir()
    MlflowClient(place.uri).search_experiments(max_results=1)
    return place.database


@pytest.fixture(scope="session")
def delivered_store(tmp_path_factory):
    """A store with one delivered run, its best model champion; the tests copy it."""
    root = tmp_path_factory.mktemp("delivered")
    place = destination({}, root)
    assert deliver_snapshot(make_snapshot(root), place, (), lambda keys: None).pending == 0
    MlflowClient(place.uri, place.registry).set_registered_model_alias("sales", "champion", "1")
    return root / "mlruns"


@pytest.fixture
def place(tmp_path, empty_store):
    place = destination({}, tmp_path)
    place.database.parent.mkdir()
    shutil.copy(empty_store, place.database)
    return place
