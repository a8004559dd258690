"""What pages ask for, kept for a while: nothing is read twice within its time to live, and nothing before it is shown.

Values are frozen, so they are shared between sessions and not copied.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from runner.dashboard.files import Files
from runner.dashboard.source import Card, Kind, Run, Source
from runner.errors import RunSpecError, StoreError
from runner.records import TrialRecord
from runner.report.document import BenchmarkDocument
from runner.spec.project import find_root
from runner.track.destination import destination

SHORT: Final = 10
"""Seconds that lists are kept."""
LONG: Final = 600
"""Seconds that a finished run's values are kept."""
Key = tuple[str, Kind]


def root() -> Path:
    """The project's folder: the one that was named, else the one we are in."""
    named = os.environ.get("RUN_SPEC_ROOT")
    return Path(named).resolve() if named else find_root(Path.cwd() / "specs")


@st.cache_resource(ttl=30, show_spinner="Asking MLflow ...")
def _live(folder: str) -> Source | str:
    """The live source, or why there is none; asked again after half a minute."""
    place = destination(os.environ, Path(folder))
    if not place.present:
        return f"{place.label}: there is nothing there yet; `run-spec sync` delivers what is finished"
    try:
        # Asked for here, because nobody needs it who looks at files.
        live: Source = importlib.import_module("runner.dashboard.live").Live(place)
    except RunSpecError as error:
        return str(error)
    return live


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


@st.cache_resource(ttl=SHORT, max_entries=32, show_spinner="Reading experiments ...")
def names(where: Key) -> tuple[str, ...]:
    """Experiments, the newest first."""
    return source(where[1]).names()


def cards(where: Key, shown: Sequence[str]) -> Iterator[Card]:
    """Experiments at a glance, in that order; those that are kept at once, the others as they come."""
    kept = _kept_cards(where)
    fresh = time.monotonic() - 3 * SHORT
    wanted = [name for name in shown if name not in kept or kept[name][0] < fresh]
    coming = source(where[1]).cards(wanted) if wanted else iter(())
    for name in shown:
        if name in wanted:
            kept[name] = time.monotonic(), next(coming)
        yield kept[name][1]


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_cards(where: Key) -> dict[str, tuple[float, Card]]:
    """Experiment -> (when it was looked at, what was seen)."""
    return {}


@st.cache_resource(ttl=3 * SHORT, max_entries=4, show_spinner="Reading champions ...")
def champions(where: Key) -> Mapping[str, str]:
    """Experiment -> version of its champion; empty without MLflow."""
    return source(where[1]).champions()


@st.cache_resource(ttl=SHORT, max_entries=64, show_spinner="Reading runs ...")
def runs(where: Key, name: str) -> tuple[Run, ...]:
    """Runs of an experiment, the newest first."""
    return source(where[1]).runs(name)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner="Reading results ...")
def document(where: Key, run: Run) -> BenchmarkDocument:
    """Results of a run; `run` holds its state and end, so that another end is another entry."""
    return source(where[1]).document(run)


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner="Reading trials ...")
def trials(where: Key, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
    """Trials of a run that has ended."""
    return source(where[1]).trials(run)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def spec(where: Key, run: Run) -> tuple[str, Mapping[str, Any]]:
    """(as written, as resolved)."""
    return source(where[1]).spec(run)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def environment(where: Key, run: Run) -> Mapping[str, Any]:
    """Commit, data, code and versions of a run."""
    return source(where[1]).environment(run)
