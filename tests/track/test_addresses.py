"""An address that cannot be one is told at once, in one sentence."""

import shutil
from pathlib import Path

import pytest

from runner.cli import main
from runner.errors import UsageError
from runner.track.destination import destination


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://[::1", "MLFLOW_TRACKING_URI is no address: Invalid IPv6 URL"),
        ("sqlite://", "names a store in memory"),
        ("sqlite:///:memory:", "names a store in memory"),
    ],
)
def test_an_address_that_is_none_is_refused(uri, words, tmp_path):
    with pytest.raises(UsageError, match=words):
        destination({"MLFLOW_TRACKING_URI": uri}, tmp_path)


def test_invalid_registry_address_is_refused(tmp_path):
    with pytest.raises(UsageError, match="MLFLOW_REGISTRY_URI is no address"):
        destination({"MLFLOW_TRACKING_URI": "http://h:1", "MLFLOW_REGISTRY_URI": "http://[x"}, tmp_path)


def test_server_scheme_is_case_insensitive(tmp_path):
    place = destination({"MLFLOW_TRACKING_URI": "HTTP://User:S3cret@Host:1"}, tmp_path)
    assert (place.remote, place.uri, place.label) == (True, "http://User:S3cret@Host:1", "http://Host:1")


def test_invalid_address_is_refused_before_the_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").touch()
    spec = shutil.copy(Path(__file__).parents[2] / "specs" / "quickstart.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://[::1")
    assert main(["run", spec]) == 2
    assert "MLFLOW_TRACKING_URI is no address" in capsys.readouterr().err
    assert not (tmp_path / "results" / "benchmarks").exists()
