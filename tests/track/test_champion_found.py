"""Who is champion, when not everything that was delivered can be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient
from requests.exceptions import ConnectionError as Lost

from runner.results.gates import MuteChampion, NoChampion
from runner.track.destination import Destination, destination
from runner.track.documents import document
from runner.track.registry import find_champion


@pytest.fixture
def there(delivered_store: Path, tmp_path: Path) -> Destination:
    shutil.copytree(delivered_store, tmp_path / "mlruns")
    return destination({}, tmp_path)


def test_champion_without_results_is_reported(there: Destination) -> None:
    words = "the champion (version 1) has no results document to be compared with"
    assert find_champion(there, "sales") == MuteChampion("1", words)
    assert find_champion(there, "other") == NoChampion("there is no champion yet")


def test_champion_with_deleted_run_keeps_alias(there: Destination) -> None:
    client = MlflowClient(there.uri)
    version = client.get_model_version_by_alias("sales", "champion")
    client._tracking_client.store._hard_delete_run(version.run_id)
    assert isinstance(find_champion(there, "sales"), MuteChampion)


@pytest.mark.parametrize("error", [Lost("reset by peer"), OSError("no space"), TimeoutError("too long")])
def test_results_not_fetched_are_not_absent(
    error: Exception, there: Destination, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(MlflowClient, "list_artifacts", fail)
    found = find_champion(there, "sales")
    assert isinstance(found, NoChampion)
    assert found.away
    assert str(error) in found.reason


def test_document_not_listed_is_absent(there: Destination) -> None:
    client = MlflowClient(there.uri)
    run = str(client.search_runs(["1"], "tags.`run_spec.kind` = 'run'")[0].info.run_id)
    assert document(client, run) is None
    client.log_text(run, "{}", "benchmark.json")
    assert document(client, run) == b"{}"
