"""What is asked without MLflow is what MLflow would have said."""

import json
import math
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient

from runner.errors import StoreError
from runner.track import sign_in
from runner.track.ask import glancer
from runner.track.destination import destination
from runner.track.glance import TrackedRun, TrackedTrial, latest, trials_by_model
from runner.track.glance_rest import RestGlance
from runner.track.glance_sqlite import SqliteGlance
from runner.track.moved import settle
from runner.track.probe import unreachable
from runner.track.reading import ClientGlance
from runner.track.sign_in import plainly_signed, signed_session


@pytest.fixture
def place(delivered_store, tmp_path):
    """A local store with one delivered run, its best model champion."""
    shutil.copytree(delivered_store, tmp_path / "mlruns")
    found = destination({}, tmp_path)
    settle(found.database, found.artifacts)
    return found


def change(place, sql, *values):
    with closing(sqlite3.connect(place.database)) as store, store:
        store.execute(sql, values)


def copy_parent(place, key, run_id, start, name="", tags=()):
    """Another parent run, `start` ms after 1970."""
    client = MlflowClient(place.uri, place.registry)
    experiment = client.get_experiment_by_name(name or "sales") or None
    number = experiment.experiment_id if experiment else client.create_experiment(name)
    own = {"run_spec.kind": "run", "run_spec.run_id": run_id, **dict(tags)}
    run = client.create_run(number, start, own, key)
    client.log_metric(run.info.run_id, "wape", 0.3)
    client.set_terminated(run.info.run_id, "FINISHED", start + 1000)
    return run.info.run_id


def without_curves(found):
    return {model: [t.model_copy(update={"curve": ()}) for t in trials] for model, trials in found.items()}


def whole_curves(found):
    return {t.number: [(p.rounds, p.value) for p in t.curve] for trials in found.values() for t in trials if t.curve}


def curves_of_mlflow(place, run):
    """Trial -> [(rounds, value)], by a question for each."""
    client = MlflowClient(place.uri, place.registry)
    number = client.get_experiment_by_name(run.name).experiment_id
    trials = client.search_runs([number], "tags.`run_spec.kind` = 'trial'")
    asked = {int(t.data.tags["run_spec.trial"]): client.get_metric_history(t.info.run_id, "curve") for t in trials}
    return {trial: [(p.step, p.value) for p in points] for trial, points in asked.items() if points}


def test_the_database_says_what_mlflow_says(place):
    copy_parent(place, "later", "ba9876543210", 2_000_000_000_000)
    later = copy_parent(place, "newer", "old", 2)
    copy_parent(place, "old", "old", 1, tags={"run_spec.superseded_by": later}.items())
    quick, slow = SqliteGlance(place), ClientGlance(place)
    assert isinstance(glancer(place), SqliteGlance)
    assert quick.experiments() == slow.experiments() == ("sales",)
    assert quick.runs("sales", 50) == slow.runs("sales", 50)
    assert [run.run_id for run in quick.runs("sales", 50)] == ["ba9876543210", "0123456789ab", "old"]
    assert quick.champions() == slow.champions() == {"sales": "1"}
    key = quick.runs("sales", 50)[1].key
    assert quick.artefact(key, "benchmarks/benchmark.json") == slow.artefact(key, "benchmarks/benchmark.json") == b"{}"


def test_trials_are_those_that_mlflow_has(place):
    quick, slow = SqliteGlance(place), ClientGlance(place)
    (run,) = quick.runs("sales", 1)
    found = quick.trials(run)
    assert without_curves(found) == without_curves(slow.trials(run))
    assert whole_curves(found) == curves_of_mlflow(place, run)
    assert {model: [t.number for t in trials] for model, trials in found.items()} == {"lightgbm": [0, 1, 2, 3]}
    assert quick.trials(replace(run, run_id="nothing")) == slow.trials(replace(run, run_id="nothing")) == {}
    assert quick.trials(replace(run, name="nothing")) == slow.trials(replace(run, name="nothing")) == {}


