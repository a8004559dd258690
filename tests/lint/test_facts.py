"""Figures of small worlds with known answers, and every sentence of the loader under its rule."""

import pytest
from lint_worlds import judged, make_project, write_spec

from runner.data.checks import check_data
from runner.errors import DataCode
from runner.language.parse import parse
from runner.lint.facts import DataFacts
from runner.lint.registry import RULES

CSV = "data: {{source: {{csv: {}}}, covariates: {{known: [], static: []}}}}\n"


@pytest.fixture
def facts(tmp_path):
    make_project(tmp_path, data=True)

    def of(example):
        return check_data(parse(write_spec(tmp_path, example), environ={}))

    return of


def test_a_sound_panel_has_nothing_to_tell(facts):
    found = facts(CSV.format("sales.csv"))
    assert isinstance(found, DataFacts)
    assert (found.n_series, found.n_steps, found.cells, found.zeros) == (2, 120, 52, 0)
    assert (found.unscored.count, found.constant.count, found.seasonless.count, found.too_short) == (0, 0, 0, "")


def test_what_is_wrong_is_counted_and_named(facts):
    assert str(facts(CSV.format("flat.csv")).constant) == "1 (B)"
    assert str(facts(CSV.format("ended.csv")).unscored) == "1 (C)"
    assert facts(CSV.format("zeros.csv")).zeros == 40
    assert facts(CSV.format("sales.csv") + "forecast: {season: 110}").seasonless.count == 2


def test_facts_plan_beyond_history_is_reported(facts):
    promo = "data: {source: {csv: promo.csv}, covariates: {known: [promo], static: []}}"
    assert facts(promo).without_future == ("promo",)
    double = "data: {source: {csv: copy.csv}, covariates: {known: [double], static: []}}"
    found = facts(double)
    assert found.without_future == ()
    assert found.copies["double"] > 0.9999


def test_facts_windows_beyond_history_continue(facts):
    found = facts(CSV.format("sales.csv") + "forecast: {horizon: 70}")
    assert "the history is too short by" in found.too_short


@pytest.mark.parametrize(
    ("example", "code", "path"),
    [
        ("data: {target: sales}", "FS101", "data.target"),
        ("data: {series: [shop]}", "FS101", "data.series[0]"),
        ("data: {covariates: {known: [promo, price]}}", "FS101", "data.covariates.known[1]"),
        (CSV.format("twice.csv"), "FS102", "data.series"),
        ("data: {freq: W-TUE, source: {csv: sales.csv}, covariates: {known: [], static: []}}", "FS103", "data.freq"),
        (CSV.format("gaps.csv"), "FS104", "data.gaps"),
        (CSV.format("text.csv"), "FS105", "data.target"),
        ("data: {covariates: {known: [], ignore: [pro*], observed: [promo]}}", "FS107", "data.covariates.ignore"),
        ("data: {covariates: {known: []}}", "FS108", "data.covariates"),
        (
            "data: {source: {csv: moves.csv}, covariates: {known: [], static: [kind]}}",
            "FS109",
            "data.covariates.static[0]",
        ),
        (CSV.format("no.csv"), "FS111", "data.source.csv"),
        (CSV.format("../out.csv"), "FS111", "data.source.csv"),
    ],
)
def test_facts_data_problem_is_at_its_key(tmp_path, example, code, path):
    (found,) = judged(tmp_path, example, data=True)
    assert (found.code, found.path, found.severity) == (code, path, "error")
    assert found.file.endswith(".yaml")


def test_all_unknown_columns_are_told_at_once(tmp_path):
    example = "data: {target: z, series: [seris], covariates: {known: [promo, price], static: ['k*']}}"
    found = judged(tmp_path, example, data=True)
    assert [(one.code, one.path) for one in found] == [
        ("FS101", "data.target"),
        ("FS101", "data.series[0]"),
        ("FS101", "data.covariates.known[1]"),
    ]
    assert 'did you mean "series"?' in found[1].message


def test_data_codes_are_lint_rules():
    assert {code.value for code in DataCode} <= set(RULES)


def test_facts_tracked_file_by_name_folder_or_lock(facts, tmp_path):
    assert facts(CSV.format("untracked.csv")).untracked == (("data.source.csv", "untracked.csv"),)
    assert facts(CSV.format("altered.csv")).altered == (("data.source.csv", "altered.csv"),)
    (tmp_path / "dvc.lock").write_text("stages:\n  get: {outs: [{path: untracked.csv, md5: abc}]}\n")
    assert facts(CSV.format("untracked.csv")).untracked == ()
    (tmp_path / "dvc.lock").write_text("]: not yaml")
    (tmp_path / "raw").mkdir()
    (tmp_path / "sales.csv").rename(tmp_path / "raw" / "a.csv")
    assert facts(CSV.format("raw/a.csv")).untracked
    (tmp_path / "raw.dvc").write_text("outs:\n- md5: abc.dir\n  hash: md5\n  path: raw\n")
    assert facts(CSV.format("raw/a.csv")).untracked == ()
    (tmp_path / ".dvc").rmdir()
    assert facts(CSV.format("altered.csv")).altered == ()


def test_untracked_join_stands_at_its_key(tmp_path):
    make_project(tmp_path, data=True)
    (tmp_path / "kinds.csv").write_text("series,size\nA,1\nB,2\n")
    join = "join: [{source: {csv: kinds.csv}, keys: [series]}]"
    example = f"data: {{source: {{csv: sales.csv}}, {join}, covariates: {{known: [], static: [size]}}}}"
    found = judged(tmp_path, example, data=True)
    assert [(one.code, one.path) for one in found] == [("FS110", "data.join[0].source.csv")]
