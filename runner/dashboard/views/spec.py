"""Spec: what a run was asked to do, with what the linter says; and a spec of one's own before it is run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from runner.dashboard import access
from runner.dashboard.elements import empty, plain, table
from runner.dashboard.frame import guarded
from runner.dashboard.source import Run
from runner.dashboard.specs import diagnose, plan_of
from runner.dashboard.state import View, choose_run
from runner.dashboard.views.compare import flattened
from runner.errors import Diagnostic, SpecError

_LOOKS = {"error": ("red", "error"), "warning": ("orange", "warning"), "info": ("blue", "info")}

_NAMES = {"error": "error", "warning": "warning", "info": "hint"}


def render(view: View) -> None:
    """Draw the spec of a run, or one that is pasted."""
    parts = ["Of a run", "Try one"]
    part = st.radio("Spec", parts, horizontal=True, key="spec-part", label_visibility="collapsed")
    if part == parts[1]:
        _paste()
        return
    run = choose_run(view, results=False)
    if run is None:
        empty("There is no run yet", "Paste a spec under “Try one” to see its diagnostics and its plan.")
        return
    guarded(lambda: _of_run(view, run))


def _of_run(view: View, run: Run) -> None:
    text, resolved = access.spec(view.where, run)
    if not text:
        empty("There is no spec of this run", "Only its results document is left.")
        return
    st.subheader("What the linter says today", anchor=False)
    guarded(lambda: _diagnostics(diagnose(text, access.root())))
    left, right = st.columns(2)
    with left:
        st.subheader("As written", anchor=False)
        st.code(text, language="yaml", line_numbers=True, height=560)
    with right:
        st.subheader("As resolved", anchor=False)
        wanted = st.text_input("Search keys", placeholder="such as num_leaves", key="spec-search").strip().lower()
        rows = [{"key": key, "value": value} for key, value in flattened(resolved) if wanted in key.lower()]
        table(rows, height=480)


def _paste() -> None:
    text = st.text_area("Spec (YAML)", height=360, key="pasted", placeholder="version: 1\nname: my_experiment\n...")
    check, plan = st.columns(2)
    asked = check.button("Check", type="primary", width="stretch", key="check")
    planned = plan.button("Plan", width="stretch", key="plan", help="Reads the data; fits nothing.")
    if not text.strip():
        st.caption("Relative names in it are read as in a file of the project's folder specs.")
        return
    if asked or planned:
        guarded(lambda: _diagnostics(diagnose(text, access.root())))
    if planned:
        guarded(lambda: _planned(text))


def _planned(text: str) -> None:
    try:
        with st.spinner("Reading the data ..."):
            lines, document = plan_of(text, access.root())
    except SpecError:
        return  # the diagnostics above say it all
    st.subheader("The plan", anchor=False)
    st.code("\n".join(lines), language=None, wrap_lines=True)
    table([dict(row) for row in document["windows"]])


def _diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    if not diagnostics:
        st.success("No problems.", icon=":material/check_circle:")
        return
    st.caption(f"{counts(diagnostics)}.")
    for diagnostic in diagnostics:
        _diagnostic(diagnostic)


def counts(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a text such as `2 errors, 1 warning`."""
    numbers = {name: sum(d.severity == severity for d in diagnostics) for severity, name in _NAMES.items()}
    return ", ".join(f"{count} {name}{'s' if count != 1 else ''}" for name, count in numbers.items() if count)


def _diagnostic(diagnostic: Diagnostic) -> None:
    colour, icon = _LOOKS[diagnostic.severity]
    with st.container(border=True):
        where = f"line {diagnostic.span.line}, column {diagnostic.span.col}"
        st.badge(f"{diagnostic.code} · {where}", icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]
        subject = f"**{plain(diagnostic.path)}**: " if diagnostic.path else ""
        st.markdown(f"{subject}{plain(diagnostic.message)}")
        if diagnostic.help:
            st.caption(plain(diagnostic.help))
