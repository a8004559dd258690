"""The first page is read before its first visitor comes, and its outline is drawn at once."""

from __future__ import annotations

from run_worlds import write_mlflow
from seeing import said
from streamlit.testing.v1 import AppTest

from runner.dashboard import access
from runner.dashboard.live import Live


def test_first_page_is_not_read_twice(project, open_page, monkeypatch):
    write_mlflow(project)
    access.read_first_page(12)
    monkeypatch.setattr(Live, "cards", None)
    monkeypatch.setattr(Live, "names", None)
    app = open_page("portfolio")
    assert not app.exception
    assert "10.00%" in said(app)


def test_first_page_of_files_is_read(project):
    access.read_first_page(12)


def test_skeleton_has_the_title_of_its_page():
    def page() -> None:
        from runner.dashboard.frame import skeleton

        skeleton("Portfolio")

    app = AppTest.from_function(page).run()
    assert (app.title[0].value, app.caption[0].value) == ("Portfolio", "Reading experiments ...")