def test_what_was_deleted_in_mlflow_is_not_shown(place):
    client = MlflowClient(place.uri, place.registry)
    copy_parent(place, "gone", "ba9876543210", 2_000_000_000_000, name="old")
    client.delete_experiment(client.get_experiment_by_name("old").experiment_id)
    quick, slow = SqliteGlance(place), ClientGlance(place)
    (run,) = quick.runs("sales", 9)
    trial = client.search_runs(["1"], "tags.`run_spec.trial` = '2'")[0].info.run_id
    client.delete_run(trial)
    assert [t.number for t in quick.trials(run)["lightgbm"]] == [0, 1, 3]
    assert without_curves(quick.trials(run)) == without_curves(slow.trials(run))
    client.delete_run(run.key)
    assert quick.runs("sales", 9) == quick.runs("old", 9) == slow.runs("sales", 9) == ()
    assert quick.experiments() == slow.experiments() == ("sales",)


def test_what_others_call_a_trial_is_left_out():
    ours = {"run_spec.trial": "7", "model_name": "m"}
    found = [TrackedTrial(None, tags, {}, {"rounds": math.inf}) for tags in ({}, {"run_spec.trial": "x"}, ours)]
    ((model, (trial,)),) = trials_by_model(found).items()
    assert (model, trial.number, trial.rounds) == ("m", 7, None)


def test_every_run_is_counted_and_the_newest_are_shown(place):
    copy_parent(place, "later", "ba9876543210", 2_000_000_000_000)
    (glance,) = SqliteGlance(place).glances(["sales"], 1)
    assert (glance.n_runs, len(glance.runs), glance.more) == (2, 1, False)
    assert glance.runs[0].scores == {"wape": 0.3}


def test_of_two_executions_of_one_run_the_later_is_shown_and_counted(place):
    copy_parent(place, "again", "0123456789ab", 2_000_000_000_000)
    (glance,) = SqliteGlance(place).glances(["sales"], 20)
    assert ([run.scores["wape"] for run in glance.runs], glance.n_runs) == ([0.3], 1)


def execution(run_id, second, state="finished", best="m"):
    started = f"2024-03-01T12:00:{second:02d}+00:00"
    return TrackedRun(f"{run_id}@{second}", "sales", run_id, state, started, started, best, {"wape": second})


def test_executions_of_a_run_are_one_line_in_the_place_of_the_latest():
    found = latest([execution("a", 3), execution("b", 2), execution("a", 1)])
    assert [run.key for run in found] == ["a@3", "b@2"]


@pytest.mark.parametrize("state", ["running", "interrupted", "failed"])
def test_a_run_keeps_the_results_of_its_finished_execution_until_it_has_others(state):
    newest, before = execution("a", 3, state, best=""), execution("a", 1)
    (found, _) = latest([newest, execution("b", 2), before, execution("a", 0)])
    assert found == replace(before, state=state, started=newest.started)


def test_an_execution_without_results_is_shown_where_there_is_no_other():
    newest = execution("a", 3, "running", best="")
    assert latest([newest, execution("a", 1, "interrupted", best="")]) == (newest,)


def test_trials_of_a_run_that_goes_on_are_those_of_all_its_executions(place):
    client = MlflowClient(place.uri)
    number = client.get_experiment_by_name("sales").experiment_id
    client.create_run(number, 2_000_000_000_000, {"run_spec.kind": "run", "run_spec.run_id": "0123456789ab"}, "more")
    quick, slow = SqliteGlance(place), ClientGlance(place)
    (run,) = quick.runs("sales", 50)
    assert (run,) == slow.runs("sales", 50)
    assert (run.state, run.best_model) == ("running", "lightgbm")
    assert [trial.number for trial in quick.trials(run)["lightgbm"]] == [0, 1, 2, 3]
    assert quick.artefact(run.key, "benchmarks/benchmark.json") == b"{}"


