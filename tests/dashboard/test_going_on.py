"""A run that goes on, here or elsewhere: its study is followed, and results that it has stay."""

from __future__ import annotations

import re

import pytest
from run_worlds import add_mlflow_trial, going_on, grow, mlflow_client, write_mlflow, write_run
from seeing import clock, said, sound

from runner.dashboard.frame import PAGES
from runner.dashboard.source import Run
from runner.dashboard.state import View
from runner.dashboard.views import study
from runner.errors import StoreError
from runner.values.records import RunStatus


def test_a_study_that_goes_on_is_followed(project, open_page):
    write_run(project, state="running")
    app = open_page("study")
    assert not app.exception
    assert "stopped" in said(app)  # its process is none of ours


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_results_stay_while_budget_grows(state, page, project, open_page):
    folder = write_run(project)
    grow(folder)
    if state == "stopped":
        folder.begin(RunStatus(state="running", started="2026-01-03"))  # by a process that is gone
    app = open_page(page)
    assert sound(app)
    expected = {
        "portfolio": "10.00%",
        "experiment": "good is 50.0% better",
        "forecasts": "wape of good",
        "study": state,
        "compare": "Choose two runs or more",
        "spec": "As resolved",
    }
    assert expected[page] in said(app)
    assert "There are no" not in said(app)


def test_results_of_running_run_are_labelled(project, open_page):
    grow(write_run(project))
    assert "The run is not finished. These are its results so far." in said(open_page("experiment"))


def test_a_run_whose_budget_grows_can_be_compared(project, open_page):
    write_run(project, run_id="ba9876543210")
    grow(write_run(project))
    assert "wape of the best models" in said(open_page("compare"))


def test_remote_study_shows_age_and_refreshes(project, open_page, monkeypatch):
    with clock(monkeypatch) as later:
        write_mlflow(project, status="RUNNING", trials=["good"])
        app = open_page("study", source="mlflow")
        assert sound(app)
        assert re.search(r"As of \d\d:\d\d:\d\d UTC, read again every ten seconds", said(app))
        add_mlflow_trial(project, "shop", "0123456789ab", "good", 1)
        later(11)
        app.run()
        assert list(app.dataframe[0].value["trial"]) == [1, 0]


def test_remote_study_is_shown_as_ended(project, open_page, monkeypatch):
    with clock(monkeypatch) as later:
        write_mlflow(project, status="RUNNING", trials=["good"])
        app = open_page("study", source="mlflow")
        client = mlflow_client(project)
        (running,) = client.search_runs(["1"], "attributes.status = 'RUNNING'")
        client.set_terminated(running.info.run_id, "KILLED")
        later(11)
        app.run()
        assert sound(app)
        assert "As of" not in said(app)
        assert "interrupted" in said(app)


def test_store_lost_while_following_is_a_sentence(project, monkeypatch):
    shown = []

    def away(*_):
        raise StoreError("it is not there any more")

    monkeypatch.setattr("runner.dashboard.access.runs", away)
    monkeypatch.setattr("runner.dashboard.views.study.st.fragment", lambda **_: lambda follow: follow)
    monkeypatch.setattr("runner.dashboard.frame.st.error", lambda text, **_: shown.append(text))
    study._afar(View("mlflow", ("shop",), "shop"), Run("shop", "0123456789ab", "key", "running"))
    assert shown == ["it is not there any more"]


@pytest.mark.parametrize(("started", "here"), [("2026-01-02", True), ("2020-01-01", False)])
def test_local_records_override_running_state_in_mlflow(started, here, project, open_page):
    write_run(project, state="running").begin(RunStatus(state="running", started=started))  # its process is gone
    write_mlflow(project, status="RUNNING", trials=["good"])
    app = open_page("study", source="mlflow")
    assert sound(app)
    assert ("Its process is gone" in said(app)) == here
    assert ("As of" in said(app)) != here


def test_running_study_is_followed_from_records(project, open_page):
    going_on(write_run(project, state="running"))
    write_mlflow(project, status="RUNNING", text=None)
    app = open_page("study", source="mlflow", experiment="shop")
    assert sound(app)
    assert "Live: read again every three seconds." in said(app)
    assert {"complete", "pruned", "failed"} <= {metric.label for metric in app.metric}


def test_running_study_is_live_in_files(project, open_page):
    going_on(write_run(project, state="running"))
    app = open_page("study", source="files")
    assert sound(app)
    assert "Live: read again every three seconds." in said(app)


def test_experiment_with_first_run_running_links_study(project, open_page):
    going_on(write_run(project, state="running"))
    assert "A run is going on" in said(open_page("experiment"))
