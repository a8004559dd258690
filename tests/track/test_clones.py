"""Two clones that deliver one run to one store: a laptop and CI at one commit."""

from dataclasses import replace

import pytest
from mlflow import MlflowClient

from runner.track.ask import glancer
from runner.track.cleaning import old_families
from runner.track.mlflow import Messenger, deliver

FAR = 4_000_000_000_000
FIRST, SECOND = "2024-03-01T12:00:00+00:00", "2024-03-05T12:00:00+00:00"


@pytest.fixture
def client(place):
    return MlflowClient(place.uri, place.registry)


@pytest.fixture
def early(dossier):
    return replace(dossier, execution=FIRST)


@pytest.fixture
def late(dossier):
    started = {"started": SECOND, "finished": "2024-03-05T12:20:00+00:00"}
    return replace(dossier, execution=SECOND, status=dossier.status.model_copy(update=started))


def going_on(dossier, trials):
    """The same run after so many trials."""
    status = dossier.status.model_copy(update={"state": "running", "exit_code": None, "finished": None})
    seen = {model: found[:trials] for model, found in dossier.studies.items()}
    return replace(dossier, status=status, studies=seen, board=None, models={}, artefacts=())


class Clone:
    """One clone with its own marks."""

    def __init__(self, place):
        self.messenger, self.marks = Messenger(place), []

    def deliver(self, dossier):
        done = self.messenger.deliver(dossier, self.marks, self.marks.extend, lambda: False)
        assert done.pending == 0
        return done.parent


def _runs(client, kind):
    experiment = client.get_experiment_by_name("sales").experiment_id
    return client.search_runs([experiment], f"tags.`run_spec.kind` = '{kind}'")


def _trials(client):
    """Trial -> execution whose model has it."""
    keys = [run.data.tags["run_spec.key"] for run in _runs(client, "trial")]
    assert sorted(set(keys)) == sorted(keys)
    of_model = {run.info.run_id: run.data.tags["run_spec.execution"] for run in _runs(client, "model")}
    return {run.info.run_name: of_model[run.data.tags["mlflow.parentRunId"]] for run in _runs(client, "trial")}


def _shown(place):
    (run,) = glancer(place).runs("sales", 10)
    return run.key


def test_two_that_go_on_together_make_each_trial_once_and_the_later_start_is_the_one_that_stays(
    early, late, place, client
):
    early, late = replace(early, register="none"), replace(late, register="none")
    one, two = Clone(place), Clone(place)
    for trials in (1, 2, 3):
        first, second = one.deliver(going_on(early, trials)), two.deliver(going_on(late, trials))
    _trials(client)
    one.deliver(early)
    other = client.get_run(second)
    assert (other.info.status, other.data.tags.get("run_spec.superseded_by")) == ("RUNNING", None)
    two.deliver(late)
    assert set(_trials(client).values()) == {SECOND}
    tags = {run.info.run_id: run.data.tags for run in _runs(client, "run")}
    assert tags[first]["run_spec.superseded_by"] == second
    assert "run_spec.superseded_by" not in tags[second]
    assert _shown(place) == second
    assert [family.members[-1] for family in old_families(place, FAR)] == [first]


def test_the_later_start_that_ends_first_stays_too(early, late, place, client):
    one, two = Clone(place), Clone(place)
    first, second = one.deliver(going_on(early, 2)), two.deliver(going_on(late, 3))
    two.deliver(late)
    assert client.get_run(first).info.status == "RUNNING"
    one.deliver(early)
    assert client.get_run(first).data.tags["run_spec.superseded_by"] == second
    assert set(_trials(client).values()) == {SECOND}
    assert _shown(place) == second


def test_the_trials_of_a_clone_that_never_ended_belong_to_the_one_that_did(early, late, place, client):
    one, two = Clone(place), Clone(place)
    second = two.deliver(going_on(late, 3))
    one.deliver(early)
    assert set(_trials(client).values()) == {FIRST}
    assert [family.members[-1] for family in old_families(place, FAR)] == [second]


def test_an_execution_that_is_delivered_late_does_not_take_the_place_of_a_newer_one(early, late, place, client):
    second, first = Clone(place).deliver(late), Clone(place).deliver(early)
    assert client.get_run(first).data.tags["run_spec.superseded_by"] == second
    assert "run_spec.superseded_by" not in client.get_run(second).data.tags
    assert _shown(place) == second
    (version,) = client.search_model_versions("name='sales'")
    assert version.tags["run_spec.execution"] == SECOND
    assert set(_trials(client).values()) == {SECOND}


def test_a_late_execution_registers_what_nobody_has(early, late, place, client):
    Clone(place).deliver(replace(late, register="none"))
    first = Clone(place).deliver(early)
    (version,) = client.search_model_versions("name='sales'")
    assert client.get_run(version.run_id).data.tags["mlflow.parentRunId"] == first


def test_a_family_is_not_old_for_pointing_at_one_that_points_back(dossier, late, place, client):
    first, second = Clone(place).deliver(replace(dossier, execution=FIRST)), Clone(place).deliver(late)
    client.set_tag(second, "run_spec.superseded_by", first)
    assert old_families(place, FAR) == ()
    assert _shown(place) == second


def test_only_a_rival_that_goes_on_costs_a_question_for_each_trial(early, late, place, monkeypatch):
    asked = []
    search = MlflowClient.search_runs
    monkeypatch.setattr(MlflowClient, "search_runs", lambda *args, **more: (asked.append(1), search(*args, **more))[1])
    deliver(going_on(early, 1), place, (), lambda keys: None)
    alone = len(asked)
    deliver(going_on(late, 4), place, (), lambda keys: None)
    assert alone == 1
    assert len(asked) - alone == 1 + 3 + 2  # at first, for each trial that is new, for the parent and the model
