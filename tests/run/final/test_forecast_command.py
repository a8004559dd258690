"""`run-spec forecast` as a user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from forecast_worlds import SPEC, World, finish, write_data

from runner.cli import main
from runner.store.lock import lock


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A finished run whose spec says nothing of the future, and which has left no final model."""
    return finish(tmp_path_factory.mktemp("blind"), SPEC.replace("  future: {csv: future.csv}\n", ""), models=False)


def test_forecast_command_uses_best_model(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(world.session.folder.path / "forecast", ignore_errors=True)
    assert main(["forecast", str(world.spec)]) == 0
    said = capsys.readouterr().out
    best = world.board.results[0].model
    path = world.session.folder.future_path(best, "parquet")
    assert said.splitlines()[0].split() == ["shop", "item", "time", "step", "forecast", "q0.1", "q0.9"]
    assert "... and 12 more rows" in said
    assert f"forecast  {path} (24 rows by {best} of run {world.session.run_id})" in said
    before = path.stat().st_mtime_ns
    assert main(["forecast", str(world.spec)]) == 0
    assert "made earlier" in capsys.readouterr().out
    assert path.stat().st_mtime_ns == before


def test_a_csv_has_every_digit_of_the_parquet(world: World, tmp_path: Path) -> None:
    assert main(["forecast", str(world.spec), "--model", "catboost", "-o", str(tmp_path / "f.csv")]) == 0
    assert main(["forecast", str(world.spec), "--model", "catboost", "-o", str(tmp_path / "f.parquet")]) == 0
    csv = pd.read_csv(tmp_path / "f.csv", dtype={"shop": str, "item": str})
    parquet = pd.read_parquet(tmp_path / "f.parquet")
    assert csv["time"].iloc[0] == "2020-01-01"
    numbers = ["step", "forecast", "q0.1", "q0.9"]
    assert (csv[numbers].to_numpy() == parquet[numbers].to_numpy()).all()
    assert (csv["item"] == parquet["item"]).all()


def test_a_spoilt_file_is_made_again_the_same(world: World) -> None:
    assert main(["forecast", str(world.spec), "--model", "lightgbm"]) == 0
    path = world.session.folder.future_path("lightgbm", "parquet")
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    assert main(["forecast", str(world.spec), "--model", "lightgbm"]) == 0
    assert path.read_bytes() == content


def test_forecast_to_unknown_file_type_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(world.spec), "-o", "future.xlsx"]) == 2
    assert "unknown format (`.xlsx`)" in capsys.readouterr().err


def test_forecast_json_names_path_and_source(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(world.spec), "--model", "blend", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["model"], about["run_id"], about["rows"]) == ("blend", world.session.run_id, 24)
    assert Path(about["path"]).is_file()


def test_forecast_with_unknown_model_is_usage_error(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(world.spec), "--model", "prophet"]) == 2
    assert "--model prophet: there is" in capsys.readouterr().err


def test_forecast_without_finished_run_gives_hint(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(world.spec), "--set", "forecast.horizon=3"]) == 1
    said = capsys.readouterr().err
    assert f"`run-spec {world.spec} --set forecast.horizon=3` makes it" in said
    assert f"run {world.session.run_id} is, of another spec, data or code" in said


def test_a_run_of_another_budget_forecasts_too(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(world.spec), "--set", "study.budget.trials=3"]) == 0
    assert f"of run {world.session.run_id}" in capsys.readouterr().out


