"""Every page in every state ends in something that was designed, and never in a traceback."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import sqlite3
import sys
import time
from contextlib import closing, contextmanager

import pytest
import streamlit as st
from run_worlds import (
    MARKUP,
    add_mlflow_trial,
    document_text,
    going_on,
    grow,
    trials,
    write_canonical,
    write_mlflow,
    write_run,
)

from runner.dashboard.access import root
from runner.dashboard.elements import plain
from runner.dashboard.files import Files
from runner.dashboard.frame import PAGES
from runner.dashboard.source import Run
from runner.dashboard.state import View
from runner.dashboard.views import study
from runner.dashboard.views.compare import flattened
from runner.errors import StoreError
from runner.records import RunStatus
from runner.store.folder import Store

DATA_PAGES = ("portfolio", "experiment", "study", "forecasts", "compare")


FOLDER_MARKUP = "<script> **bold** :red[r]"
"""Markup that a folder can be called."""


def said(app) -> str:
    """Every text on the page."""
    kinds = ("title", "subheader", "markdown", "caption", "warning", "error", "info", "success", "code")
    texts = [element.value for kind in kinds for element in getattr(app, kind)]
    texts += [str(metric.label) + str(metric.value) for metric in app.metric]
    return "\n".join(map(str, texts)).replace("\\", "")


@contextmanager
def clock(monkeypatch):
    """`later(seconds)`: what is kept for a while is that much older."""
    passed = [0.0]
    monkeypatch.setattr("streamlit.runtime.caching.cache_utils.TTLCACHE_TIMER", lambda: time.monotonic() + passed[0])
    st.cache_resource.clear()
    yield lambda seconds: passed.__setitem__(0, passed[0] + seconds)
    st.cache_resource.clear()


def sound(app) -> bool:
    return not app.exception and not app.error


@pytest.mark.parametrize("text", ["http://e.x", "www.e.x", "a@e.x", "mailto:a@e.x"])
def test_an_address_in_a_name_is_no_link(text):
    assert plain(text).replace("\\", "").replace("\u2060", "") == text
    assert "\u2060" in plain(text)


# nothing there, and things that are broken


@pytest.mark.parametrize("page", DATA_PAGES)
def test_an_empty_project_says_how_to_begin(page, open_page):
    app = open_page(page)
    assert sound(app)
    assert "Nothing has been run yet" in said(app)
    assert "run-spec specs/quickstart.yaml" in said(app)


def test_a_spec_can_be_tried_in_an_empty_project(open_page):
    app = open_page("spec")
    assert sound(app)
    assert "There is no run yet" in said(app)


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", "", '{"name": 1}', "[" * 100_000, '{"results": [1], "metric": []}']
)
@pytest.mark.parametrize("page", PAGES)
def test_a_broken_document_is_a_sentence_and_the_rest_stays(page, text, project, open_page):
    write_run(project)
    write_canonical(project, "torn", text)
    app = open_page(page, experiment="torn")
    assert not app.exception
    assert app.sidebar.selectbox[0].value == "torn"
    assert "Traceback" not in said(app)


def test_a_broken_document_does_not_hide_the_other_experiments(project, open_page):
    write_run(project)
    write_canonical(project, "torn", "{")
    app = open_page("portfolio")
    assert "10.00%" in said(app)
    assert "not a JSON document" in said(app)


def test_a_document_of_another_schema_is_refused_with_the_place(project, open_page):
    write_canonical(project, "shop", document_text(metric=7))
    assert "metric: 7 is not of type 'string'" in said(open_page("portfolio"))


def test_a_document_under_another_name_is_refused(project, open_page):
    write_canonical(project, "other", document_text("shop"))
    assert "holds the results of shop" in said(open_page("portfolio"))


@pytest.mark.parametrize("page", PAGES)
def test_a_half_written_run_is_shown_as_what_it_is(page, project, open_page):
    folder = write_run(project, state="running")
    (folder.path / "status.json").write_text("{")
    app = open_page(page)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_a_results_document_alone_is_enough(page, project, open_page):
    write_canonical(project, "shop", document_text())
    app = open_page(page)
    assert sound(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_run_without_forecast_files_is_still_shown(page, project, open_page):
    shutil.rmtree(write_run(project).path / "forecasts")
    assert sound(open_page(page))


def mark_up(*paths):
    """Markup in place of the description and of the best model's name."""
    for path in paths:
        tree = json.loads(path.read_text())
        tree["description"] = tree["results"][0]["model_name"] = MARKUP
        path.write_text(json.dumps(tree))


