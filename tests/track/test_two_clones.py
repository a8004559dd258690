"""Two clones that deliver one run to one store, such as a laptop and CI at one commit: the last writer wins."""

from dataclasses import replace

import pytest
from mlflow import MlflowClient

from runner.track.old_runs import old_families
from runner.track.reader import Reader
from runner.track.sender import deliver_snapshot

FAR = 4_000_000_000_000
FIRST, SECOND = "2024-03-01T12:00:00+00:00", "2024-03-05T12:00:00+00:00"


@pytest.fixture
def client(place):
    return MlflowClient(place.uri, place.registry)


@pytest.fixture
def early(snapshot):
    return replace(snapshot, execution=FIRST)


@pytest.fixture
def late(snapshot):
    started = {"started": SECOND, "finished": "2024-03-05T12:20:00+00:00"}
    return replace(snapshot, execution=SECOND, status=snapshot.status.model_copy(update=started))


def running(snapshot, trials):
    """The same run after so many trials."""
    status = snapshot.status.model_copy(update={"state": "running", "exit_code": None, "finished": None})
    studies = {model: records[:trials] for model, records in snapshot.studies.items()}
    return replace(snapshot, status=status, studies=studies, board=None, models={}, artifacts=())


def deliver(snapshot, place):
    report = deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert report.pending == 0
    return report.parent


def runs(client, kind):
    experiment = client.get_experiment_by_name("sales").experiment_id
    return client.search_runs([experiment], f"tags.`run_spec.kind` = '{kind}'")


def owners(client):
    """Executions whose models have the trials, each of which is there once."""
    trials = runs(client, "trial")
    keys = [run.data.tags["run_spec.key"] for run in trials]
    assert len(set(keys)) == len(keys)
    of_model = {run.info.run_id: run.data.tags["run_spec.execution"] for run in runs(client, "model")}
    return {of_model[run.data.tags["mlflow.parentRunId"]] for run in trials}


def superseded_by(client, run):
    return client.get_run(run).data.tags.get("run_spec.superseded_by")


@pytest.mark.parametrize("order", [1, -1])
def test_deliver_last_writer_has_trials_and_version(order, early, late, place, client):
    before, after = [early, late][::order]
    first, last = deliver(before, place), deliver(after, place)
    assert (superseded_by(client, first), superseded_by(client, last)) == (last, None)
    assert owners(client) == {after.execution}
    (version,) = client.search_model_versions("name='sales'")
    assert version.tags["run_spec.execution"] == after.execution
    assert [run.run_id for run in Reader(place).runs("sales", 10)] == [early.run_id]


def test_deliver_again_takes_the_place_back(early, late, place, client):
    first, second = deliver(early, place), deliver(late, place)
    assert deliver(early, place) == first
    assert (superseded_by(client, first), superseded_by(client, second)) == (None, first)
    assert owners(client) == {FIRST}


def test_deliver_closes_what_another_clone_left_running(early, late, place, client):
    first, second = deliver(running(early, 2), place), deliver(late, place)
    assert client.get_run(first).info.status == "KILLED"
    assert {run.info.status for run in runs(client, "model")} <= {"KILLED", "FINISHED", "FAILED"}
    assert [family.members[-1] for family in old_families(place, FAR)] == [first]
    assert owners(client) == {SECOND}
    assert superseded_by(client, second) is None
