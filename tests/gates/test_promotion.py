"""From a run over its gates to the champion's place, and back, as a user meets it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from places import SPEC, Place, make

pytestmark = pytest.mark.slow
BETTER = SPEC.replace("seasonal_naive: {}", "seasonal_naive: {}, mean: {use: moving_average, window: 12}")
AWAY = "http://user:hunter2@127.0.0.1:9"


def _rows(place: Place, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(place.root / "mlruns" / "mlflow.db")) as connection:
        return connection.execute(query).fetchall()


def _aliases(place: Place) -> dict[str, str]:
    return {
        alias: str(version) for alias, version in _rows(place, "select alias, version from registered_model_aliases")
    }


def test_a_first_champion_a_second_and_the_way_back(tmp_path: Path) -> None:
    place = make(tmp_path)
    done = place("small.yaml")
    assert done.code == 0, "what is unknown fails nothing"
    assert "gate unknown: wape not worse than the champion's by more than 1%: there is no champion yet" in done.out
    assert [gate["verdict"] for gate in place.document()["gates"]] == ["passed", "unknown"]

    refused = place("promote", "small.yaml")
    assert refused.code == 6
    assert "there is no champion yet; `run-spec promote small --first` makes the first one" in refused.err
    assert place("promote", "small", "--first").out.endswith("version 1 is champion now\n")
    assert place("promote", "small").out.endswith("version 1 is champion already\n")
    assert _aliases(place) == {"champion": "1"}
    assert place("promote", "small", "--first").code == 2

    place.write(BETTER)
    again = place("small.yaml")
    assert "gate passed: wape not worse than the champion's" in again.out
    assert "(version 1, seasonal_naive)" in again.out
    summary = place("promote", "small.yaml", "--summary").out
    assert "### small" in summary
    assert "| ✅ passed |" in summary
    assert _aliases(place) == {"champion": "2", "previous": "1"}
    (why,) = _rows(place, "select description from model_versions where version = 2")
    assert "Champion since" in why[0]
    assert "seasonal_naive" in why[0]

    assert place("promote", "small", "--rollback").out == "small: version 1 is champion again, version 2 no more\n"
    assert _aliases(place) == {"champion": "1"}
    assert place("promote", "small", "--rollback").code == 2


def test_a_failed_gate_is_exit_6_and_stands_in_the_way(tmp_path: Path) -> None:
    place = make(tmp_path, SPEC.replace("by: 1%", "by: 99%"))
    done = place("small.yaml")
    assert done.code == 6
    assert place("small.yaml").code == 6, "a no-op repeats the recorded code"
    assert place("small.yaml", "--defer-gates").code == 0
    assert place("gates", "small").code == 6
    assert place("promote", "small", "--first").code == 6
    assert _aliases(place) == {}
    assert _rows(place, "select value from tags where key = 'run_spec.gates'") == [("failed",)]

    place.write(SPEC.replace("by: 1%", "by: 2%"))
    mended = place("small.yaml")
    assert mended.code == 0, "gates are judged anew without a fit"
    assert "Nothing to do" in mended.out
    assert _rows(place, "select value from tags where key = 'run_spec.gates'") == [("unknown",)]


def test_a_registry_that_is_away_leaves_the_verdict_open_and_promotes_nothing(tmp_path: Path) -> None:
    place = make(tmp_path)
    done = place("small.yaml", MLFLOW_TRACKING_URI=AWAY)
    assert done.code == 0
    assert "http://127.0.0.1:9: nothing listens there" in done.out
    refused = place("promote", "small", MLFLOW_TRACKING_URI=AWAY)
    assert refused.code == 5
    assert "nothing was promoted" in refused.err
    assert place("gates", "small", MLFLOW_TRACKING_URI=AWAY).code == 0
    assert "hunter2" not in done.out + done.err + refused.out + refused.err


def test_what_has_not_been_run_cannot_be_judged(tmp_path: Path) -> None:
    place = make(tmp_path)
    assert place("gates", "small.yaml").code == 2
    assert place("promote", "small").code == 2
