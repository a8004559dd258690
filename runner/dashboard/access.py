"""What pages ask for, kept for a while: nothing is read twice within its time to live, and nothing before it is shown.

Values are frozen, so they are shared between sessions and not copied.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from runner.dashboard.files import Files
from runner.dashboard.live import Live, live_place
from runner.dashboard.source import Card, Kind, Run, Source
from runner.errors import RunSpecError, StoreError
from runner.records import TrialRecord
from runner.report.album import Album
from runner.report.cells import Scored, read_cells
from runner.report.document import BenchmarkDocument
from runner.report.facts import RunFacts

SHORT: Final = 10
"""Seconds that lists are kept."""
LONG: Final = 600
"""Seconds that a finished run's values are kept."""
Key = tuple[str, Kind]


def root() -> Path:
    """The project's folder."""
    return Path(os.environ.get("RUN_SPEC_ROOT") or Path.cwd()).resolve()


@st.cache_resource(ttl=30, show_spinner=False)
def _live(folder: str) -> Live | str:
    """The live source, or why there is none; asked again after half a minute."""
    try:
        return Live(live_place(Path(folder)))
    except RunSpecError as error:
        return str(error)


def why_not_live() -> str:
    """Why MLflow cannot be asked; empty when it can."""
    found = _live(str(root()))
    return found if isinstance(found, str) else ""


def source(kind: Kind) -> Source:
    """The source of that kind. Raises StoreError when MLflow does not answer."""
    if kind == "files":
        return Files(root())
    found = _live(str(root()))
    if isinstance(found, str):
        raise StoreError(found)
    return found


def key(kind: Kind) -> Key:
    """What cached values are filed under."""
    return str(root()), kind


@st.cache_resource(ttl=SHORT, max_entries=32, show_spinner=False)
def names(where: Key) -> tuple[str, ...]:
    """Experiments, the newest first."""
    return source(where[1]).names()


@st.cache_resource(ttl=3 * SHORT, max_entries=2000, show_spinner=False)
def card(where: Key, name: str) -> Card:
    """An experiment at a glance."""
    return source(where[1]).card(name)


@st.cache_resource(ttl=3 * SHORT, max_entries=4, show_spinner=False)
def champions(where: Key) -> Mapping[str, str]:
    """Experiment -> version of its champion; empty without MLflow."""
    found = source(where[1])
    return found.champions() if isinstance(found, Live) else {}


@st.cache_resource(ttl=SHORT, max_entries=64, show_spinner=False)
def runs(where: Key, name: str) -> tuple[Run, ...]:
    """Runs of an experiment, the newest first."""
    return source(where[1]).runs(name)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def document(where: Key, run: Run) -> BenchmarkDocument:
    """Results of a run; `run` holds its state and end, so that another end is another entry."""
    return source(where[1]).document(run)


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner=False)
def trials(where: Key, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
    """Trials of a run that has ended."""
    return source(where[1]).trials(run)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def spec(where: Key, run: Run) -> tuple[str, Mapping[str, Any]]:
    """(as written, as resolved)."""
    return source(where[1]).spec(run)


@st.cache_resource(ttl=LONG, max_entries=8, show_spinner="Reading forecasts ...")
def cells(where: Key, run: Run) -> Scored | None:
    """Cells of the test windows."""
    return read_cells(source(where[1]).forecasts(run, document(where, run)))


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner="Drawing ...")
def album(where: Key, run: Run) -> Album:
    """Charts of a run, made of what has been read already."""
    found = source(where[1])
    overview: Any = None
    models: dict[str, Path] = {}
    if isinstance(found, Files) and (folder := found.folder(run)) is not None:
        overview = folder.document("overview")
        models = {path.name: path for path in (folder.path / "models").glob("*") if path.is_dir()}
    text, resolved = spec(where, run)
    facts = RunFacts(
        document=document(where, run),
        spec_text=text,
        spec=resolved,
        overview=overview if isinstance(overview, dict) else {},
        forecasts=found.forecasts(run, document(where, run)),
        models=models,
    )
    return Album(facts)
