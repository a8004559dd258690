"""What a run calls things is text on every page, and never markup."""

from __future__ import annotations

import json

import pytest
from run_worlds import MARKUP, trials, write_mlflow, write_run
from seeing import FOLDER_MARKUP, mark_up, said, shows_no_markup, try_spec

from runner.dashboard.elements import plain
from runner.dashboard.frame import PAGES
from runner.store.folder import Store


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


def test_spec_mistake_place_is_no_markup(project, open_page):
    app = try_spec(open_page("spec"), f"version: 1\n{json.dumps(MARKUP)}: 1\n", "check")
    assert "<script>" in said(app)
    assert shows_no_markup(app)


@pytest.mark.parametrize("text", ["http://e.x", "www.e.x", "a@e.x", "mailto:a@e.x"])
def test_an_address_in_a_name_is_no_link(text):
    assert plain(text).replace("\\", "").replace("\u2060", "") == text
    assert "\u2060" in plain(text)
