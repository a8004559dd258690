"""Cells and pictures of a run, kept for a while. Imports pandas, Altair and Optuna, so only pages with pictures do."""

from __future__ import annotations

import streamlit as st

from runner.dashboard import access
from runner.dashboard.access import LONG, Key
from runner.dashboard.files import Files
from runner.dashboard.source import Run
from runner.report.sections import Sections
from runner.results.run_facts import RunFacts
from runner.results.scored_forecasts import Scored, read_cells
from runner.store.run_facts import run_facts


@st.cache_resource(ttl=LONG, max_entries=8, show_spinner="Reading forecasts ...")
def cells(where: Key, run: Run) -> Scored | None:
    """Return cells of the test windows."""
    return read_cells(access.source(where[1]).forecasts(run, access.document(where, run)))


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner="Drawing ...")
def sections(where: Key, run: Run) -> Sections:
    """Return the pictures of a run, made of what has been read already."""
    found, document = access.source(where[1]), access.document(where, run)
    folder = found.folder(run) if isinstance(found, Files) else None
    if folder is not None:
        return Sections(run_facts(folder, document))
    text, resolved = access.spec(where, run)
    forecasts = found.forecasts(run, document)
    return Sections(RunFacts(document=document, spec_text=text, spec=resolved, forecasts=forecasts))
