"""Loaded through MLflow a final model says what the command says, to the last bit."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from forecast_worlds import SPEC, World, finish, write_data
from mlflow import MlflowClient

from runner.cli import main
from runner.errors import DataError, UsageError
from runner.run.final.flavor import flavor_of
from runner.run.final.frames import frame_of
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import read_manifest
from runner.run.forecast.request import ForecastRequest, forecast
from runner.track.delivery import deliver, prepare_delivery
from runner.track.destination import destination
from runner.track.flavor import write_flavor
from runner.track.registry import fetch_champion

MODELS = ("lightgbm", "catboost", "blend", "seasonal_naive")


def commanded(world: World, model: str) -> pd.DataFrame:
    """What `run-spec forecast` writes."""
    return pq.read_table(io.BytesIO(forecast(world.spec, (), ForecastRequest(model)).content)).to_pandas()


def input_of(world: World, model: str) -> pd.DataFrame:
    folder = world.session.folder.final_path(model)
    return frame_of(world.plan.setup.panel, read_manifest(folder / PAYLOAD))


def written_by_a_user(world: World) -> pd.DataFrame:
    root = world.session.document.root
    history = pd.read_csv(root / "history.csv", dtype={"item": str})
    future = pd.read_csv(root / "future.csv", dtype={"item": str})
    return pd.concat([history, future], ignore_index=True)


def assert_equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    numbers = ["step", "forecast", "q0.1", "q0.9"]
    assert list(one.columns) == list(other.columns) == ["shop", "item", "time", *numbers]
    for name in numbers:
        assert np.array_equal(one[name].to_numpy(), other[name].to_numpy()), name
    for name in ("shop", "item"):
        assert one[name].astype(str).tolist() == other[name].astype(str).tolist()
    assert pd.to_datetime(one["time"]).tolist() == pd.to_datetime(other["time"]).tolist()


@pytest.mark.parametrize("model", MODELS)
def test_the_pyfunc_says_what_the_command_says(world: World, model: str) -> None:
    loaded = mlflow.pyfunc.load_model(str(world.session.folder.final_path(model)))
    frame = input_of(world, model)
    frame["shop"] = frame["shop"].astype(int)
    assert_equal(loaded.predict(frame), commanded(world, model))


@pytest.mark.parametrize("as_dates", [False, True])
def test_flavor_with_user_frame_gives_same_forecast(world: World, as_dates: bool) -> None:
    loaded = mlflow.pyfunc.load_model(str(world.session.folder.final_path("lightgbm")))
    frame = written_by_a_user(world)
    frame["kind"] = frame.groupby("shop")["kind"].ffill()
    if as_dates:
        frame["day"] = pd.to_datetime(frame["day"])
    answer = loaded.predict(frame.sample(frac=1, random_state=1))
    assert answer["shop"].dtype == frame["shop"].dtype
    assert_equal(answer, commanded(world, "lightgbm"))


@pytest.mark.parametrize("model", MODELS)
def test_the_example_is_one_that_the_model_takes(world: World, model: str) -> None:
    loaded = mlflow.pyfunc.load_model(str(world.session.folder.final_path(model)))
    answer = loaded.predict(loaded.input_example)
    assert len(answer) == 2 * 4
    assert np.isfinite(answer["forecast"]).all()


def test_signature_keeps_types_of_ids(world: World) -> None:
    signature = mlflow.models.get_model_info(str(world.session.folder.final_path("lightgbm"))).signature
    kinds = {column["name"]: column["type"] for column in signature.inputs.to_dict()}
    assert (kinds["shop"], kinds["item"], kinds["sold"]) == ("long", "string", "double")
    assert {"day", "promo", "price"} <= set(kinds)
    assert signature.outputs.input_names() == ["shop", "item", "time", "step", "forecast", "q0.1", "q0.9"]


def test_baseline_signature_has_minimal_columns(world: World) -> None:
    loaded = mlflow.pyfunc.load_model(str(world.session.folder.final_path("seasonal_naive")))
    assert loaded.metadata.get_input_schema().input_names() == ["shop", "item", "day", "sold"]


def test_requirements_are_pinned_and_minimal(world: World) -> None:
    for model, library in (("lightgbm", "lightgbm"), ("catboost", "catboost"), ("seasonal_naive", None)):
        lines = (world.session.folder.final_path(model) / "requirements.txt").read_text().split()
        assert all("==" in line for line in lines)
        named = {line.split("==")[0] for line in lines}
        assert named & {"lightgbm", "catboost"} == ({library} if library else set())
        assert {"run-spec", "mlflow", "numpy", "pandas"} <= named


def test_the_flavour_loads_our_module_and_no_pickle(world: World) -> None:
    document = yaml.safe_load((world.session.folder.final_path("blend") / "MLmodel").read_text())
    flavour = document["flavors"]["python_function"]
    assert (flavour["loader_module"], flavour["data"]) == ("runner.run.final.served", "payload")
    assert not {"python_model", "cloudpickle_version", "artifacts", "code"} & set(flavour)


def test_the_same_model_is_written_the_same(world: World, tmp_path: Path) -> None:
    manifest = read_manifest(world.session.folder.final_path("blend") / PAYLOAD)
    contents = []
    for number in ("one", "two"):
        folder = tmp_path / number
        folder.mkdir()
        write_flavor(folder, flavor_of(manifest, world.plan.setup.panel, "2024-01-01 00:00:00"))
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def test_flavor_frame_without_future_is_refused(world: World) -> None:
    loaded = mlflow.pyfunc.load_model(str(world.session.folder.final_path("lightgbm")))
    frame = input_of(world, "lightgbm")
    frame["shop"] = frame["shop"].astype(int)
    history = frame[frame["sold"].notna()]
    with pytest.raises(DataError, match="lightgbm uses the known covariate promo, and 6 of 6 series lack its future"):
        loaded.predict(history)


def test_series_are_forecast_from_own_ends(tmp_path: Path) -> None:
    write_data(tmp_path, months=60, horizon=5)
    history = (tmp_path / "history.csv").read_text().splitlines()
    ended = [line for line in history if not (line.startswith("2,b,") and line.split(",")[2] > "2019-09-30")]
    (tmp_path / "history.csv").write_text("\n".join(ended) + "\n")
    future = (tmp_path / "future.csv").read_text() + "".join(f"2,b,2019-{m}-01,TRUE\n" for m in (10, 11, 12))
    (tmp_path / "future.csv").write_text(future)
    text = SPEC.replace("evaluation:\n", "evaluation:\n  anchor: series_end\n").replace(
        "season: 12", "season: 12, gap: 1"
    )
    world = finish(tmp_path, text.replace("calendar: [month]", "calendar: [month, elapsed], profile: [mean, trend]"))
    want = commanded(world, "blend")
    assert want.groupby(["shop", "item"])["time"].min().astype(str).tolist() == [
        "2020-02-01" if key != ("2", "b") else "2019-11-01" for key in want.groupby(["shop", "item"]).groups
    ]
    frame = input_of(world, "blend")
    frame["shop"] = frame["shop"].astype(int)
    assert_equal(mlflow.pyfunc.load_model(str(world.session.folder.final_path("blend"))).predict(frame), want)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_mlflow_models_predict_says_what_the_command_says(world: World, tmp_path: Path, kind: str) -> None:
    folder = world.session.folder.final_path("blend")
    frame = input_of(world, "blend")
    frame["shop"] = frame["shop"].astype(int)
    frame["item"] = frame["item"].where(frame["item"] != "007", "a")  # read_csv would make a number of it
    if kind == "csv":
        frame.to_csv(tmp_path / "in.csv", index=False)
    else:
        (tmp_path / "in.json").write_text(json.dumps({"dataframe_split": json.loads(_split(frame))}))
    command = [sys.executable, "-m", "mlflow", "models", "predict", "-m", str(folder), "-t", kind]
    command += ["-i", str(tmp_path / f"in.{kind}"), "-o", str(tmp_path / "out.json"), "--env-manager", "local"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = pd.DataFrame(json.loads((tmp_path / "out.json").read_text())["predictions"])
    want = commanded(world, "blend")
    got = mlflow.pyfunc.load_model(str(folder)).predict(frame)
    assert answer["forecast"].tolist() == got["forecast"].tolist()
    assert len(answer) == len(want)


def _split(frame: pd.DataFrame) -> str:
    data = [[None if value != value else value for value in row] for row in frame.astype({"day": str}).values.tolist()]
    return json.dumps({"columns": list(frame), "data": data})


@pytest.mark.slow
def test_forecast_command_uses_registered_champion(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = world.session.store.root
    delivery = prepare_delivery(world.session.folder, world.session.store)
    assert delivery is not None
    place = destination({}, root)
    with pytest.raises(UsageError, match="there is no champion"):
        fetch_champion(place, "small", root)
    assert deliver(delivery).pending == 0
    try:
        client = MlflowClient(place.uri, place.registry)
        (version,) = client.search_model_versions("name='small'")
        client.set_registered_model_alias("small", "champion", version.version)
        best = world.board.results[0].model
        monkeypatch.setenv("MLFLOW_TRACKING_URI", place.uri)
        loaded = mlflow.pyfunc.load_model("models:/small@champion")
        frame = input_of(world, best)
        frame["shop"] = frame["shop"].astype(int)
        assert_equal(loaded.predict(frame), commanded(world, best))
        assert main(["forecast", str(world.spec), "--model", "champion"]) == 0
        assert f"champion is version 1: {best} of run {world.session.run_id}" in capsys.readouterr().out
        made = world.session.folder.future_path("champion", "parquet").read_bytes()
        assert made == forecast(world.spec).content
    finally:
        shutil.rmtree(root / "mlruns")
