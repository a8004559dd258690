"""From a run over its gates to the champion's place, and back, as a user meets it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
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


def test_promote_twice_and_roll_back(tmp_path: Path) -> None:
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

    MlflowClient(f"sqlite:///{tmp_path}/mlruns/mlflow.db").delete_registered_model("small")
    assert place("promote", "small", "--first").out.endswith("version 1 is champion now\n"), "it is registered anew"


def test_promote_with_a_failed_gate_returns_6(tmp_path: Path) -> None:
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


def test_promote_without_registry_changes_nothing(tmp_path: Path) -> None:
    place = make(tmp_path)
    done = place("small.yaml", MLFLOW_TRACKING_URI=AWAY)
    assert done.code == 0
    assert "http://127.0.0.1:9: nothing listens there" in done.out
    refused = place("promote", "small", MLFLOW_TRACKING_URI=AWAY)
    assert refused.code == 5
    assert "nothing was promoted" in refused.err
    assert place("gates", "small", MLFLOW_TRACKING_URI=AWAY).code == 0
    assert "hunter2" not in done.out + done.err + refused.out + refused.err


def test_promote_against_an_unreadable_champion_is_refused(tmp_path: Path) -> None:
    place = make(tmp_path)
    place("small.yaml")
    assert place("promote", "small", "--first").code == 0
    (document,) = (tmp_path / "mlruns" / "artifacts").rglob("benchmark.json")
    document.unlink()
    place.write(BETTER)
    assert "gate unknown: " in place("small.yaml").out
    forced = place("promote", "small.yaml", "--first")
    assert forced.code == 2
    assert "small: version 1 is champion already; promote without --first" in forced.err
    refused = place("promote", "small.yaml")
    assert refused.code == 6
    assert "unknown: the champion (version 1) has no results document to be compared with" in refused.err
    assert "; `run-spec promote small --rollback` gives its place to the one before it" in refused.err
    assert _aliases(place) == {"champion": "1"}


def _two_champions(uri: str) -> MlflowClient:
    client = MlflowClient(uri)
    client.create_registered_model("small")
    for alias in ("previous", "champion"):
        version = client.create_model_version("small", "file:///nowhere", await_creation_for=0)
        client.set_registered_model_alias("small", alias, str(version.version))
    return client


@pytest.mark.parametrize("target", ["small", "specs/small.yaml"])
def test_roll_back_without_results_uses_the_server(
    target: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    uri = f"sqlite:///{tmp_path_factory.mktemp('server')}/theirs.db"
    client = _two_champions(uri)
    clone = make(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.run-spec]\nenv = ["THEIR_SERVER"]\n')
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "small.yaml").write_text(SPEC + "tracking: {server: {env: THEIR_SERVER}}\n")
    (tmp_path / "small.yaml").unlink()
    back = clone("promote", target, "--rollback", THEIR_SERVER=uri)
    assert back.out == "small: version 1 is champion again, version 2 no more\n", back.err
    assert str(client.get_model_version_by_alias("small", "champion").version) == "1"
    again = clone("promote", target, "--rollback", THEIR_SERVER=uri)
    assert (again.code, "version 1 is the first champion: there is none before it" in again.err) == (2, True)
    nowhere = clone("promote", target, "--rollback")
    assert (nowhere.code, "there is no champion in sqlite:///mlruns/mlflow.db" in nowhere.err) == (2, True)
    assert not (tmp_path / "mlruns").exists()


def test_gates_of_an_unrun_spec_is_one_line(tmp_path: Path) -> None:
    place = make(tmp_path)
    assert place("gates", "small.yaml").code == 2
    assert place("promote", "small").code == 2
