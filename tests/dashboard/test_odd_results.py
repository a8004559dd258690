"""Whatever lies in the results folder, no page breaks, and no list."""

from __future__ import annotations

import os
import shutil

import pytest
from run_worlds import document_text, write_canonical, write_run
from seeing import said, sound

from runner.dashboard.files import Files
from runner.dashboard.frame import PAGES


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", "", '{"name": 1}', "[" * 100_000, '{"results": [1], "metric": []}']
)
@pytest.mark.parametrize("page", PAGES)
def test_broken_document_is_one_sentence(page, text, project, open_page):
    write_run(project)
    write_canonical(project, "torn", text)
    app = open_page(page, experiment="torn")
    assert not app.exception
    assert app.sidebar.selectbox[0].value == "torn"
    assert "Traceback" not in said(app)


def test_broken_document_hides_no_other_experiment(project, open_page):
    write_run(project)
    write_canonical(project, "torn", "{")
    app = open_page("portfolio")
    assert "10.00%" in said(app)
    assert "not a JSON document" in said(app)


def test_document_of_other_schema_is_refused(project, open_page):
    write_canonical(project, "shop", document_text(metric=7))
    assert "metric: 7 is not of type 'string'" in said(open_page("portfolio"))


def test_a_document_under_another_name_is_refused(project, open_page):
    write_canonical(project, "other", document_text("shop"))
    assert "holds the results of shop" in said(open_page("portfolio"))


@pytest.mark.parametrize("page", PAGES)
def test_half_written_run_is_shown_as_broken(page, project, open_page):
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
def test_odd_results_document_breaks_no_list(page, text, project, open_page):
    write_run(project)
    (write_run(project, run_id="ba9876543210").path / "benchmark.json").write_text(text)
    app = open_page(page)
    assert sound(app)
    assert "10.00%" in said(app)
    assert {"0123456789ab", "ba9876543210"} == {run.run_id for run in Files(project).runs("shop")}


@pytest.mark.parametrize("page", PAGES)
def test_folder_without_run_is_not_listed(page, project, open_page):
    path = write_run(project).path
    for name in ("0123456789ab (copy)", "notes", "0123456789ab.old-1", "0123456789AB"):
        shutil.copytree(path, path.with_name(name))
    assert sound(open_page(page))
    assert [run.run_id for run in Files(project).runs("shop")] == ["0123456789ab"]


def test_document_too_large_is_not_read(project, open_page, monkeypatch):
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


def test_card_failure_breaks_no_other_card(project, open_page, monkeypatch):
    write_run(project)
    write_run(project, name="odd")
    made = Files._card
    monkeypatch.setattr(Files, "_card", lambda self, name: made(self, name) if name == "shop" else 1 / 0)
    app = open_page("portfolio")
    assert "10.00%" in said(app)
    assert "It cannot be shown (ZeroDivisionError)" in said(app)
