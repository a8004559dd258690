"""Delivery into a real local store."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest
from mlflow import MlflowClient

from runner.track.destination import destination
from runner.track.events import events
from runner.track.sender import MlflowSender, deliver_snapshot


@pytest.fixture
def client(place):
    return MlflowClient(place.uri, place.registry)


def _all_runs(client, name="sales"):
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def _by_name(client):
    runs = _all_runs(client)
    assert len({run.info.run_name for run in runs}) == len(runs)
    return {run.info.run_name: run for run in runs}


def test_everything_arrives(snapshot, place, client):
    marks = []
    done = deliver_snapshot(snapshot, place, (), marks.extend)
    assert (done.delivered, done.pending, done.message) == (len(marks), 0, None)
    runs = _by_name(client)
    assert len(runs) == 8
    parent, child, trial = (runs[n] for n in ("sales-20240301-120000", "lightgbm-20240301-120000", "lightgbm-0002"))
    assert done.parent == parent.info.run_id
    assert trial.data.tags["mlflow.parentRunId"] == child.info.run_id
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert parent.data.tags["run_spec.run_id"] == "0123456789ab"
    assert parent.data.params["forecast.horizon"] == "13"
    assert trial.data.params == {"params.learning_rate": repr(0.1 / 3), "features.lags": "[1,2]"}
    assert trial.data.metrics["wape"] == 0.2 - 0.02
    assert (trial.info.start_time, trial.info.end_time) == (1709294402000, 1709294404500)
    assert [run.info.status for run in runs.values()].count("RUNNING") == 0


def test_a_series_arrives_with_its_steps(snapshot, place, client):
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    trial = _by_name(client)["lightgbm-0002"].info.run_id
    history = client.get_metric_history(trial, "curve")
    assert [(m.step, m.value) for m in history] == [(25, 1.0), (50, 0.5), (75, 1 / 3), (100, 0.25)]


def test_data_and_files_arrive(snapshot, place, client, tmp_path):
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    runs = _by_name(client)
    (data,) = client.get_run(runs["sales-20240301-120000"].info.run_id).inputs.dataset_inputs
    assert data.dataset.name == "a.csv"
    assert json.loads(data.dataset.source)["sha256"] == "f" * 64
    (file,) = client.list_artifacts(runs["sales-20240301-120000"].info.run_id, "benchmarks")
    assert file.path == "benchmarks/benchmark.json"
    (model,) = client.list_artifacts(runs["lightgbm-20240301-120000"].info.run_id, "model")
    assert model.path == "model/model.txt"
    assert len(list((tmp_path / "mlruns" / "artifacts").rglob("model.txt"))) == 1


def test_best_model_is_registered_once_per_content(snapshot, place, client):
    for _ in range(2):
        deliver_snapshot(snapshot, place, (), lambda keys: None)
    (version,) = client.search_model_versions("name='sales'")
    assert version.source.endswith("/artifacts/model")
    assert version.run_id == _by_name(client)["lightgbm-20240301-120000"].info.run_id
    (snapshot.models["lightgbm"] / "model.txt").write_text("another tree")
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert len(client.search_model_versions("name='sales'")) == 2


def test_a_redelivery_without_marks_makes_no_duplicate(snapshot, place, client):
    first = deliver_snapshot(snapshot, place, (), lambda keys: None)
    before = {name: run.to_dictionary() for name, run in _by_name(client).items()}
    trial = _by_name(client)["lightgbm-0002"].info.run_id
    second = deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert second.delivered == first.delivered
    assert {name: run.to_dictionary() for name, run in _by_name(client).items()} == before
    assert len(client.get_metric_history(trial, "curve")) == 4


def test_what_is_marked_is_not_sent_again(snapshot, place):
    marks = []
    deliver_snapshot(snapshot, place, (), marks.extend)
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == 0


class Killed(BaseException):
    pass


def test_delivery_killed_after_event_resumes_without_duplicate(snapshot, place, client):
    marks = []

    def one_more(keys):
        marks.extend(keys)
        raise Killed

    total = len(events(snapshot))
    for sent in range(1, total + 1):
        with pytest.raises(Killed):
            deliver_snapshot(snapshot, place, marks, one_more)
        assert len(marks) == sent
    assert deliver_snapshot(snapshot, place, marks, one_more).pending == 0
    assert len(_by_name(client)) == 8


def test_delivery_killed_before_call_resumes_without_duplicate(snapshot, place, client, monkeypatch):
    names = ("create_run", "log_batch", "set_terminated", "log_inputs", "log_artifact", "create_model_version")
    originals = {name: getattr(MlflowClient, name) for name in names}
    allowed = 0
    marks = []
    while True:
        left = iter(range(allowed))

        def dying(name, left=left):
            def call(*args, **kwargs):
                if next(left, None) is None:
                    raise Killed
                return originals[name](*args, **kwargs)

            return call

        for name in names:
            monkeypatch.setattr(MlflowClient, name, dying(name))
        try:
            deliver_snapshot(snapshot, place, marks, marks.extend)
            break
        except Killed:
            allowed += 1
    assert allowed > 3
    runs = _by_name(client)
    assert len(runs) == 8
    assert all(run.info.status != "RUNNING" for run in runs.values())
    assert len(client.search_model_versions("name='sales'")) == 1


def test_delivery_marks_of_deleted_store_are_ignored(snapshot, place, client, empty_store):
    marks = []
    deliver_snapshot(snapshot, place, (), marks.extend)
    shutil.copy(empty_store, place.database)
    snapshot = replace(snapshot, tags={"team": "other"})
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == len(events(snapshot))
    assert len(_by_name(client)) == 8


def test_emptied_store_gets_everything_again(snapshot, place, client, empty_store):
    marks = []
    deliver_snapshot(snapshot, place, (), marks.extend)
    shutil.copy(empty_store, place.database)
    assert MlflowSender(place).deliver(snapshot, marks, marks.extend, lambda: False).delivered == 0
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == len(events(snapshot))
    assert len(_by_name(client)) == 8
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == 0


def test_what_somebody_deleted_is_not_delivered_again(snapshot, place, client):
    marks = []
    done = deliver_snapshot(snapshot, place, (), marks.extend)
    client.delete_run(done.parent)
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == 0


def test_superseded_execution_is_not_delivered_again(snapshot, place, client):
    marks = [event.key for event in events(snapshot)]
    later = snapshot.status.model_copy(update={"started": "2024-03-02T12:00:00+00:00"})
    deliver_snapshot(replace(snapshot, execution="2", status=later), place, (), lambda keys: None)
    before = len(_all_runs(client))
    assert deliver_snapshot(snapshot, place, marks, marks.extend).delivered == 0
    assert len(_all_runs(client)) == before


def test_marks_are_believed_while_a_server_is_away(snapshot, tmp_path):
    away = destination({"MLFLOW_TRACKING_URI": "http://user:hunter2@127.0.0.1:9"}, tmp_path)
    done = deliver_snapshot(snapshot, away, [event.key for event in events(snapshot)], lambda keys: None)
    assert (done.delivered, done.pending) == (0, 0)
    assert done.message.startswith("http://127.0.0.1:9: nothing listens there")
    assert done.message.endswith("; nothing is pending")


def test_resumed_run_finishes_the_same_parent(snapshot, place, client):
    cut = replace(
        snapshot,
        status=snapshot.status.model_copy(update={"state": "interrupted", "finished": None}),
        studies={"lightgbm": snapshot.studies["lightgbm"][:2]},
        board=None,
    )
    marks = []
    deliver_snapshot(cut, place, (), marks.extend)
    assert _by_name(client)["sales-20240301-120000"].info.status == "KILLED"
    deliver_snapshot(snapshot, place, marks, marks.extend)
    runs = _by_name(client)
    assert len(runs) == 8
    assert runs["sales-20240301-120000"].info.status == "FINISHED"
    assert runs["lightgbm-20240301-120000"].info.status == "FINISHED"


def test_grown_budget_supersedes_the_parent(snapshot, place, client):
    marks = []
    first = deliver_snapshot(snapshot, place, (), marks.extend)
    later = snapshot.status.model_copy(update={"started": "2024-03-02T12:00:00+00:00"})
    second = deliver_snapshot(replace(snapshot, execution="2", status=later), place, marks, marks.extend)
    old, new = client.get_run(first.parent), client.get_run(second.parent)
    assert old.data.tags["run_spec.superseded_by"] == new.info.run_id
    assert new.data.tags["run_spec.supersedes"] == old.info.run_id
    runs = _by_name(client)
    child = runs["lightgbm-20240302-120000"]
    assert runs["lightgbm-0000"].data.tags["mlflow.parentRunId"] == child.info.run_id
    assert len([name for name in runs if name.startswith("lightgbm-0")]) == 4


def test_changed_parameter_becomes_a_tag(snapshot, place, client):
    marks = []
    deliver_snapshot(snapshot, place, (), marks.extend)
    changed = replace(snapshot, params={"forecast.horizon": 13, "run.workers": 2, "models.lightgbm.params": "y"})
    assert deliver_snapshot(changed, place, marks, marks.extend).pending == 0
    parent = _by_name(client)["sales-20240301-120000"]
    assert parent.data.params["run.workers"] == "2"
    assert parent.data.tags["now.models.lightgbm.params"] == "y"


def test_refused_event_does_not_block_others(snapshot, place, client, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise RuntimeError("no room for http://user:hunter2@host\nand a long story")

    monkeypatch.setattr(MlflowClient, "log_artifact", refuse)
    done = deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert done.pending == 1
    assert done.message == (
        "sqlite:///mlruns/mlflow.db: no room for http://***@host; 1 events pending, `run-spec sync` delivers them"
    )
    assert _by_name(client)["sales-20240301-120000"].info.status == "FINISHED"


def test_delivery_stops_when_time_is_up(snapshot, place):
    done = deliver_snapshot(snapshot, place, (), lambda keys: None, seconds=1e-9)
    assert done.delivered == 0
    assert done.pending == len(events(snapshot))
    assert "time is up" in done.message


def test_unopenable_store_is_one_line(snapshot, tmp_path):
    (tmp_path / "mlruns").write_text("in the way")
    done = deliver_snapshot(snapshot, destination({}, tmp_path), (), lambda keys: None)
    assert done.pending == len(events(snapshot))
    assert "\n" not in done.message


def test_an_error_of_our_own_marks_is_raised(snapshot, place):
    def full(_keys):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        deliver_snapshot(snapshot, place, (), full)


def test_delivery_says_nothing(snapshot, place, capfd):
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_fresh_store_is_readable_while_written(snapshot, tmp_path):
    place = destination({}, tmp_path)
    assert deliver_snapshot(snapshot, place, (), lambda keys: None).pending == 0
    with closing(sqlite3.connect(place.database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.slow
def test_locked_store_is_named_after_bounded_wait(snapshot, place):
    deliver_snapshot(replace(snapshot, name="opened"), place, (), lambda keys: None)
    other = sqlite3.connect(place.database, isolation_level=None)
    other.execute("begin immediate")
    try:
        begun = time.monotonic()
        done = deliver_snapshot(replace(snapshot, name="opened", tags={}), place, (), lambda keys: None)
        assert time.monotonic() - begun < 45
    finally:
        other.close()
    assert done.pending > 10
    assert "database is locked" in done.message


OPEN = """
import os
import sys
from pathlib import Path
from runner.values.records import RunSnapshot, RunStatus
from runner.track.sender import deliver_snapshot
from runner.track.destination import destination
status = RunStatus(state="finished", started="2024-03-01T12:00:00+00:00")
snapshot = RunSnapshot(name=f"sales{sys.argv[2]}", run_id="0123456789ab", status=status)
print(deliver_snapshot(snapshot, destination(os.environ, Path(sys.argv[1])), (), lambda keys: None))
"""


@pytest.mark.slow
@pytest.mark.parametrize("named", ["", "sqlite:///named.db"])
def test_processes_opening_fresh_store_all_deliver(named, tmp_path):
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    environ = {**os.environ, "MLFLOW_TRACKING_URI": named, "PYTHONPATH": os.getcwd()}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": tmp_path, "env": environ}
    started = [subprocess.Popen([*command, str(number)], **pipes) for number in range(4)]
    said = [process.communicate(timeout=180) for process in started]
    lines = [line for _, error in said for line in error.splitlines()]
    assert [line for line in lines if not re.search(r"has it locked; waiting for at most 30 s$", line)] == []
    assert [out for out, _ in said if "pending=0" not in out] == []
    assert (tmp_path / "named.db").exists() == bool(named)
