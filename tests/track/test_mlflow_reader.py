"""What is read from a store is what MLflow has."""

import shutil
from dataclasses import replace

import pytest
from mlflow import MlflowClient

from runner.errors import StoreError
from runner.track.destination import destination
from runner.track.reader import Reader, TrackedRun, merge_executions


@pytest.fixture
def place(delivered_store, tmp_path):
    """A local store with one delivered run, its best model champion."""
    shutil.copytree(delivered_store, tmp_path / "mlruns")
    return destination({}, tmp_path)


@pytest.fixture
def client(place):
    return MlflowClient(place.uri, place.registry)


def add_parent(client, run_id, start, name="sales", status="FINISHED"):
    """Another parent run, `start` ms after 1970; the id of its MLflow run."""
    experiment = client.get_experiment_by_name(name)
    number = experiment.experiment_id if experiment else client.create_experiment(name)
    run = client.create_run(number, start, {"run_spec.kind": "run", "run_spec.run_id": run_id})
    client.log_metric(run.info.run_id, "wape", 0.3)
    if status != "RUNNING":
        client.set_terminated(run.info.run_id, status, start + 1000)
    return run.info.run_id


def test_experiments_newest_run_first(place, client):
    add_parent(client, "one", 2_000_000_000_000, "a")
    add_parent(client, "two", 1_000_000_000_000, "b")
    assert Reader(place).experiments() == ("a", "sales", "b")


def test_runs_newest_first(place, client):
    add_parent(client, "ba9876543210", 2_000_000_000_000)
    later, first = Reader(place).runs("sales", 50)
    assert (later.run_id, later.state, later.scores) == ("ba9876543210", "finished", {"wape": 0.3})
    assert (first.run_id, first.best_model, first.started) == ("0123456789ab", "lightgbm", "2024-03-01T12:00:00+00:00")


def test_runs_absent_experiment_is_empty(place):
    assert Reader(place).runs("nothing", 5) == ()


def test_newest_runs_says_there_are_more(place, client):
    add_parent(client, "ba9876543210", 2_000_000_000_000)
    (newest,) = Reader(place).newest_runs(["sales"], 1)
    assert ([run.run_id for run in newest.runs], newest.more) == (["ba9876543210"], True)


def test_deleted_runs_are_not_read(place, client):
    add_parent(client, "ba9876543210", 2_000_000_000_000, "old")
    client.delete_experiment(client.get_experiment_by_name("old").experiment_id)
    reader = Reader(place)
    (run,) = reader.runs("sales", 9)
    client.delete_run(client.search_runs(["1"], "tags.`run_spec.trial` = '2'")[0].info.run_id)
    assert [trial.number for trial in reader.trials(run)["lightgbm"]] == [0, 1, 3]
    client.delete_run(run.key)
    assert reader.runs("sales", 9) == reader.runs("old", 9) == ()


def test_trials_are_records_with_curves(place, client):
    reader = Reader(place)
    (run,) = reader.runs("sales", 1)
    ((model, trials),) = reader.trials(run).items()
    assert (model, [(trial.number, trial.state) for trial in trials]) == (
        "lightgbm",
        [(0, "complete"), (1, "fail"), (2, "complete"), (3, "pruned")],
    )
    assert trials[2].params == {"params.learning_rate": 0.1 / 3, "features.lags": "[1,2]"}
    assert (trials[2].value, trials[2].scores, trials[2].seconds) == (0.2 - 0.02, {"wape": 0.2 - 0.02}, 2.5)
    assert [(point.rounds, point.value) for point in trials[2].curve] == [
        (25, 1.0),
        (50, 0.5),
        (75, 1 / 3),
        (100, 0.25),
    ]
    assert trials[1].reason == "out of memory"
    assert reader.trials(replace(run, run_id="nothing")) == reader.trials(replace(run, name="nothing")) == {}


def test_curves_are_read_once(place, monkeypatch):
    reader = Reader(place)
    (run,) = reader.runs("sales", 1)
    first = reader.trials(run)
    monkeypatch.setattr(MlflowClient, "get_metric_history", None)
    assert reader.trials(run) == first


def test_curves_beyond_the_limit_have_one_point(place, monkeypatch):
    monkeypatch.setattr("runner.track.reader.MOST_CURVES", 0)
    reader = Reader(place)
    trial = reader.trials(reader.runs("sales", 1)[0])["lightgbm"][2]
    assert [(point.rounds, point.value) for point in trial.curve] == [(100, 0.25)]


def test_trials_of_other_programs_are_left_out(place, client):
    for number in (None, "x"):
        tags = {"run_spec.kind": "trial", "run_spec.run_id": "0123456789ab"} | (
            {"run_spec.trial": number} if number else {}
        )
        client.create_run("1", tags=tags)
    reader = Reader(place)
    assert len(reader.trials(reader.runs("sales", 1)[0])["lightgbm"]) == 4


def test_trials_of_all_executions_are_read(place, client):
    add_parent(client, "0123456789ab", 2_000_000_000_000, status="RUNNING")
    reader = Reader(place)
    (run,) = reader.runs("sales", 50)
    assert (run.state, run.best_model) == ("running", "lightgbm")
    assert [trial.number for trial in reader.trials(run)["lightgbm"]] == [0, 1, 2, 3]


def test_champions_are_versions_with_the_alias(place):
    assert Reader(place).champions() == {"sales": "1"}


def test_artifact_is_its_content_or_none(place, client):
    reader = Reader(place)
    key = reader.runs("sales", 1)[0].key
    client.log_text(key, "{}", "benchmarks/results.json")
    assert reader.artifact(key, "benchmarks/results.json") == b"{}"
    assert reader.artifact(key, "nothing.json") is None


@pytest.mark.parametrize("path", ["../other/secret.json", "/etc/passwd", ""])
def test_artifact_outside_the_run_is_refused(path, place):
    reader = Reader(place)
    with pytest.raises(StoreError, match="is no name of an artifact"):
        reader.artifact(reader.runs("sales", 1)[0].key, path)


def test_reader_server_away_is_one_sentence(tmp_path):
    away = destination({"MLFLOW_TRACKING_URI": "http://user:hunter2@127.0.0.1:9"}, tmp_path)
    with pytest.raises(StoreError) as error:
        Reader(away).experiments()
    assert str(error.value) == "http://127.0.0.1:9: nothing listens there (connection refused)"


def execution(run_id, second, state="finished", best="m"):
    started = f"2024-03-01T12:00:{second:02d}+00:00"
    return TrackedRun(f"{run_id}@{second}", "sales", run_id, state, started, started, best, {"wape": second})


def test_merge_executions_keeps_place_of_latest():
    merged = merge_executions([execution("a", 3), execution("b", 2), execution("a", 1)])
    assert [run.key for run in merged] == ["a@3", "b@2"]


@pytest.mark.parametrize("state", ["running", "interrupted", "failed"])
def test_merge_executions_keeps_results_of_finished(state):
    newest, before = execution("a", 3, state, best=""), execution("a", 1)
    merged, _ = merge_executions([newest, execution("b", 2), before, execution("a", 0)])
    assert merged == replace(before, state=state, started=newest.started)


def test_merge_executions_without_results_keeps_latest():
    newest = execution("a", 3, "running", best="")
    assert merge_executions([newest, execution("a", 1, "interrupted", best="")]) == (newest,)
