"""MLflow as the source of pages: there, away, and with runs that have no results."""

from __future__ import annotations

import gc
import shutil

import pytest
from run_worlds import write_mlflow, write_run
from seeing import clock, delivered, said, sound

from runner.dashboard.frame import PAGES


def test_without_mlflow_the_banner_says_what_is_shown(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    assert "benchmark files (JSON)" in said(app)
    assert app.sidebar.radio[0].value == "files"


def test_mlflow_source_unreachable_is_refused_with_reason(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    app.sidebar.radio[0].set_value("mlflow").run()
    assert not app.exception
    assert "MLflow cannot be asked" in said(app)
    assert "10.00%" in said(app)


def test_portfolio_from_mlflow_shows_its_runs(project, open_page):
    write_mlflow(project, champion=3)
    write_mlflow(project, run_id="ba9876543210")
    app = open_page("portfolio")
    assert sound(app)
    assert app.sidebar.radio[0].value == "mlflow"
    assert "10.00%" in said(app)
    assert "2 runs" in said(app)


def test_a_champion_is_named_on_its_card(project, open_page):
    write_mlflow(project, champion=3)
    write_mlflow(project, name="other")
    assert said(open_page("portfolio")).count("champion: version 3") == 1


def test_card_of_running_run_says_running(project, open_page):
    write_mlflow(project, status="RUNNING", text=None)
    app = open_page("portfolio")
    assert sound(app)
    assert app.metric[0].value == "running"


@pytest.mark.parametrize("text", ["{", "[]", '{"name": 1}'])
def test_broken_mlflow_document_breaks_its_card_only(text, project, open_page):
    write_mlflow(project, name="torn", text=text)
    write_mlflow(project, name="whole")
    app = open_page("portfolio")
    assert sound(app)
    assert "10.00%" in said(app)
    assert "benchmark.json of run 0123456789ab" in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("run_id", "status"), [("0123456789ab", "RUNNING"), ("ba9876543210", "KILLED")])
def test_run_without_results_hides_no_earlier_one(run_id, status, page, project, open_page, tmp_path_factory):
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


def test_run_without_results_is_not_offered(project, open_page, tmp_path_factory):
    delivered(project, tmp_path_factory)
    write_mlflow(project, run_id="ba9876543210", status="KILLED", start=1_800_000_000_000)
    app = open_page("experiment", source="mlflow", run="ba9876543210")
    assert [option[:12] for option in app.selectbox(key="run-of-shop").options] == ["0123456789ab"]


def test_mlflow_copies_survive_a_refresh(project, open_page, tmp_path_factory, monkeypatch):
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
        assert len(app.get("vega_lite_chart")) > 1


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