def shows_no_markup(app) -> bool:
    """Whether everything that Streamlit takes for Markdown is escaped."""
    texts = [
        element.value for kind in ("markdown", "caption", "warning", "subheader") for element in getattr(app, kind)
    ]
    texts += [text for metric in app.metric for text in (metric.label, metric.value, metric.delta)]
    texts += [option for radio in app.radio for option in radio.options]
    texts += [
        element.label for kind in ("radio", "selectbox", "multiselect", "expander") for element in getattr(app, kind)
    ]
    raw = [element for element in app.markdown if getattr(element.proto, "allow_html", False)]
    return not app.exception and not raw and not any("<script>" in t or "](http" in t or "**bold" in t for t in texts)


@pytest.mark.parametrize("page", PAGES)
def test_markup_in_a_run_is_never_rendered(page, project, open_page):
    folder = write_run(project)
    folder.add_trial(FOLDER_MARKUP, trials()[0])
    mark_up(folder.path / "benchmark.json", Store(project).benchmark_path("shop"))
    assert shows_no_markup(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_markup_in_mlflow_is_never_rendered(page, project, open_page, tmp_path_factory):
    folder = write_run(tmp_path_factory.mktemp("theirs"))
    mark_up(folder.path / "benchmark.json")
    write_mlflow(project, files=folder.path, text=(folder.path / "benchmark.json").read_text(), trials=[MARKUP, "good"])
    assert shows_no_markup(open_page(page, source="mlflow"))


def test_the_place_of_a_mistake_in_a_spec_is_no_markup_either(project, open_page):
    app = try_spec(open_page("spec"), f"version: 1\n{json.dumps(MARKUP)}: 1\n", "check")
    assert "<script>" in said(app)
    assert shows_no_markup(app)


# a folder that is not what it should be


@pytest.mark.parametrize("page", ["portfolio", "experiment"])
@pytest.mark.parametrize(
    "text",
    [
        '{"results": [{"status": "ok", "scores": {"wape": 1}}], "metric": []}',
        '{"results": [{"status": "ok", "scores": {"wape": %s}, "gain": NaN}], "metric": "wape"}' % ("9" * 400),
        '{"results": [7, null], "metric": {"a": 1}, "timestamp": []}',
        "[" * 100_000,
    ],
)
def test_an_odd_results_document_of_a_run_breaks_no_list(page, text, project, open_page):
    write_run(project)
    (write_run(project, run_id="ba9876543210").path / "benchmark.json").write_text(text)
    app = open_page(page)
    assert sound(app)
    assert "10.00%" in said(app)
    assert {"0123456789ab", "ba9876543210"} == {run.run_id for run in Files(project).runs("shop")}


@pytest.mark.parametrize("page", PAGES)
def test_a_folder_that_is_no_run_is_not_listed(page, project, open_page):
    path = write_run(project).path
    for name in ("0123456789ab (copy)", "notes", "0123456789ab.old-1", "0123456789AB"):
        shutil.copytree(path, path.with_name(name))
    assert sound(open_page(page))
    assert [run.run_id for run in Files(project).runs("shop")] == ["0123456789ab"]


def test_a_document_that_is_too_large_is_not_read(project, open_page, monkeypatch):
    path = write_run(project).path / "benchmark.json"
    monkeypatch.setattr("runner.dashboard.files.LARGEST", path.stat().st_size - 1)
    (run,) = Files(project).runs("shop")
    assert (run.state, run.best_model) == ("finished", "")
    assert "too large" in said(open_page("experiment"))


def test_what_is_no_file_is_not_waited_for(project, open_page):
    path = write_run(project).path / "benchmark.json"
    path.unlink()
    os.mkfifo(path)
    assert "this is no file" in said(open_page("experiment"))


def test_a_card_that_cannot_be_made_says_so_and_costs_no_other(project, open_page, monkeypatch):
    write_run(project)
    write_run(project, name="odd")
    made = Files._card
    monkeypatch.setattr(Files, "_card", lambda self, name: made(self, name) if name == "shop" else 1 / 0)
    app = open_page("portfolio")
    assert "10.00%" in said(app)
    assert "It cannot be shown (ZeroDivisionError)" in said(app)


# a run that goes on after it had results


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_results_stay_while_a_budget_grows_and_after_it_was_interrupted(state, page, project, open_page):
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


def test_results_of_a_run_that_goes_on_are_named_as_what_they_are(project, open_page):
    grow(write_run(project))
    assert "The run goes on. These are the results that it has so far." in said(open_page("experiment"))


def test_a_run_whose_budget_grows_can_be_compared(project, open_page):
    write_run(project, run_id="ba9876543210")
    grow(write_run(project))
    assert "wape of the best models" in said(open_page("compare"))


# pages with something on them


def test_the_portfolio_shows_value_gain_and_runs(project, open_page):
    write_run(project)
    write_run(project, run_id="ba9876543210")
    app = open_page("portfolio")
    assert sound(app)
    assert app.metric[0].label.replace("\\", "") == "wape of good"
    assert app.metric[0].delta.startswith("+50.0%")
    assert "2 runs" in said(app)


def test_the_portfolio_turns_pages_and_searches(project, open_page):
    for number in range(15):
        write_canonical(project, f"shop-{number:02}", document_text(f"shop-{number:02}"))
    app = open_page("portfolio")
    assert len(app.metric) == 12
    app.number_input[0].set_value(2).run()
    assert len(app.metric) == 3
    app.text_input[0].set_value("-07").run()
    assert len(app.metric) == 1


def test_the_experiment_says_the_answer_and_lists_every_metric(project, open_page):
    write_run(project)
    app = open_page("experiment")
    assert sound(app)
    assert "good is 50.0% better than the baseline seasonal_naive." in said(app)
    assert {"wape", "mape", "rmse", "mae", "directional_accuracy"} <= set(app.dataframe[0].value.columns)


def test_the_leaderboard_is_filtered_by_model_and_status(project, open_page):
    write_run(project)
    app = open_page("experiment")
    app.selectbox(key="experiment-status").set_value("failed").run()
    assert list(app.dataframe[0].value["model"]) == ["broken"]
    app.selectbox(key="experiment-status").set_value("any")
    app.multiselect[0].set_value(["good"]).run()
    assert list(app.dataframe[0].value["model"]) == ["good"]


@pytest.mark.parametrize("part", ["Errors", "Models and data"])
def test_the_other_parts_of_an_experiment_open(part, project, open_page):
    write_run(project)
    app = open_page("experiment")
    app.radio(key="experiment-part").set_value(part).run()
    assert sound(app)


def test_the_study_shows_reasons_of_pruned_and_failed_trials(project, open_page):
    write_run(project)
    app = open_page("study")
    assert sound(app)
    reasons = set(app.dataframe[0].value["reason"])
    assert {"worse than the median", MARKUP} <= reasons


def test_a_study_that_goes_on_is_followed(project, open_page):
    write_run(project, state="running")
    app = open_page("study")
    assert not app.exception
    assert "stopped" in said(app)  # its process is none of ours


def test_a_series_is_found_by_search_and_by_link(project, open_page):
    write_run(project)
    app = open_page("forecasts", series="s3")
    assert sound(app)
    assert app.selectbox(key="series-").value == "s3"
    app.text_input(key="series-search").set_value("s5").run()
    assert app.selectbox(key="series-s5").value == "s5"
    app.text_input(key="series-search").set_value("nothing").run()
    assert "No series has nothing in its id" in said(app)


def test_two_runs_are_compared_by_spec_and_score(project, open_page):
    write_run(project)
    folder = write_run(project, run_id="ba9876543210")
    resolved = json.loads((folder.path / "spec.resolved.json").read_text())
    resolved["study"]["sampler"]["seed"] = 8
    (folder.path / "spec.resolved.json").write_text(json.dumps(resolved))
    app = open_page("compare")
    assert sound(app)
    assert list(app.dataframe[0].value["key"]) == ["study.sampler.seed"]
    assert list(app.dataframe[1].value["model"]) == ["good", "seasonal_naive", "broken"]


def test_a_digest_is_told_by_its_beginning():
    assert flattened({"code": "a" * 64, "name": "b" * 20}) == [("code", "aaaaaaaaaaaa…"), ("name", "b" * 20)]


def test_one_run_is_not_enough_to_compare(project, open_page):
    write_run(project)
    assert "Choose two runs or more" in said(open_page("compare"))


def test_the_spec_of_a_run_is_linted_today(project, open_page):
    write_run(project)
    app = open_page("spec")
    assert sound(app)
    assert "What the linter says today" in said(app)
    assert any("version: 1" in code.value for code in app.code)


def try_spec(app, text, button):
    app.radio(key="spec-part").set_value("Try one").run()
    app.text_area(key="pasted").set_value(text)
    return app.button(key=button).click().run()


def test_a_pasted_spec_is_diagnosed_with_its_place(project, open_page):
    app = try_spec(open_page("spec"), "version: 1\nnam: x\n", "check")
    assert not app.exception
    assert "errors" in said(app)
    assert "nam" in said(app)


def test_a_pasted_spec_is_planned_and_leaves_no_file(project, open_page):
    from run_worlds import SPEC

    app = try_spec(open_page("spec"), SPEC.format(name="shop"), "plan")
    assert sound(app)
    assert "6 series" in said(app)
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml"]


def test_an_address_that_asks_for_nonsense_is_answered_with_the_first(project, open_page):
    write_run(project)
    app = open_page("experiment", experiment="../../etc", run="nothing", source="ftp")
    assert sound(app)
    assert app.sidebar.selectbox[0].value == "shop"


def test_the_environment_names_the_experiment(project, open_page, monkeypatch):
    write_run(project, name="alpha")
    write_run(project, name="beta")
    monkeypatch.setenv("RUN_SPEC_EXPERIMENT", "alpha")
    assert open_page("experiment").sidebar.selectbox[0].value == "alpha"


def test_without_mlflow_the_banner_says_what_is_shown(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    assert "benchmark files (JSON)" in said(app)
    assert app.sidebar.radio[0].value == "files"


def test_mlflow_is_refused_with_a_reason_when_it_is_away(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    app.sidebar.radio[0].set_value("mlflow").run()
    assert not app.exception
    assert "MLflow cannot be asked" in said(app)
    assert "10.00%" in said(app)


# MLflow as the source


def test_the_portfolio_is_read_from_mlflow_without_its_library(project, open_page):
    write_mlflow(project, champion=3)
    write_mlflow(project, run_id="ba9876543210")
    before = "mlflow" in sys.modules
    app = open_page("portfolio")
    assert sound(app)
    assert app.sidebar.radio[0].value == "mlflow"
    assert "10.00%" in said(app)
    assert "2 runs" in said(app)
    assert ("mlflow" in sys.modules) == before


def test_a_champion_is_named_on_its_card(project, open_page):
    write_mlflow(project, champion=3)
    write_mlflow(project, name="other")
    assert said(open_page("portfolio")).count("champion: version 3") == 1


def test_a_run_that_goes_on_says_so_on_its_card(project, open_page):
    write_mlflow(project, status="RUNNING", text=None)
    app = open_page("portfolio")
    assert sound(app)
    assert app.metric[0].value == "running"


@pytest.mark.parametrize("text", ["{", "[]", '{"name": 1}'])
def test_a_broken_document_in_mlflow_costs_its_card_only(text, project, open_page):
    write_mlflow(project, name="torn", text=text)
    write_mlflow(project, name="whole")
    app = open_page("portfolio")
    assert sound(app)
    assert "10.00%" in said(app)
    assert "benchmark.json of run 0123456789ab" in said(app)


def delivered(project, tmp_path_factory, **changes):
    """A finished run of an earlier machine, in MLflow alone."""
    made = write_run(tmp_path_factory.mktemp("theirs"))
    return write_mlflow(project, files=made.path, trials=["good"], **changes)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("run_id", "status"), [("0123456789ab", "RUNNING"), ("ba9876543210", "KILLED")])
def test_a_later_run_without_results_hides_no_earlier_one(run_id, status, page, project, open_page, tmp_path_factory):
    delivered(project, tmp_path_factory)
    write_mlflow(project, run_id=run_id, status=status, start=1_800_000_000_000)
    app = open_page(page, source="mlflow")
    assert sound(app)
    assert app.sidebar.radio[0].value == "mlflow"
    expected = {
        "portfolio": "10.00%",
        "experiment": "good is 50.0% better",
        "forecasts": "wape of good",
        "study": "interrupted" if status == "KILLED" else "running",
        "compare": "Choose two runs or more",
        "spec": "As resolved",
    }
    assert expected[page] in said(app)


def test_a_run_without_results_is_not_to_be_chosen_where_results_are_shown(project, open_page, tmp_path_factory):
    delivered(project, tmp_path_factory)
    write_mlflow(project, run_id="ba9876543210", status="KILLED", start=1_800_000_000_000)
    app = open_page("experiment", source="mlflow", run="ba9876543210")
    assert [option[:12] for option in app.selectbox(key="run-of-shop").options] == ["0123456789ab"]


def test_a_study_on_another_machine_says_of_when_it_is_and_is_asked_for_again(project, open_page, monkeypatch):
    with clock(monkeypatch) as later:
        write_mlflow(project, status="RUNNING", trials=["good"])
        app = open_page("study", source="mlflow")
        assert sound(app)
        assert re.search(r"As of \d\d:\d\d:\d\d UTC, read again every ten seconds", said(app))
        with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store, store:
            add_mlflow_trial(store, "shop", "0123456789ab", "good", 1)
        later(11)
        app.run()
        assert list(app.dataframe[0].value["trial"]) == [1, 0]


def test_a_study_on_another_machine_is_shown_as_ended_when_it_has(project, open_page, monkeypatch):
    with clock(monkeypatch) as later:
        write_mlflow(project, status="RUNNING", trials=["good"])
        app = open_page("study", source="mlflow")
        with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store, store:
            store.execute("UPDATE runs SET status = 'KILLED' WHERE status = 'RUNNING'")
        later(11)
        app.run()
        assert sound(app)
        assert "As of" not in said(app)
        assert "interrupted" in said(app)


def test_a_store_that_goes_away_while_a_study_is_followed_is_a_sentence(project, monkeypatch):
    shown = []

    def away(*_):
        raise StoreError("it is not there any more")

    monkeypatch.setattr("runner.dashboard.access.runs", away)
    monkeypatch.setattr("runner.dashboard.views.study.st.fragment", lambda **_: lambda follow: follow)
    monkeypatch.setattr("runner.dashboard.frame.st.error", lambda text, **_: shown.append(text))
    study._afar(View("mlflow", ("shop",), "shop"), Run("shop", "0123456789ab", "key", "running"))
    assert shown == ["it is not there any more"]


@pytest.mark.parametrize(("started", "here"), [("2026-01-02", True), ("2020-01-01", False)])
def test_of_a_run_that_mlflow_believes_to_go_on_the_records_here_say_how_it_ended(started, here, project, open_page):
    write_run(project, state="running").begin(RunStatus(state="running", started=started))  # its process is gone
    write_mlflow(project, status="RUNNING", trials=["good"])
    app = open_page("study", source="mlflow")
    assert sound(app)
    assert ("Its process is gone" in said(app)) == here
    assert ("As of" in said(app)) != here


def test_what_was_copied_from_mlflow_is_there_after_it_has_been_asked_again(
    project, open_page, tmp_path_factory, monkeypatch
):
    delivered(project, tmp_path_factory)
    with clock(monkeypatch) as later:
        app = open_page("experiment", source="mlflow")
        app.radio(key="experiment-part").set_value("Models and data").run()  # which reads no forecasts yet
        later(45)
        app.run()
        gc.collect()
        app.radio(key="experiment-part").set_value("Errors").run()
        assert sound(app)
        assert "There are no forecasts" not in said(app)
        assert len(app.get("plotly_chart")) > 1


def test_mlflow_that_comes_and_goes_is_noticed(project, open_page, monkeypatch):
    write_run(project)
    with clock(monkeypatch) as later:
        app = open_page("portfolio")
        assert "MLflow is away" in said(app)
        write_mlflow(project)
        later(31)
        assert "MLflow is away" not in said(app.run())
        shutil.rmtree(project / "mlruns")
        later(31)
        app.run()
        assert not app.exception
        assert "MLflow is away" in said(app)


def test_a_study_that_goes_on_is_followed_from_its_records_whatever_the_source(project, open_page):
    going_on(write_run(project, state="running"))
    write_mlflow(project, status="RUNNING", text=None)
    app = open_page("study", source="mlflow", experiment="shop")
    assert sound(app)
    assert "Live: read again every three seconds." in said(app)
    assert {"complete", "pruned", "failed"} <= {metric.label for metric in app.metric}


def test_a_study_that_goes_on_is_live_in_the_files(project, open_page):
    going_on(write_run(project, state="running"))
    app = open_page("study", source="files")
    assert sound(app)
    assert "Live: read again every three seconds." in said(app)


def test_an_experiment_whose_first_run_goes_on_points_to_its_study(project, open_page):
    going_on(write_run(project, state="running"))
    assert "A run is going on" in said(open_page("experiment"))


def test_the_table_of_the_portfolio_is_made_when_it_is_opened(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    assert len(app.dataframe) == 0
    app.session_state["portfolio-table"] = True
    app.run()
    assert list(app.dataframe[0].value["experiment"]) == ["shop"]


def test_without_a_name_the_project_is_the_one_we_are_in(project, monkeypatch):
    (project / "specs" / "deep").mkdir(parents=True)
    monkeypatch.delenv("RUN_SPEC_ROOT")
    monkeypatch.chdir(project / "specs" / "deep")
    assert root() == project.resolve()
