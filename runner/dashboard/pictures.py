"""Cells and charts of a run, kept for a while. Imports pandas, Optuna and their kin, so only pages with charts do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from runner.dashboard import access
from runner.dashboard.access import LONG, Key
from runner.dashboard.files import Files
from runner.dashboard.source import Run
from runner.report.album import Album
from runner.report.cells import Scored, read_cells
from runner.report.run_facts import RunFacts


@st.cache_resource(ttl=LONG, max_entries=8, show_spinner="Reading forecasts ...")
def cells(where: Key, run: Run) -> Scored | None:
    """Cells of the test windows."""
    return read_cells(access.source(where[1]).forecasts(run, access.document(where, run)))


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner="Drawing ...")
def album(where: Key, run: Run) -> Album:
    """Charts of a run, made of what has been read already."""
    found = access.source(where[1])
    overview: Any = None
    models: dict[str, Path] = {}
    if isinstance(found, Files) and (folder := found.folder(run)) is not None:
        overview = folder.document("overview")
        models = {path.name: path for path in (folder.path / "models").glob("[!.]*") if path.is_dir()}
    text, resolved = access.spec(where, run)
    facts = RunFacts(
        document=access.document(where, run),
        spec_text=text,
        spec=resolved,
        overview=overview if isinstance(overview, dict) else {},
        forecasts=found.forecasts(run, access.document(where, run)),
        models=models,
    )
    return Album(facts)