def test_the_experiment_with_the_newest_run_comes_first(place):
    copy_parent(place, "one", "one", 2_000_000_000_000, name="a")
    copy_parent(place, "two", "two", 1_000_000_000_000, name="b")
    assert SqliteGlance(place).experiments() == ("a", "sales", "b")


def test_an_experiment_that_is_not_there_has_nothing(place):
    assert SqliteGlance(place).runs("nothing", 5) == ()


def test_a_schema_that_is_not_known_is_left_to_mlflow(place):
    change(place, "ALTER TABLE tags RENAME COLUMN value TO content")
    assert isinstance(glancer(place), ClientGlance)


def test_a_registry_elsewhere_is_left_to_mlflow(place, tmp_path):
    environ = {"MLFLOW_TRACKING_URI": place.uri}
    assert isinstance(glancer(destination(environ, tmp_path)), SqliteGlance)
    elsewhere = destination({**environ, "MLFLOW_REGISTRY_URI": "http://127.0.0.1:1"}, tmp_path)
    assert isinstance(glancer(elsewhere), ClientGlance)


def test_a_file_that_is_no_database_is_left_to_mlflow(tmp_path):
    found = destination({}, tmp_path)
    found.database.parent.mkdir()
    found.database.write_text("no database")
    assert isinstance(glancer(found), ClientGlance)


def test_a_store_that_went_away_is_a_sentence(place):
    quick = SqliteGlance(place)
    place.database.unlink()
    with pytest.raises(StoreError, match=r"sqlite:///mlruns/mlflow.db: it is not there any more"):
        quick.experiments()


def test_an_artefact_that_is_not_there_is_none(place):
    quick = SqliteGlance(place)
    assert quick.artefact(quick.runs("sales", 1)[0].key, "nothing.json") is None
    assert quick.artefact("0" * 32, "benchmark.json") is None


