"""Deliveries while a run goes on: what is recorded arrives, and nothing that tracking does reaches the run."""

import os
import socket
import threading
import time

import pytest
from mlflow import MlflowClient

from runner.progress import Note
from runner.records import RunStatus, TrialRecord
from runner.store.folder import Store
from runner.store.lock import alone
from runner.track import live
from runner.track.delivery import pack, send
from runner.track.destination import destination
from runner.track.live import LiveDelivery

RESOLVED = {
    "description": "Six made-up series.",
    "study": {"sampler": {"seed": 7}},
    "run": {"engine": "local", "workers": 2},
    "tracking": {"server": {"env": "MLFLOW_TRACKING_URI"}, "tags": {}, "trials": "all", "register": "none"},
}


@pytest.fixture
def store(tmp_path, place) -> Store:
    """Of a project whose tracking store is there."""
    return Store(tmp_path)


@pytest.fixture
def folder(store):
    """Of a run that goes on in this process."""
    made = store.run("sales", "0123456789ab")
    made.begin(
        RunStatus(state="running", started="2024-03-01T12:00:00+00:00", host=socket.gethostname(), pid=os.getpid())
    )
    made.write_spec("version: 1\n", RESOLVED)
    made.write_document("environment", {"data": {"a.csv": "f" * 64}})
    return made


def _trial(number: int) -> TrialRecord:
    return TrialRecord(
        number=number,
        state="complete",
        params={"x": number},
        value=0.1,
        seconds=1.0,
        started="2024-03-01T12:00:00+00:00",
    )


def _client(root) -> MlflowClient:
    place = destination({}, root)
    return MlflowClient(place.uri, place.registry)


def _runs(root) -> dict[str, str]:
    """Kind -> status of each run, as `kind/number`."""
    found = _client(root).search_runs(["1"])
    return {run.data.tags["run_spec.kind"] + run.data.tags.get("run_spec.trial", ""): run.info.status for run in found}


def _until(met) -> None:
    give_up = time.monotonic() + 60
    while not met():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _marked(folder, root) -> int:
    return len(folder.marks(destination({}, root).label))


def test_what_is_recorded_arrives_while_the_run_goes_on(folder, store):
    told = []
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, told.append, pause=0.05):
        _until(lambda: _marked(folder, store.root))
        _until(lambda: pack(folder, store).pending == 0)
        assert _runs(store.root) == {"run": "RUNNING", "model": "RUNNING", "trial0": "FINISHED"}
        folder.add_trial("lightgbm", _trial(1))
        _until(lambda: pack(folder, store).pending == 0)
    assert sorted(_runs(store.root)) == ["model", "run", "trial0", "trial1"]
    assert told == []


def test_what_was_delivered_on_the_way_is_there_once_when_the_run_has_ended(folder, store):
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, print, pause=0.05):
        _until(lambda: _marked(folder, store.root) and pack(folder, store).pending == 0)
    folder.add_trial("lightgbm", _trial(1))
    folder.finish(folder.status().model_copy(update={"state": "interrupted", "exit_code": 130, "pid": None}))
    assert send(pack(folder, store)).pending == 0
    assert _runs(store.root) == {"run": "KILLED", "model": "KILLED", "trial0": "FINISHED", "trial1": "FINISHED"}
    assert len(_client(store.root).search_runs(["1"])) == 4


def test_a_place_that_is_away_is_told_once_and_so_is_its_return(folder, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:hunter2@127.0.0.1:9")
    monkeypatch.setattr(live, "LONGEST_PAUSE", 0.05)
    answers = iter(["nothing listens there"] * 3)
    monkeypatch.setattr("runner.track.mlflow.unreachable", lambda place: next(answers, None))
    monkeypatch.setattr("runner.track.mlflow.Courier", _Silent)
    told: list[Note] = []
    with LiveDelivery(folder, store, told.append, pause=0.02):
        _until(lambda: len(told) == 2)
    away, back = told
    assert away.level == "warning"
    assert away.text == (
        "tracking  http://127.0.0.1:9: nothing listens there; the run goes on, `run-spec sync` delivers later"
    )
    assert back.text == "tracking  http://127.0.0.1:9 takes deliveries again"


class _Silent:
    """A courier that takes everything."""

    parent = url = None

    def __init__(self, dossier, place):
        self.place = place

    def knows(self, key):
        return True

    def log(self, event):
        pass


def test_a_call_that_hangs_keeps_the_run_no_longer_than_its_patience(folder, store, monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.2)
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(live, "hand_over", lambda *_: (begun.set(), go_on.wait(30)))
    with LiveDelivery(folder, store, print, pause=0.01):
        assert begun.wait(30)
        left = time.monotonic()
    assert time.monotonic() - left < 2
    stuck = send(pack(folder, store))
    assert stuck.delivered == 0
    assert "another delivery of this run is going on" in stuck.message
    go_on.set()
    _until(lambda: send(pack(folder, store)).pending == 0)


def test_a_fault_of_tracking_ends_the_deliveries_and_not_the_run(folder, store, monkeypatch):
    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(live, "hand_over", fail)
    with LiveDelivery(folder, store, print, pause=0.01) as deliveries:
        _until(lambda: not deliveries._thread.is_alive())
    assert send(pack(folder, store)).pending == 0


def test_two_never_deliver_one_run_at_once(folder, store):
    with alone(folder.delivery_lock) as mine:
        assert mine
        with LiveDelivery(folder, store, print, pause=0.01) as deliveries:
            _until(lambda: not deliveries._thread.is_alive())
        assert send(pack(folder, store)).delivered == 0
    assert _marked(folder, store.root) == 0


def test_a_run_whose_process_is_gone_is_delivered_as_killed(folder, store):
    folder.finish(folder.status().model_copy(update={"pid": 2**22 + 1}))
    assert send(pack(folder, store)).pending == 0
    assert _runs(store.root) == {"run": "KILLED"}
