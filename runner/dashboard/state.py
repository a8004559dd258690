"""What is looked at: source, experiment, run. Chosen in the sidebar or by the address, and kept in the address."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from runner.dashboard import access
from runner.dashboard.elements import plain, trouble
from runner.dashboard.source import TITLES, Kind, Run

_KINDS: Final[tuple[Kind, ...]] = ("mlflow", "files")


@dataclass(frozen=True)
class View:
    """What the pages show."""

    kind: Kind
    names: tuple[str, ...]
    name: str | None  # experiment; None without experiments

    @property
    def where(self) -> access.Key:
        return access.key(self.kind)


def sidebar() -> View:
    """Draw the choices; what was chosen."""
    kind = _source()
    names = access.names(access.key(kind))
    return View(kind, names, _experiment(names))


def banner(view: View) -> None:
    """Say when what is shown is not live."""
    why = access.why_not_live()
    if view.kind == "files" and why:
        st.info(
            f"Shown from **benchmark files (JSON)**, because MLflow is away: {plain(why)}", icon=":material/folder:"
        )


def choose_run(view: View, *, results: bool = True) -> Run | None:
    """Return the run of the address, else the newest suitable one; None without any.

    With `results` those that have some, in any state; without, every run.
    """
    if view.name is None:
        return None
    usable = [run for run in access.runs(view.where, view.name) if run.has_results or not results]
    if not usable:
        return None
    by_id = {run.run_id: run for run in usable}
    wanted = linked("run", list(by_id)) or next((run.run_id for run in usable if run.best_model or not results), None)
    start = list(by_id).index(wanted) if wanted else 0
    chosen = st.selectbox(
        "Run", list(by_id), index=start, format_func=lambda run_id: by_id[run_id].title, key=f"run-of-{view.name}"
    )
    remember("run", chosen)
    return by_id[chosen]


def linked(name: str, options: Sequence[str]) -> str | None:
    """Return the value in the address, when it is one of the options."""
    wanted = st.query_params.get(name)
    return wanted if wanted in options else None


def remember(name: str, value: str | None) -> None:
    """Keep a choice in the address."""
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def _source() -> Kind:
    why = access.why_not_live()
    if "source" not in st.session_state:
        asked = linked("source", _KINDS)
        st.session_state["source"] = asked or ("files" if why else "mlflow")
    kind = st.sidebar.radio("Data source", _KINDS, format_func=lambda k: TITLES[k], key="source")
    chosen = kind
    if chosen == "mlflow" and why:
        with st.sidebar:
            trouble(f"MLflow cannot be asked: {why} The benchmark files are shown.")
        chosen = "files"
    remember("source", chosen)
    return chosen


def _experiment(names: tuple[str, ...]) -> str | None:
    if not names:
        return None
    if st.session_state.get("experiment") not in names:
        wanted = linked("experiment", names) or os.environ.get("RUN_SPEC_EXPERIMENT")
        st.session_state["experiment"] = wanted if wanted in names else names[0]
    chosen = st.sidebar.selectbox("Experiment", names, key="experiment")
    remember("experiment", chosen)
    return chosen
