"""A run is fetched back from a store in which others write, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from runner.files.documents import write_json
from runner.track.client import connect
from runner.track.destination import destination
from runner.track.documents import fetch_run
from runner.track.sender import deliver_snapshot
from runner.values.records import RunSnapshot, RunStatus

OURS = "0123456789ab"
STATUS = RunStatus(state="finished", started="2024-01-01T00:00:00+00:00", finished="2024-01-01T01:00:00+00:00")


def _deliver(root: Path) -> None:
    file = root / "benchmark.json"
    write_json(file, {"run_id": OURS})
    snapshot = RunSnapshot("sales", OURS, STATUS, execution="1", artifacts=((file, ""),))
    assert deliver_snapshot(snapshot, destination({}, root), (), lambda keys: None).pending == 0


def _add(client: MlflowClient, tags: dict[str, str]) -> str:
    experiment = client.get_experiment_by_name("sales").experiment_id
    run: str = client.create_run(experiment, tags=tags).info.run_id
    client.log_param(run, "rate", "[" * 5000)
    client.set_terminated(run)
    return run


@pytest.mark.slow
def test_newest_own_run_with_results_is_taken(tmp_path: Path) -> None:
    _deliver(tmp_path)
    there = tmp_path / "there"
    there.mkdir()
    place = destination({}, tmp_path)
    ours = {"run_spec.kind": "trial", "run_spec.run_id": OURS, "model_name": "m", "run_spec.state": "complete"}
    with connect(place) as client:
        _add(client, {**ours, "run_spec.trial": "3"})
        for number in ("three", "-1", "9" * 5000):
            _add(client, {**ours, "run_spec.trial": number})
        _add(client, {"run_spec.kind": "trial", "run_spec.run_id": OURS, "run_spec.trial": "4"})
        _add(client, {"run_spec.kind": "run", "run_spec.run_id": "b" * 12})
        _add(client, {"run_spec.kind": "run", "run_spec.run_id": "a' or 1=1 --"})
        foreign = _add(client, {"run_spec.kind": "run"})
    for run in ("sales", OURS):
        assert fetch_run(place, run, there) == {"m trial 3 state": "complete", "m trial 3 rate": "[" * 5000}
        assert (there / "benchmark.json").is_file()
    for run in (foreign, "b" * 12, "a' or 1=1 --"):
        assert fetch_run(place, run, there) is None
