"""A verdict that stood open while the server was away is given by whoever finds it there again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from places import Place, make

pytestmark = pytest.mark.slow
AWAY = "http://127.0.0.1:9"


def _verdicts(place: Place) -> list[tuple[str, str]]:
    return [(gate["verdict"], gate["reason"]) for gate in place.document()["gates"]]


def _delivered(root: Path, key: str) -> list[str]:
    question = "select t.value from tags t join runs r on r.run_uuid = t.run_uuid where t.key = ?"
    with closing(sqlite3.connect(root / "mlruns" / "mlflow.db")) as store:
        return [value for (value,) in store.execute(question, (key,))]


def test_sync_and_promote_recheck_unknown_gates(tmp_path: Path) -> None:
    place = make(tmp_path)
    assert place("small.yaml", MLFLOW_TRACKING_URI=AWAY).code == 0
    assert "nothing listens there" in _verdicts(place)[1][1]

    synced = place("sync")
    assert synced.code == 0, synced.err
    assert _verdicts(place)[1] == ("unknown", "there is no champion yet")
    (report,) = (tmp_path / "results" / "runs" / "small").glob("*/report.md")
    assert "nothing listens there" not in report.read_text() + report.with_suffix(".html").read_text()
    (told,) = _delivered(tmp_path, "run_spec.gate.2")
    assert told.endswith("there is no champion yet")
    assert place("sync").out.endswith(": 0 events delivered\n")

    assert place("promote", "small", "--first").code == 0
    assert _verdicts(place)[1] == ("passed", "it is the champion (version 1)")
    assert _delivered(tmp_path, "run_spec.gates") == ["passed"]
    assert "it is the champion" in report.read_text()
    (copy,) = (tmp_path / "mlruns" / "artifacts").rglob("report.md")
    assert copy.read_text() == report.read_text()
    again = place("small.yaml")
    assert "Nothing to do" in again.out
    assert "made again" not in again.out
