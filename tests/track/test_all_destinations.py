"""Every place that may know a run of a project is known, although no setting names it any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.store.folder import Store
from runner.track.destination import all_destinations, destination_of


def _spec(variable: str) -> dict[str, object]:
    return {"tracking": {"server": {"env": variable}}}


def test_all_destinations_include_those_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("MLFLOW_TRACKING_URI", "FIRST", "SECOND"):
        monkeypatch.setenv(variable, f"http://{variable.lower()}:5000")
    store = Store(tmp_path)
    store.run("a", "0" * 12).write_document("spec.resolved", _spec("FIRST"))
    store.run("a", "0" * 12).archive()
    store.run("a", "0" * 12).write_document("spec.resolved", _spec("UNSET"))
    store.run("b", "1" * 12).write_document("spec.resolved", _spec("SECOND"))
    found = [place.label for place in all_destinations(store)]
    assert found[0] == "http://mlflow_tracking_uri:5000"
    assert sorted(found[1:]) == ["http://first:5000", "http://second:5000", "sqlite:///mlruns/mlflow.db"]


@pytest.mark.parametrize("spec", [None, {}, {"tracking": None}, {"tracking": {"server": "x"}}])
def test_spec_without_server_uses_default_destination(spec: object, tmp_path: Path) -> None:
    assert destination_of(spec, tmp_path).label == "sqlite:///mlruns/mlflow.db"
