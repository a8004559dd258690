"""A project that is copied or moved takes its artefacts' addresses along."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from runner.track.client import open_client
from runner.track.mlflow import deliver, destination


@pytest.fixture
def original(dossier, place, tmp_path):
    deliver(dossier, place, (), lambda keys: None)
    return tmp_path


@pytest.fixture
def copied(original, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy with a space") / "project"
    shutil.copytree(original / "mlruns", copy / "mlruns")
    return copy


def _places(client):
    """Every address of an artefact in the store."""
    experiment = client.get_experiment_by_name("sales")
    runs = [run.info.artifact_uri for run in client.search_runs([experiment.experiment_id])]
    return [experiment.artifact_location, *runs, *(v.source for v in client.search_model_versions("name='sales'"))]


def _files(root):
    return {path: path.read_bytes() for path in (root / "mlruns" / "artifacts").rglob("*") if path.is_file()}


def test_a_copy_delivers_into_its_own_folder_and_leaves_the_original_alone(original, copied, dossier):
    before, here = _files(original), destination({}, copied)
    moved = replace(dossier, run_id="ba9876543210")
    assert deliver(moved, here, (), lambda keys: None).pending == 0
    assert _files(original) == before
    assert len(_files(copied)) == 2 * len(before)
    client = MlflowClient(here.uri, here.registry)
    assert all(place.startswith(f"{(copied / 'mlruns' / 'artifacts').as_uri()}/sales") for place in _places(client))
    assert len(_places(client)) == 1 + 16 + 2


def test_what_was_delivered_before_is_found_in_the_copy_when_the_original_is_gone(original, copied):
    shutil.rmtree(original / "mlruns")
    here = destination({}, copied)
    client = open_client(here)
    uri = client.get_model_version_download_uri("sales", "1")
    assert uri.startswith((copied / "mlruns").as_uri())
    (parent,) = client.search_runs(["1"], "tags.`run_spec.kind` = 'run'")
    assert Path(client.download_artifacts(parent.info.run_id, "benchmarks/benchmark.json")).read_text() == "{}"


def test_another_way_to_the_same_folder_changes_nothing(original, tmp_path_factory):
    other = tmp_path_factory.mktemp("linked")
    os.symlink(original / "mlruns", other / "mlruns")
    here = destination({}, other)
    assert all(place.startswith((original / "mlruns").as_uri()) for place in _places(open_client(here)))


def test_the_experiments_of_other_programs_stay_where_they_are(original, place, copied, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("bucket").as_uri()
    client = MlflowClient(destination({}, copied).uri)
    client.create_experiment("theirs", elsewhere)
    client.create_experiment("remote", "s3://bucket/mlruns/artifacts/remote")
    client = open_client(destination({}, copied))
    assert client.get_experiment_by_name("theirs").artifact_location == elsewhere
    assert client.get_experiment_by_name("remote").artifact_location == "s3://bucket/mlruns/artifacts/remote"
