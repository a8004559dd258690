"""A project that is copied or moved takes its artefacts' addresses along."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from runner.cli import main
from runner.track import moved
from runner.track.client import asked, open_client
from runner.track.glance_sqlite import SqliteGlance
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


def test_a_store_of_another_project_that_is_named_keeps_its_addresses(original, copied, dossier):
    theirs = destination({}, original)
    named = destination({"MLFLOW_TRACKING_URI": theirs.uri}, copied)
    client = MlflowClient(theirs.uri, theirs.registry)
    before = _places(client)
    assert deliver(replace(dossier, tags={"team": "other"}), named, (), lambda keys: None).pending == 0
    assert moved.settle(named.database, named.artifacts) == ()
    assert _places(client) == before
    quick = SqliteGlance(named)
    shutil.rmtree(theirs.artifacts)
    assert quick.artefact(quick.runs("sales", 1)[0].key, "benchmarks/benchmark.json") is None


def test_what_was_delivered_before_is_found_in_the_copy_when_the_original_is_gone(original, copied):
    shutil.rmtree(original / "mlruns")
    here = destination({}, copied)
    client = open_client(here, settle=True)
    uri = client.get_model_version_download_uri("sales", "1")
    assert uri.startswith((copied / "mlruns").as_uri())
    (parent,) = client.search_runs(["1"], "tags.`run_spec.kind` = 'run'")
    assert Path(client.download_artifacts(parent.info.run_id, "benchmarks/benchmark.json")).read_text() == "{}"


def test_another_way_to_the_same_folder_changes_nothing(original, tmp_path_factory):
    other = tmp_path_factory.mktemp("linked")
    os.symlink(original / "mlruns", other / "mlruns")
    here = destination({}, other)
    assert all(place.startswith((original / "mlruns").as_uri()) for place in _places(open_client(here, settle=True)))


def test_the_experiments_of_other_programs_stay_where_they_are(original, place, copied, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("bucket").as_uri()
    client = MlflowClient(destination({}, copied).uri)
    client.create_experiment("theirs", elsewhere)
    client.create_experiment("remote", "s3://bucket/mlruns/artifacts/remote")
    client = open_client(destination({}, copied), settle=True)
    assert client.get_experiment_by_name("theirs").artifact_location == elsewhere
    assert client.get_experiment_by_name("remote").artifact_location == "s3://bucket/mlruns/artifacts/remote"


def test_who_only_reads_leaves_the_addresses_as_they_are(original, copied):
    here = destination({}, copied)
    with asked(here) as client:
        assert all(place.startswith(original.as_uri()) for place in _places(client))


def test_who_only_reads_finds_the_artefacts_of_a_moved_project(original, copied):
    shutil.rmtree(original / "mlruns")
    ask = SqliteGlance(destination({}, copied))
    assert ask.artefact(ask.runs("sales", 1)[0].key, "benchmarks/benchmark.json") == b"{}"


def test_a_copy_of_the_database_alone_goes_on_naming_the_artefacts_where_they_are(original, copied):
    shutil.rmtree(copied / "mlruns" / "artifacts")
    here = destination({}, copied)
    assert all(place.startswith(original.as_uri()) for place in _places(open_client(here, settle=True)))


def test_a_place_that_a_person_chose_stays_although_a_folder_of_that_name_is_here(original, copied):
    shutil.rmtree(copied / "mlruns" / "artifacts")
    (copied / "mlruns" / "artifacts" / "sales" / "an older run").mkdir(parents=True)
    here = destination({}, copied)
    assert all(place.startswith(original.as_uri()) for place in _places(open_client(here, settle=True)))


def test_one_experiment_that_lies_here_moves_and_the_other_stays(original, copied):
    here = destination({}, copied)
    theirs = (original / "mlruns" / "artifacts" / "theirs").as_uri()
    MlflowClient(here.uri).create_experiment("theirs", theirs)
    client = open_client(here, settle=True)
    assert client.get_experiment_by_name("theirs").artifact_location == theirs
    assert all(place.startswith(copied.as_uri()) for place in _places(client))


def test_no_address_is_made_of_a_path_without_a_drive(copied, monkeypatch):
    """Windows has no address for `/mlruns/artifacts/...`."""
    as_uri = Path.as_uri

    def with_a_drive(path):
        if path.parts[1] == "mlruns":
            raise ValueError("relative path can't be expressed as a file URI")
        return as_uri(path)

    monkeypatch.setattr(Path, "as_uri", with_a_drive)
    here = destination({}, copied)
    assert len(moved.settle(here.database, here.artifacts)) == 1


def test_sync_in_a_moved_project_tells_its_store_where_it_is_although_nothing_is_pending(
    dossier, place, tmp_path, tmp_path_factory, monkeypatch, capsys
):
    (tmp_path / "pyproject.toml").touch()
    assert deliver(dossier, place, (), lambda keys: None).pending == 0
    here = tmp_path_factory.mktemp("moved") / "project"
    shutil.move(tmp_path, here)
    monkeypatch.chdir(here)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["sync"]) == 0
    assert "are here now" in capsys.readouterr().out
    assert main(["sync"]) == 0
    assert capsys.readouterr().out == ""
