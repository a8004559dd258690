"""What pages ask for, kept for a while: nothing is read twice within its time to live, and nothing before it is shown.

Values are frozen, so they are shared between sessions and not copied.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from runner.dashboard.files import Files
from runner.dashboard.source import Card, Kind, Run, Source
from runner.errors import RunSpecError, StoreError
from runner.language.project import find_root
from runner.results.document import BenchmarkDocument
from runner.track.destination import destination
from runner.track.settings import load_quietly
from runner.values.records import TrialRecord

if TYPE_CHECKING:
    from runner.dashboard.live import Live

SHORT: Final = 10
"""Seconds that lists are kept, and values of a run that is not finished."""
LONG: Final = 600
"""Seconds that a finished run's values are kept, and what is drawn of results."""
Key = tuple[str, Kind]
_card_lock: Final = threading.Lock()


def root() -> Path:
    """Return the project's folder: the named one, else that of the working directory."""
    named = os.environ.get("RUN_SPEC_ROOT")
    return Path(named).resolve() if named else find_root(Path.cwd() / "specs")


def why_not_live() -> str:
    """Return why MLflow cannot be asked; empty when it can."""
    return _away(*_place())


def source(kind: Kind) -> Source:
    """Return the source of that kind. Raises StoreError when MLflow does not answer."""
    if kind == "files":
        return Files(root())
    why = why_not_live()
    if why:
        raise StoreError(why)
    return _live(*_place())


def _place() -> tuple[str, str]:
    """Return the project's folder, and the address of its tracking store."""
    folder = root()
    return str(folder), destination(os.environ, folder).uri


@st.cache_resource(ttl=30, show_spinner="Asking MLflow ...")
def _away(folder: str, uri: str) -> str:
    """Return why MLflow cannot be asked; asked again after half a minute."""
    place = destination(os.environ, Path(folder))
    if not place.present:
        return f"{place.label}: there is nothing there yet; `run-spec sync` delivers what is finished"
    try:
        return _live(folder, uri).trouble()
    except RunSpecError as error:
        return str(error)


@st.cache_resource(show_spinner=False)
def _live(folder: str, uri: str) -> Live:
    """Return the live source, one a place and for good: cached charts read the files that it has copied."""
    # MLflow takes a second to import, and the benchmark files do not need it.
    live: Live = load_quietly("runner.dashboard.live").Live(destination(os.environ, Path(folder)))
    return live


def key(kind: Kind) -> Key:
    """Return the key of cached values."""
    return str(root()), kind


@st.cache_resource(ttl=SHORT, max_entries=32, show_spinner="Reading experiments ...")
def names(where: Key) -> tuple[str, ...]:
    """Return experiments, the newest first."""
    return source(where[1]).names()


def cards(where: Key, shown: Sequence[str]) -> Iterator[Card]:
    """Yield cards of experiments in that order: cached ones at once, others as they are read."""
    kept = _kept_cards(where)
    fresh = time.monotonic() - 3 * SHORT
    for name in shown:
        with _card_lock:  # a visitor who comes while the first page is being read takes what is there already
            if name not in kept or kept[name][0] < fresh:
                kept[name] = time.monotonic(), next(source(where[1]).cards([name]))
        yield kept[name][1]


def read_first_page(most: int) -> None:
    """Read what the first page shows of so many experiments, so that its first visitor does not wait for it."""
    where = key("files" if why_not_live() else "mlflow")
    champions(where)
    for _ in cards(where, names(where)[:most]):
        pass


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_cards(where: Key) -> dict[str, tuple[float, Card]]:
    """Return experiment -> (when it was read, card)."""
    return {}


@st.cache_resource(ttl=3 * SHORT, max_entries=4, show_spinner="Reading champions ...")
def champions(where: Key) -> Mapping[str, str]:
    """Return experiment -> version of its champion; empty without MLflow."""
    return source(where[1]).champions()


@st.cache_resource(ttl=SHORT, max_entries=64, show_spinner="Reading runs ...")
def runs(where: Key, name: str) -> tuple[Run, ...]:
    """Return runs of an experiment, the newest first."""
    return source(where[1]).runs(name)


def document(where: Key, run: Run) -> BenchmarkDocument:
    """Return the results of a run; `run` holds its state and end, so that another end is another entry."""
    return _document(where, run, _moment(run))


def trials(where: Key, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
    """Return trials of a run."""
    return _trials(where, run) if run.state == "finished" else trials_so_far(where, run)[1]


@st.cache_resource(ttl=SHORT, max_entries=16, show_spinner="Reading trials ...")
def trials_so_far(where: Key, run: Run) -> tuple[datetime, Mapping[str, tuple[TrialRecord, ...]]]:
    """Return (when they were read, trials) of a run that may get more."""
    return datetime.now(UTC), source(where[1]).trials(run)


def spec(where: Key, run: Run) -> tuple[str, Mapping[str, Any]]:
    """Return (as written, as resolved)."""
    return _spec(where, run, _moment(run))


def environment(where: Key, run: Run) -> Mapping[str, Any]:
    """Return commit, data, code and versions of a run."""
    return _environment(where, run, _moment(run))


def _moment(run: Run) -> int:
    """Return 0 for a finished run, cached long; for another one a number that changes as lists do."""
    return 0 if run.state == "finished" else 1 + int(time.monotonic()) // SHORT


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner="Reading results ...")
def _document(where: Key, run: Run, moment: int) -> BenchmarkDocument:
    return source(where[1]).document(run)


@st.cache_resource(ttl=LONG, max_entries=16, show_spinner="Reading trials ...")
def _trials(where: Key, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
    return source(where[1]).trials(run)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def _spec(where: Key, run: Run, moment: int) -> tuple[str, Mapping[str, Any]]:
    return source(where[1]).spec(run)


@st.cache_resource(ttl=LONG, max_entries=64, show_spinner=False)
def _environment(where: Key, run: Run, moment: int) -> Mapping[str, Any]:
    return source(where[1]).environment(run)