@pytest.mark.parametrize("state", ["running", "interrupted", "failed"])
def test_growing_run_forecasts_from_finished_results(
    world: World, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    folder = world.session.folder
    before = folder.status()
    assert before is not None
    folder.finish(before.model_copy(update={"state": state}))
    try:
        assert main(["forecast", str(world.spec), "--set", "study.budget.trials=3"]) == 0
    finally:
        folder.finish(before)
    assert f"of run {world.session.run_id}" in capsys.readouterr().out


@pytest.mark.parametrize("text", [None, "[]", "{}", '"x"', "3"])
def test_forecast_without_scoreboard_gives_hint(
    world: World, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    path = world.session.folder.path / "scoreboard.json"
    before = path.read_bytes()
    try:
        path.unlink() if text is None else path.write_text(text)
        assert main(["forecast", str(world.spec)]) == 1
    finally:
        path.write_bytes(before)
    assert f"`run-spec {world.spec}` makes it" in capsys.readouterr().err


def test_unfinished_run_is_not_suggested(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    folder = world.session.folder
    before = folder.status()
    assert before is not None
    folder.finish(before.model_copy(update={"state": "interrupted", "budgets": ()}))
    try:
        assert main(["forecast", str(world.spec)]) == 1
    finally:
        folder.finish(before)
    said = capsys.readouterr().err
    assert said.count(world.session.run_id) == 1
    assert f"`run-spec {world.spec}` makes it" in said


def test_final_model_is_written_under_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = SPEC[: SPEC.index("  lightgbm:")] + "  naive: {}\n"
    bare = finish(tmp_path, spec, models=False)
    command = ["forecast", str(bare.spec), "--model", "naive"]
    place = bare.session.store.lock_path("small")
    with lock(place):
        assert main(command) == 75
        assert "is running this experiment; hint: wait for it or stop it" in capsys.readouterr().err
        assert bare.session.folder.finals() == {}
    assert main(command) == 0
    bare.session.folder.future_path("naive", "parquet").unlink()
    with lock(place):
        assert main(command) == 0


def test_forecast_without_future_names_the_key(blind: World, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(blind.spec), "--model", "lightgbm"]) == 1
    said = capsys.readouterr().err
    assert (
        "lightgbm uses the known covariate promo, and 6 of 6 series lack its future values, the first of them at "
        "2020-01-01; set `data.future` to a table" in said
    )
    future = str(blind.spec.parent / "future.csv")
    assert main(["forecast", str(blind.spec), "--model", "lightgbm", "--future", future]) == 0
    assert main(["forecast", str(world.spec), "--model", "lightgbm"]) == 0
    mended, known = (w.session.folder.future_path("lightgbm", "parquet").read_bytes() for w in (blind, world))
    assert mended == known


def test_a_baseline_needs_no_future(blind: World) -> None:
    assert main(["forecast", str(blind.spec), "--model", "seasonal_naive"]) == 0


def test_new_text_in_future_changes_no_other_forecast(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    root = tmp_path_factory.mktemp("sky")
    write_data(root)
    for name in ("history.csv", "future.csv"):  # promotions as texts, of which one will come before the others
        path = root / name
        path.write_text(path.read_text().replace("TRUE", "c").replace("FALSE", "b"))
    spec = SPEC[: SPEC.index("  catboost:")] + SPEC[SPEC.index("study:") :]
    sky = finish(root, spec)
    future = (root / "future.csv").read_text().splitlines()
    future[1] = future[1].rsplit(",", 1)[0] + ",a"
    (tmp_path / "f2.csv").write_text("\n".join(future) + "\n")
    told = []
    for file in (root / "future.csv", tmp_path / "f2.csv"):
        out = str(tmp_path / "out.csv")
        assert main(["forecast", str(sky.spec), "--model", "lightgbm", "--future", str(file), "-o", out]) == 0
        told.append(pd.read_csv(out))
    before, after = told
    assert before["forecast"].std() > 0
    pd.testing.assert_frame_equal(before.iloc[1:], after.iloc[1:])


def test_forecast_with_absent_future_is_usage_error(blind: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(blind.spec), "--future", "nowhere.csv"]) == 2
    assert "--future nowhere.csv: there is no such file" in capsys.readouterr().err


def test_forecast_champion_without_registry_is_refused(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["forecast", str(world.spec), "--model", "champion"]) == 2
    assert "there is no champion in sqlite:///mlruns/mlflow.db" in capsys.readouterr().err
