"""Deliveries while a run goes on: what is recorded arrives, and nothing that tracking does reaches the run."""

import os
import socket
import threading
import time

import pytest
from mlflow import MlflowClient

from runner.progress import Note
from runner.store.folder import Store
from runner.store.lock import try_lock
from runner.track import delivery, live
from runner.track.delivery import deliver, open_sender, prepare_delivery, send_pending
from runner.track.destination import destination
from runner.track.live import LiveDelivery
from runner.values.records import RunStatus, TrialRecord

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


def test_records_arrive_while_running(folder, store):
    told = []
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, told.append, pause=0.05):
        _until(lambda: _marked(folder, store.root))
        _until(lambda: prepare_delivery(folder, store).pending == 0)
        assert _runs(store.root) == {"run": "RUNNING", "model": "RUNNING", "trial0": "FINISHED"}
        folder.add_trial("lightgbm", _trial(1))
        _until(lambda: prepare_delivery(folder, store).pending == 0)
    assert sorted(_runs(store.root)) == ["model", "run", "trial0", "trial1"]
    assert told == []


def test_live_delivery_leaves_no_duplicate(folder, store):
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, print, pause=0.05):
        _until(lambda: _marked(folder, store.root) and prepare_delivery(folder, store).pending == 0)
    folder.add_trial("lightgbm", _trial(1))
    folder.finish(folder.status().model_copy(update={"state": "interrupted", "exit_code": 130, "pid": None}))
    assert deliver(prepare_delivery(folder, store)).pending == 0
    assert _runs(store.root) == {"run": "KILLED", "model": "KILLED", "trial0": "FINISHED", "trial1": "FINISHED"}
    assert len(_client(store.root).search_runs(["1"])) == 4


def test_unreachable_destination_is_reported_once(folder, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:hunter2@127.0.0.1:9")
    monkeypatch.setattr(live, "LONGEST_PAUSE", 0.05)
    answers = iter(["nothing listens there"] * 3)
    monkeypatch.setattr("runner.track.sender.unreachable", lambda place: next(answers, None))
    monkeypatch.setattr(live, "_first_trouble", lambda place: next(answers, None))
    monkeypatch.setattr("runner.track.sender.MlflowSession", _Silent)
    told: list[Note] = []
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, told.append, pause=0.02):
        _until(lambda: len(told) == 2)
    away, back = told
    assert away.level == "warning"
    assert away.text == (
        "tracking  http://127.0.0.1:9: nothing listens there; the run goes on, `run-spec sync` delivers later"
    )
    assert back.text == "tracking  http://127.0.0.1:9 takes deliveries again"


