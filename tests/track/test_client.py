"""A store that cannot be used is one sentence; a local one is created whole and refused when it was moved."""

import os
import shutil
from dataclasses import replace

import pytest

from runner.errors import StoreError
from runner.track.client import connect, open_client
from runner.track.destination import destination
from runner.track.sender import deliver_snapshot


@pytest.mark.parametrize("writing", [False, True])
def test_connect_server_away_is_one_sentence(writing, tmp_path):
    away = destination({"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}, tmp_path)
    with pytest.raises(StoreError) as error, connect(away, writing) as client:
        client.search_experiments()
    tail = "; nothing was changed there" if writing else ""
    assert str(error.value) == f"http://127.0.0.1:9: nothing listens there (connection refused){tail}"


def test_open_client_leaves_no_other_files(tmp_path):
    place = destination({}, tmp_path)
    open_client(place)
    assert {path.name for path in place.database.parent.iterdir()} <= {"mlflow.db", "mlflow.db-shm", "mlflow.db-wal"}


def test_open_client_replaced_store_is_refused(place, empty_store):
    open_client(place)
    fresh = place.database.with_name("fresh.db")
    shutil.copy(empty_store, fresh)
    fresh.replace(place.database)
    with pytest.raises(StoreError, match="was replaced while this process used it"):
        open_client(place)


@pytest.fixture
def copied(snapshot, place, tmp_path, tmp_path_factory):
    """A copy of a project with a delivered run."""
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    copy = tmp_path_factory.mktemp("copy with a space") / "project"
    shutil.copytree(tmp_path / "mlruns", copy / "mlruns")
    return copy


def files(root):
    return {path: path.read_bytes() for path in (root / "mlruns" / "artifacts").rglob("*") if path.is_file()}


def test_deliver_copied_store_is_refused(snapshot, copied, tmp_path):
    before, here = files(tmp_path), destination({}, copied)
    report = deliver_snapshot(replace(snapshot, run_id="ba9876543210"), here, (), lambda keys: None)
    assert report.delivered == 0
    assert f"still names the artifacts in {tmp_path}; move mlruns away" in report.message
    assert files(tmp_path) == before


def test_deliver_moved_project_delivers_again(snapshot, copied):
    here, marks = destination({}, copied), []
    (copied / "mlruns").rename(copied / "mlruns.old")
    assert deliver_snapshot(snapshot, here, marks, marks.extend).pending == 0
    assert len(files(copied)) == 2


def test_open_client_linked_project_is_accepted(snapshot, place, tmp_path, tmp_path_factory):
    deliver_snapshot(snapshot, place, (), lambda keys: None)
    other = tmp_path_factory.mktemp("linked")
    os.symlink(tmp_path / "mlruns", other / "mlruns")
    open_client(destination({}, other), writing=True)


def test_open_client_chosen_artifact_place_is_accepted(place):
    client = open_client(place)
    client.create_experiment("theirs", "file:///somewhere/else")
    client.create_experiment("remote", "s3://bucket/mlruns/artifacts/remote")
    open_client(place, writing=True)
