"""`run-spec sync` among folders that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli import main
from runner.store.folder import Store
from runner.track.delivery import Delivery
from runner.track.events import DeliveryReport
from runner.values.records import RunStatus, Scoreboard

SPEC = {
    "study": {"sampler": {"seed": 1}},
    "run": {"engine": "local", "workers": 1},
    "tracking": {"tags": {}, "trials": "all", "register": "none", "server": {"env": "MLFLOW_TRACKING_URI"}},
}
BOARD = Scoreboard(metric="mae", direction="lower", baseline="naive", results=())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two experiments with a run each; the records of the first are of an older shape."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path)
    for name in ("apples", "pears"):
        folder = store.run(name, "0123456789ab")
        folder.begin(RunStatus(state="finished", started="2024-03-01T12:00:00+00:00"))
        folder.write_document("spec.resolved", SPEC)
        folder.write_document("scoreboard", BOARD.model_dump(mode="json"))
    store.run("apples", "0123456789ab").write_document("scoreboard", {"results": "of an older shape"})
    return store


@pytest.mark.slow
def test_a_run_that_cannot_be_read_is_named_and_the_others_are_delivered(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync"]) == 5
    said = capsys.readouterr()
    path = store.run("apples", "0123456789ab").path
    assert said.err.startswith(f"run-spec: {path}: its records are of another version (ValidationError: ")
    assert len(said.err.splitlines()) == 1
    assert said.out.startswith("pears 0123456789ab: ")
    assert store.run("pears", "0123456789ab").marks("sqlite:///mlruns/mlflow.db")


def test_odd_documents_are_a_sentence_and_the_runs_after_them_are_delivered(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.run("apples", "0123456789ab")
    folder.write_document("scoreboard", BOARD.model_dump(mode="json"))
    folder.write_document("environment", {"data": "x"})
    sent = DeliveryReport(3, 0)
    monkeypatch.setattr(
        "runner.cli.sync.deliver", lambda delivery: sent if delivery.folder.name == "pears" else pending(delivery)
    )
    assert main(["sync"]) == 5
    said = capsys.readouterr()
    assert said.err.startswith(f"run-spec: {folder.path}: its records cannot be delivered (AttributeError: ")
    assert len(said.err.splitlines()) == 1
    assert said.out == "pears 0123456789ab: 3 events delivered\n"


def pending(delivery: Delivery) -> DeliveryReport:
    """What an odd document raises when it is looked at."""
    return DeliveryReport(0, delivery.pending)


@pytest.mark.parametrize("shape", [{}, {"study": None}, [], "x"])
def test_a_spec_of_another_shape_is_a_sentence(shape: object, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.run("pears", "0123456789ab").write_document("spec.resolved", shape)
    assert main(["sync", "pears"]) == 5
    assert "its records are of another version" in capsys.readouterr().err


def test_a_name_without_runs_is_refused_with_what_was_perhaps_meant(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", "pears", "aples"]) == 2
    said = capsys.readouterr()
    words = "aples: there are no runs of that name in results/runs; did you mean `apples`?"
    assert (said.out, said.err) == ("", f"run-spec: {words}\n")
    assert main(["sync", "../x"]) == 2


@pytest.mark.parametrize("text", [None, "", "[]"])
def test_a_finished_run_without_its_scoreboard_is_named_and_not_delivered_as_one_that_failed(
    text: str | None, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    board = store.run("pears", "0123456789ab").path / "scoreboard.json"
    board.unlink() if text is None else board.write_text(text)
    assert main(["sync", "pears"]) == 5
    assert "its scoreboard.json is gone or damaged; run its spec again" in capsys.readouterr().err
    assert not (store.root / "mlruns").exists()
