"""What was delivered to MLflow reads as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_comparison import _document

from runner.commands.compare import compare
from runner.errors import UsageError
from runner.files.documents import write_json
from runner.store.folder import Store
from runner.track.client import connect
from runner.track.destination import destination
from runner.track.sender import deliver_snapshot
from runner.values.records import RunSnapshot, RunStatus

pytestmark = pytest.mark.slow


def _deliver(root: Path, run_id: str, wape: float, started: str, execution: str = "1", **tags: str) -> None:
    document = _document(run_id=run_id, wape=wape).model_dump(mode="json")
    file = root / f"{run_id}-{execution}" / "benchmark.json"
    write_json(file, document)
    status = RunStatus(state="finished", started=f"{started}T00:00:00+00:00", finished=f"{started}T01:00:00+00:00")
    snapshot = RunSnapshot("sales", run_id, status, execution=execution, artifacts=((file, ""),), tags=tags)
    assert deliver_snapshot(snapshot, destination({}, root), (), lambda keys: None).pending == 0


def test_compare_from_mlflow_equals_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = Store(tmp_path)
    _deliver(tmp_path, "a" * 12, 0.15, "2024-01-01")
    _deliver(tmp_path, "0123456789ab", 0.12, "2024-02-01", "1")
    _deliver(tmp_path, "0123456789ab", 0.1, "2024-02-02", "2")
    store.write_benchmark("sales", _document().model_dump(mode="json"))
    assert compare(tmp_path, [], source="mlflow") == compare(tmp_path, [])
    runs = compare(tmp_path, ["sales"], source="mlflow", every=True)
    assert [(row.run_id, row.score) for row in runs][::3] == [("a" * 12, 0.15), ("0123456789ab", 0.1)]
    assert {row.run_id for row in compare(tmp_path, ["a" * 12], source="mlflow")} == {"a" * 12}


def test_compare_from_mlflow_ignores_set_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    _deliver(tmp_path, "0123456789ab", 0.1, "2024-01-01")
    _deliver(tmp_path, "a" * 12, 0.15, "2024-02-01", **{"run_spec.overrides": "--set study.sampler.seed=9"})
    assert {row.run_id for row in compare(tmp_path, ["sales"], source="mlflow")} == {"0123456789ab"}
    assert {row.run_id for row in compare(tmp_path, ["a" * 12], source="mlflow")} == {"a" * 12}
    assert len({row.run_id for row in compare(tmp_path, ["sales"], source="mlflow", every=True)}) == 2


def test_compare_from_mlflow_ignores_foreign_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    _deliver(tmp_path, "0123456789ab", 0.1, "2024-01-01")
    with connect(destination({}, tmp_path)) as client:
        ours = client.get_experiment_by_name("sales").experiment_id
        other = client.create_experiment("other")
        for run_id in (None, "a' or 1=1 --", "b" * 12):  # the last as if it were ours, without a document
            tags = {"run_spec.kind": "run"} | ({"run_spec.run_id": run_id} if run_id else {})
            for experiment in (ours, other):
                client.set_terminated(client.create_run(experiment, tags=tags).info.run_id)
    for targets in (["sales"], []):
        assert {row.run_id for row in compare(tmp_path, targets, source="mlflow")} == {"0123456789ab"}
    assert {row.run_id for row in compare(tmp_path, ["sales"], source="mlflow", every=True)} == {"0123456789ab"}
    with pytest.raises(UsageError, match="there are no results of other"):
        compare(tmp_path, ["other"], source="mlflow")