def test_unreachable_destination_is_retried_less_often(folder, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setattr(live, "LONGEST_PAUSE", 4.0)
    waited: list[float] = []
    folder.add_trial("lightgbm", _trial(0))
    deliveries = LiveDelivery(folder, store, print, pause=1.0)
    monkeypatch.setattr(deliveries._ending, "wait", lambda pause: waited.append(pause) or len(waited) == 5)
    with deliveries:
        _until(lambda: not deliveries._thread.is_alive())
    assert waited == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_wrong_address_is_reported_before_first_trial(folder, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    told: list[Note] = []
    with LiveDelivery(folder, store, told.append):
        _until(lambda: told)
    assert "nothing listens there (connection refused); the run goes on" in told[0].text


def test_run_without_trial_delivers_nothing(folder, store):
    with LiveDelivery(folder, store, print, pause=0.01):
        time.sleep(0.2)
    assert _marked(folder, store.root) == 0


class _Silent:
    """A session that accepts everything."""

    parent = url = None

    def __init__(self, snapshot, place):
        self.place = place

    def has_run(self, key):
        return True

    def log(self, event):
        pass


def test_a_call_that_hangs_keeps_no_run_waiting(folder, store, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE", 0.2)
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(live, "send_pending", lambda *_: (begun.set(), go_on.wait(30)))
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, print, pause=0.01):
        assert begun.wait(30)
        left = time.monotonic()
    stuck = deliver(prepare_delivery(folder, store))
    assert time.monotonic() - left < 2
    assert stuck.delivered == 0
    assert "another process is delivering this run" in stuck.message
    go_on.set()
    _until(lambda: deliver(prepare_delivery(folder, store)).pending == 0)


def test_failed_delivery_is_reported_and_retried(folder, store, monkeypatch):
    failures = iter([FileNotFoundError("gone by now")])

    def send_pending(*what):
        for error in failures:
            raise error
        return delivery.send_pending(*what)

    monkeypatch.setattr(live, "send_pending", send_pending)
    told: list[Note] = []
    folder.add_trial("lightgbm", _trial(0))
    with LiveDelivery(folder, store, told.append, pause=0.01):
        _until(lambda: _marked(folder, store.root) and prepare_delivery(folder, store).pending == 0)
        _until(lambda: len(told) == 2)
    assert "FileNotFoundError: gone by now; the run goes on" in told[0].text


def test_running_run_delivers_no_earlier_results(folder, store):
    folder.write_document("benchmark", {"gates": [{"verdict": "passed", "gate": "g", "reason": "r"}]})
    folder.add_trial("lightgbm", _trial(0))
    going_on = prepare_delivery(folder, store).snapshot
    assert [path.name for path, _ in going_on.artifacts] == ["spec.yaml", "spec.resolved.json", "environment.json"]
    assert "run_spec.gates" not in going_on.tags


def test_resumed_run_withdraws_interrupted_state(folder, store):
    folder.add_trial("lightgbm", _trial(0))
    running = folder.status()
    folder.finish(running.model_copy(update={"state": "interrupted", "exit_code": 130}))
    assert deliver(prepare_delivery(folder, store)).pending == 0
    said = ("reason", "missing", "best_model", "gates", "gate.1")  # of a budget that was finished, and judged
    (parent,) = _client(store.root).search_runs(["1"], "tags.`run_spec.kind` = 'run'")
    for word in said:
        _client(store.root).set_tag(parent.info.run_id, f"run_spec.{word}", "as it was")
    folder.finish(running)
    sender = open_sender(destination({}, store.root))
    for number in (1, 2):  # once it has been taken back there is nothing more to take back
        folder.add_trial("lightgbm", _trial(number))
        assert send_pending(prepare_delivery(folder, store), sender, lambda: False).trouble is None
    (run,) = _client(store.root).search_runs(["1"], "tags.`run_spec.kind` = 'run'")
    assert run.info.status == "RUNNING"
    assert not {f"run_spec.{word}" for word in (*said, "exit_code")} & set(run.data.tags)


def test_two_never_deliver_one_run_at_once(folder, store, monkeypatch):
    folder.add_trial("lightgbm", _trial(0))
    monkeypatch.setattr(delivery, "PATIENCE", 0.1)
    with try_lock(folder.delivery_lock) as mine:
        assert mine
        with LiveDelivery(folder, store, print, pause=0.01) as deliveries:
            _until(lambda: not deliveries._thread.is_alive())
        assert deliver(prepare_delivery(folder, store)).delivered == 0
    assert _marked(folder, store.root) == 0


def test_run_without_process_is_delivered_as_killed(folder, store):
    folder.add_trial("lightgbm", _trial(0))
    folder.finish(folder.status().model_copy(update={"pid": 2**22 + 1}))
    assert deliver(prepare_delivery(folder, store)).pending == 0
    assert _runs(store.root) == {"run": "KILLED", "model": "KILLED", "trial0": "FINISHED"}


def test_run_with_set_registers_nothing(folder, store):
    folder.write_spec("version: 1\n", {**RESOLVED, "tracking": {**RESOLVED["tracking"], "register": "best"}})
    folder.add_trial("lightgbm", _trial(0))
    status = folder.status()
    folder.finish(status.model_copy(update={"overrides": ("study.sampler.seed=9", "run.workers=1")}))
    delivery = prepare_delivery(folder, store)
    assert delivery.snapshot.register == "none"
    assert deliver(delivery).pending == 0
    assert _tags(store)["run_spec.overrides"] == "--set study.sampler.seed=9 --set run.workers=1"
    folder.finish(status)
    delivery = prepare_delivery(folder, store)
    assert delivery.snapshot.register == "best"
    assert deliver(delivery).pending == 0
    assert "run_spec.overrides" not in _tags(store)


def _tags(store) -> dict[str, str]:
    (run,) = _client(store.root).search_runs(["1"], "tags.`run_spec.kind` = 'run'")
    return run.data.tags
