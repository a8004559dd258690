"""What a dashboard refuses, and what leaves it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import streamlit as st
from run_worlds import document
from seeing import said
from streamlit.testing.v1 import AppTest

import runner.dashboard
from runner.dashboard.views.experiment import _csv
from runner.report.html import report_html
from runner.results.run_facts import RunFacts

APP = Path(runner.dashboard.__file__).parent / "app.py"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "", None])
def test_another_address_than_this_machine_is_shown_nothing(address, project, monkeypatch):
    monkeypatch.setattr(st, "get_option", lambda key: address if key == "server.address" else None)
    app = AppTest.from_file(str(APP)).run()
    assert app.error[0].value.startswith("This dashboard shows itself to its own machine only.")
    assert said(app).count("\n") == 0
    assert not app.title


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum"])
def test_spreadsheet_formula_name_is_quoted(name):
    row = document().results[0].model_copy(update={"model_name": name})
    (_, cells) = csv.reader(io.StringIO(_csv([row], document(), ["wape"])))
    assert cells[1] == f"'{name}"


def test_a_report_allows_itself_nothing_from_elsewhere():
    page = report_html(RunFacts(document()))
    policy = page[page.index("Content-Security-Policy") :].split(">")[0]
    assert "default-src 'none'" in policy
    assert "http" not in policy