def test_what_the_database_is_asked_changes_nothing(place):
    before = place.database.read_bytes()
    list(SqliteGlance(place).glances(SqliteGlance(place).experiments(), 20))
    assert place.database.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["MLFLOW_TRACKING_AWS_SIGV4", "MLFLOW_TRACKING_INSECURE_TLS", "MLFLOW_TRACKING_AUTH", "MLFLOW_WORKSPACE"]
)
def test_an_unusual_way_of_signing_in_is_left_to_mlflow(name, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    remote = destination({"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}, tmp_path)
    assert isinstance(glancer(remote), RestGlance)
    monkeypatch.setenv(name, "true")
    assert isinstance(glancer(remote), ClientGlance)


def test_a_file_of_credentials_is_left_to_mlflow(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert plainly_signed({})
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("[mlflow]\n")
    assert not plainly_signed({})


def test_credentials_are_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t")
    assert signed_session().headers["Authorization"] == "Bearer t"
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "u")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "p")
    assert signed_session().auth == ("u", "p")


def test_a_name_without_a_password_leaves_the_token_in_force(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "u")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t")
    session = signed_session()
    assert (session.auth, session.headers["Authorization"]) == (None, "Bearer t")


def test_a_process_without_a_home_has_no_file_of_credentials(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert plainly_signed({})


def test_a_plug_in_that_signs_is_left_to_mlflow(monkeypatch):
    monkeypatch.setattr(sign_in, "entry_points", lambda group: ["theirs"] if "request_header" in group else [])
    sign_in._header_plugins.cache_clear()
    assert not plainly_signed({})
    sign_in._header_plugins.cache_clear()


def test_a_workspace_is_left_to_mlflow_in_a_local_store_too(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_WORKSPACE", "default")
    assert isinstance(glancer(place), SqliteGlance)
    monkeypatch.setenv("MLFLOW_WORKSPACE", "team")
    assert isinstance(glancer(place), ClientGlance)


@pytest.mark.parametrize("path", ["../{other}/artifacts/secret.json", "{root}/secret.json"])
def test_no_file_outside_the_run_is_handed_out(path, place):
    quick = SqliteGlance(place)
    key = quick.runs("sales", 1)[0].key
    (place.artifacts / "secret.json").write_text("x")
    (place.artifacts / "sales" / "o" / "artifacts").mkdir(parents=True)
    (place.artifacts / "sales" / "o" / "artifacts" / "secret.json").write_text("x")
    assert quick.artefact(key, f"../{path}".format(other="o", root=place.artifacts)) is None
    assert quick.artefact(key, path.format(other="../o", root=place.artifacts)) is None


class Answer:
    status_code = 200

    def __init__(self, tree):
        self.text = json.dumps(tree)

    def json(self):
        return json.loads(self.text)


class Server:
    """In the place of a session: answers searches from lists, and notes what was asked."""

    def __init__(self, runs):
        self.runs, self.asked = runs, []

    def request(self, verb, address, **asked):
        body = asked.get("json", {})
        self.asked.append((address.rpartition("/mlflow")[2], body))
        if "experiments" in address:
            return Answer({"experiments": [{"name": n, "experiment_id": n * 2} for n in "ab"]})
        found = [r for r in self.runs if r["info"]["experiment_id"] in body["experiment_ids"]]
        start = int(body.get("page_token", 0))
        end = start + body["max_results"]
        return Answer({"runs": found[start:end], **({"next_page_token": str(end)} if len(found) > end else {})})


def listed(name, number, superseded=False):
    tags = [{"key": "run_spec.run_id", "value": f"{name}{number}"}]
    tags += [{"key": "run_spec.superseded_by", "value": f"{name}0"}] * superseded
    info = {"run_id": f"{name}{number}", "experiment_id": name * 2, "status": "FINISHED", "start_time": 1000 + number}
    return {"info": info, "data": {"tags": tags, "metrics": [{"key": "wape", "value": 0.5}]}}


def test_a_server_is_asked_once_for_all_and_again_for_those_it_left_out(tmp_path, monkeypatch):
    remote = RestGlance(destination({"MLFLOW_TRACKING_URI": "http://h"}, tmp_path))
    server = Server([*(listed("a", n) for n in range(12)), listed("b", 1)])
    monkeypatch.setattr(remote, "_session", server)
    first, second = remote.glances(["a", "b"], 20)
    assert (len(first.runs), first.more) == (10, True)
    assert (len(second.runs), second.more) == (1, False)
    assert [path for path, _ in server.asked] == ["/experiments/search", "/runs/search", "/runs/search"]


def test_superseded_runs_do_not_hide_those_of_another_experiment(tmp_path, monkeypatch):
    remote = RestGlance(destination({"MLFLOW_TRACKING_URI": "http://h"}, tmp_path))
    superseded = (listed("a", n, superseded=n % 2 == 1) for n in range(30))
    monkeypatch.setattr(remote, "_session", Server([*superseded, *(listed("b", n, 0 < n < 9) for n in range(12))]))
    first, second = remote.glances(["a", "b"], 20)
    assert (len(first.runs), first.more) == (10, True)
    assert ([run.run_id for run in second.runs], second.more) == (["b0", "b9", "b10", "b11"], False)


def test_many_superseded_runs_cost_few_questions_and_what_was_not_seen_is_said_to_be_there(tmp_path, monkeypatch):
    remote = RestGlance(destination({"MLFLOW_TRACKING_URI": "http://h"}, tmp_path))
    server = Server([listed("a", 0), *(listed("a", n, superseded=True) for n in range(1, 502))])
    monkeypatch.setattr(remote, "_session", server)
    (glance,) = remote.glances(["a"], 20)
    assert ([run.run_id for run in glance.runs], glance.more) == (["a0"], True)
    assert [body["max_results"] for path, body in server.asked if "runs" in path] == [5, 10, 20, 40, 80, 160]


def test_a_run_whose_successor_was_deleted_or_began_earlier_is_shown(place, tmp_path, monkeypatch):
    older = copy_parent(place, "older", "older", 1_000)
    copy_parent(place, "back", "back", 2_000, tags={"run_spec.superseded_by": older})
    copy_parent(place, "gone", "gone", 3_000, tags={"run_spec.superseded_by": "0" * 32})
    quick = SqliteGlance(place)
    assert quick.runs("sales", 9) == ClientGlance(place).runs("sales", 9)
    assert {run.run_id for run in quick.runs("sales", 9)} == {"0123456789ab", "gone", "back", "older"}
    remote = RestGlance(destination({"MLFLOW_TRACKING_URI": "http://h"}, tmp_path))
    monkeypatch.setattr(remote, "_session", Server([listed("b", 1, superseded=True), listed("b", 0)]))
    assert [run.run_id for run in remote.runs("b", 9)] == ["b1", "b0"]


def test_superseded_runs_are_no_runs_for_mlflow_either(place):
    later = copy_parent(place, "later", "later", 3_000_000_000_000)
    for number in range(3):
        tags = {"run_spec.superseded_by": later}
        copy_parent(place, f"s{number}", f"s{number}", 2_000_000_000_000 + number, tags=tags)
    (glance,) = ClientGlance(place).glances(["sales"], 2)
    assert ([run.run_id for run in glance.runs], glance.more) == (["later", "0123456789ab"], False)
    assert SqliteGlance(place).runs("sales", 2) == glance.runs


@pytest.mark.parametrize(("error", "seconds"), [(requests.ReadTimeout, 30), (requests.ConnectTimeout, 3)])
def test_a_time_out_says_how_long_it_was_waited(error, seconds, tmp_path, monkeypatch):
    remote = RestGlance(destination({"MLFLOW_TRACKING_URI": "http://h"}, tmp_path))

    def late(*_args, **_options):
        raise error("timed out")

    monkeypatch.setattr(remote._session, "request", late)
    with pytest.raises(StoreError, match=f"no answer within {seconds} s"):
        remote.experiments()


@pytest.fixture
def server(place, tmp_path):
    """A real server over the local store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    line += ["--backend-store-uri", place.uri]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log, cwd=tmp_path, start_new_session=True)
    found = destination({"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}, tmp_path)
    give_up = time.monotonic() + 90
    while unreachable(found) is not None and time.monotonic() < give_up:
        time.sleep(0.2)
    yield found
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.mark.slow
def test_a_server_says_what_mlflow_says(place, server, monkeypatch):
    copy_parent(place, "later", "ba9876543210", 2_000_000_000_000)
    quick, slow = glancer(server), ClientGlance(server)
    assert isinstance(quick, RestGlance)
    assert quick.experiments() == slow.experiments() == ("sales",)
    assert quick.runs("sales", 50) == slow.runs("sales", 50) == SqliteGlance(place).runs("sales", 50)
    assert quick.champions() == slow.champions() == {"sales": "1"}
    run = quick.runs("sales", 50)[1]
    found = quick.trials(run)
    assert without_curves(found) == without_curves(slow.trials(run))
    assert found == SqliteGlance(place).trials(run) != {}
    assert whole_curves(found) == curves_of_mlflow(place, run) != {}
    monkeypatch.setattr("runner.track.glance_rest._PAGES_API", "/not-there")  # of another version, or behind a proxy
    assert without_curves(quick.trials(run)) == without_curves(found)
    assert quick.trials(replace(run, name="nothing")) == {}
    key = run.key
    assert quick.artefact(key, "benchmarks/benchmark.json") == b"{}"
    assert quick.artefact(key, "nothing.json") is None
    (glance,) = quick.glances(["sales"], 20)
    assert (len(glance.runs), glance.more) == (2, False)


def test_light_modules_import_no_mlflow():
    code = "import sys, runner.track.ask, runner.track.probe, runner.dashboard.live; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
