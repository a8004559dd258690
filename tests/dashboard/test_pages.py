"""Every page in every state ends in something that was designed, and never in a traceback."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from run_worlds import MARKUP, document_text, trials, write_canonical, write_run
from seeing import said, sound, try_spec

from runner.dashboard import access
from runner.dashboard.access import root
from runner.dashboard.pictures import sections
from runner.dashboard.specs import diagnose
from runner.dashboard.views.compare import flattened, spec_rows
from runner.dashboard.views.forecasts import even
from runner.dashboard.views.spec import counts
from runner.dashboard.views.study import numeric_parameters
from runner.report.sections import Sections
from runner.results.contributions import kept_path
from runner.store.run_facts import run_facts

DATA_PAGES = ("portfolio", "experiment", "study", "forecasts", "compare")


@pytest.mark.parametrize("page", DATA_PAGES)
def test_an_empty_project_says_how_to_begin(page, open_page):
    app = open_page(page)
    assert sound(app)
    assert "Nothing has been run yet" in said(app)
    assert "run-spec specs/quickstart.yaml" in said(app)


def test_spec_page_works_in_empty_project(open_page):
    app = open_page("spec")
    assert sound(app)
    assert "There is no run yet" in said(app)


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


def test_experiment_page_lists_every_metric(project, open_page):
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


def test_intervals_are_drawn_on_demand(project, open_page):
    write_run(project)
    app = open_page("experiment")
    assert "Whiskers" not in said(app)
    app.toggle(key="experiment-intervals").set_value(True).run()
    assert sound(app)
    assert "90% bootstrap intervals over series." in said(app).replace("\u2060", "")


@pytest.mark.parametrize("part", ["Errors", "Models and data"])
def test_the_other_parts_of_an_experiment_open(part, project, open_page):
    write_run(project)
    app = open_page("experiment")
    app.radio(key="experiment-part").set_value(part).run()
    assert sound(app)


def test_study_shows_reasons_of_unfinished_trials(project, open_page):
    write_run(project)
    app = open_page("study")
    assert sound(app)
    reasons = set(app.dataframe[0].value["reason"])
    assert {"worse than the median", MARKUP} <= reasons


def test_trials_beyond_budget_are_only_counted(project, open_page):
    folder = write_run(project)
    results = json.loads((folder.path / "benchmark.json").read_text())
    good = next(row for row in results["results"] if row["model_name"] == "good")
    good["trials"] = {"complete": 4}
    folder.write_document("benchmark", results)
    app = open_page("study")
    assert sound(app)
    assert "The first 4 trials, the budget of these results; 4 more are recorded." in said(app)
    assert list(app.dataframe[0].value["trial"]) == [3, 2, 1, 0]


def test_numeric_parameter_is_a_number_column(project, open_page):
    write_run(project)
    shown = open_page("study").dataframe[0].value
    assert [shown[name].dtype.kind for name in ("depth", "rate", "kind")] == ["i", "f", "O"]
    words = [trial.model_copy(update={"params": {"a": True, "b": 1, "c": 0.5}}) for trial in trials()[:2]]
    assert numeric_parameters(words) == {"b": None, "c": "%.4g"}


def test_study_opens_with_best_or_newest_model(project, open_page):
    for folder in (write_run(project), write_run(project, run_id="ba9876543210", state="interrupted")):
        for trial in trials():
            folder.add_trial("broken", trial.model_copy(update={"started": "2026-01-02T03:30:00+00:00"}))
    app = open_page("study", run="0123456789ab")
    assert (app.radio[0].options, app.radio[0].value) == (["good", "broken"], "good")
    assert open_page("study", run="0123456789ab", model="broken").radio[0].value == "broken"
    assert open_page("study", run="ba9876543210").radio[0].value == "broken"


def test_series_opens_by_search_and_link(project, open_page):
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
    assert list(app.dataframe[1].value["second is"][:2]) == ["the same", "the same"]


def test_difference_is_worded_by_metric_direction(project, open_page):
    write_run(project)
    folder = write_run(project, run_id="ba9876543210")
    results = json.loads((folder.path / "benchmark.json").read_text())
    for metric in ("wape", "directional_accuracy"):
        results["results"][0]["scores"][metric] -= 0.01
    folder.write_document("benchmark", results)
    runs = "shop/0123456789ab,shop/ba9876543210"
    app = open_page("compare", runs=runs)
    assert app.dataframe[0].value["second is"][0] == "better"
    app.selectbox(key="compare-metric").set_value("directional_accuracy").run()
    assert app.dataframe[0].value["second is"][0] == "worse"


def test_compare_link_opens_runs_of_two_experiments(project, open_page):
    write_run(project)
    write_run(project, name="other", run_id="ba9876543210")
    app = open_page("compare", experiment="shop", runs="shop/0123456789ab,other/ba9876543210,gone/0123456789ab")
    assert sound(app)
    assert app.multiselect[1].value == ["shop/0123456789ab", "other/ba9876543210"]
    assert "Choose two runs" not in said(app)


def test_compare_shows_inherited_keys_once():
    before = {"features.lags": "1", "models.a.features.lags": "1", "models.b.features.lags": "7", "study.seed": "1"}
    after = {"features.lags": "2", "models.a.features.lags": "2", "models.b.features.lags": "8", "study.seed": "1"}
    assert [row["key"] for row in spec_rows([before, after], ["x", "y"])] == ["features.lags", "models.b.features.lags"]


def test_features_page_equals_the_report(project):
    folder = write_run(project)
    kept = kept_path(folder.final_path("good"), "good")
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"version": 1, "rows": 20, "unit": "target", "mean_abs": {"lag.1": 12.0}}))
    run = access.runs(access.key("files"), "shop")[0]
    (chart,) = sections(access.key("files"), run).models()
    assert "SHAP values" in chart.note
    assert [c.note for c in sections(access.key("files"), run).models()] == [
        c.note for c in Sections(run_facts(folder)).models()
    ]


def test_findings_are_counted_by_their_weight(project, open_page):
    app = try_spec(open_page("spec"), "version: 1\nnam: x\n", "check")
    assert re.search(r"^\d+ errors?(, \d+ warnings?)?\.$", said(app), re.MULTILINE)
    (one,) = [d for d in diagnose("version: 1\nnam: x\n", project) if d.path == "nam"]
    warned = replace(one, severity="warning")
    assert counts([one, warned, warned]) == "1 error, 2 warnings"
    assert counts([warned]) == "1 warning"


def test_a_column_has_the_same_decimals_throughout():
    assert even(np.array([12.3456, 1234.5, 7.0, np.nan])) == "%.2f"
    assert even(np.array([120_000.0])) == "%.0f"
    assert even(np.array([0.0, 0.001234])) == "%.6f"


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


def test_a_pasted_spec_is_diagnosed_with_its_place(project, open_page):
    app = try_spec(open_page("spec"), "version: 1\nnam: x\n", "check")
    assert not app.exception
    assert "errors" in said(app)
    assert "nam" in said(app)


def test_pasted_spec_leaves_no_file(project, open_page):
    from run_worlds import SPEC

    app = try_spec(open_page("spec"), SPEC.format(name="shop"), "plan")
    assert sound(app)
    assert "6 series" in said(app)
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml"]


def test_nonsense_address_opens_the_first(project, open_page):
    write_run(project)
    app = open_page("experiment", experiment="../../etc", run="nothing", source="ftp")
    assert sound(app)
    assert app.sidebar.selectbox[0].value == "shop"


def test_the_environment_names_the_experiment(project, open_page, monkeypatch):
    write_run(project, name="alpha")
    write_run(project, name="beta")
    monkeypatch.setenv("RUN_SPEC_EXPERIMENT", "alpha")
    assert open_page("experiment").sidebar.selectbox[0].value == "alpha"


def test_portfolio_table_is_made_on_opening(project, open_page):
    write_run(project)
    app = open_page("portfolio")
    assert len(app.dataframe) == 0
    app.session_state["portfolio-table"] = True
    app.run()
    assert list(app.dataframe[0].value["experiment"]) == ["shop"]


def test_project_defaults_to_working_directory(project, monkeypatch):
    (project / "specs" / "deep").mkdir(parents=True)
    monkeypatch.delenv("RUN_SPEC_ROOT")
    monkeypatch.chdir(project / "specs" / "deep")
    assert root() == project.resolve()


@pytest.mark.parametrize(("verdict", "words"), [("failed", "a gate is failed"), ("unknown", "a gate is open")])
def test_failed_gate_is_shown_on_card(verdict, words, project, open_page):
    gate = {
        "gate": "wape below 5%",
        "verdict": verdict,
        "reason": "it is 10.00%",
        "model": "good",
        "value": 0.1,
        "reference": None,
    }
    tree = {**json.loads(document_text()), "gates": [gate]}
    write_canonical(project, "shop", json.dumps(tree))
    assert words in said(open_page("portfolio"))
    assert f"Gate wape below 5%: {verdict}. it is 10.00%" in said(open_page("experiment", experiment="shop"))


def test_passed_gates_are_shown_on_experiment_only(project, open_page):
    gate = {
        "gate": "wape below 50%",
        "verdict": "passed",
        "reason": "it is 10.00%",
        "model": "good",
        "value": 0.1,
        "reference": None,
    }
    write_canonical(project, "shop", json.dumps({**json.loads(document_text()), "gates": [gate]}))
    assert "gate" not in said(open_page("portfolio"))
    assert "Every gate of its spec is passed." in said(open_page("experiment", experiment="shop"))
