"""Portfolio: every experiment at a glance."""

from __future__ import annotations

from itertools import chain
from typing import Any

import streamlit as st

from runner.dashboard import access
from runner.dashboard.elements import age, plain, table
from runner.dashboard.frame import link
from runner.dashboard.source import Card
from runner.dashboard.state import View
from runner.results.metric_values import show

PER_PAGE = 12
ACROSS = 3
_GATES = {"failed": "a gate is failed", "unknown": "a gate is open"}
"""What a card says of its gates; nothing when they are passed."""


def render(view: View) -> None:
    """Draw cards of a page of experiments, and the same as a table."""
    names = _searched(view.names)
    if not names:
        st.markdown("No experiment has such a name.")
        return
    shown = _paged(names)
    champions = access.champions(view.where)
    cards: list[Card] = []
    columns: list[Any] = []
    coming = access.cards(view.where, shown)
    with st.spinner("Reading results ..."):
        first = next(coming)
    for card in chain([first], coming):
        if len(cards) % ACROSS == 0:
            columns = list(st.columns(ACROSS))
        with columns[len(cards) % ACROSS]:
            _card(card, champions.get(card.name, ""), view)
        cards.append(card)
    # Filled when it is opened: a table imports pandas, which takes longer than all the cards.
    part = st.expander("As a table", icon=":material/table_rows:", key="portfolio-table", on_change="rerun")
    if part.open:
        with part:
            table([_row(card, champions.get(card.name, "")) for card in cards])


def _searched(names: tuple[str, ...]) -> list[str]:
    if len(names) <= 6:
        st.caption(f"{len(names)} experiment{'s' if len(names) != 1 else ''}, the newest first.")
        return list(names)
    wanted = st.text_input("Search", placeholder="part of a name", key="portfolio-search").strip().lower()
    found = [name for name in names if wanted in name.lower()]
    st.caption(f"{len(found):,} of {len(names):,} experiments, the newest first.")
    return found


def _paged(names: list[str]) -> list[str]:
    pages = -(-len(names) // PER_PAGE)
    if pages == 1:
        return names
    page = st.number_input(f"Page (of {pages:,})", 1, pages, 1, key="portfolio-page", width=160)
    return names[(page - 1) * PER_PAGE : page * PER_PAGE]


def _card(card: Card, champion: str, view: View) -> None:
    with st.container(border=True, height="stretch"):
        link("experiment", card.name, experiment=card.name, source=view.kind)
        run = card.latest
        if run is None or run.value is None:
            state = run.state if run else "unreadable" if card.trouble else "no run"
            st.metric("latest run", state)
            if state == "running":
                link("study", "Watch it", experiment=card.name, source=view.kind)
            st.caption(plain(card.trouble or "There are no results yet."))
            return
        beaten = (run.gain or 0) > 0
        st.metric(
            f"{plain(run.metric)} of {plain(run.best_model)}",
            plain(show(run.metric, run.value)),
            delta=_delta(card),
            delta_color="normal" if beaten else "off",
            delta_arrow="auto" if beaten else "off",
            chart_data=list(card.trend) if len(card.trend) > 1 else None,
            chart_type="line",
        )
        words = [_runs(card), f"latest {age(run.finished)}{', with --set' if run.overrides else ''}"]
        words += [f"line: gain of the last {len(card.trend)}"] if len(card.trend) > 1 else []
        st.caption(plain(" · ".join(words)))
        if card.gates in _GATES:
            st.badge(_GATES[card.gates], icon=":material/rule:", color="red" if card.gates == "failed" else "orange")
        if champion:
            st.badge(plain(f"champion: version {champion}"), icon=":material/trophy:", color="blue")
        if card.description:
            st.caption(plain(card.description))


def _runs(card: Card) -> str:
    if card.more:
        return f"{card.n_runs:,} runs or more"
    return f"{card.n_runs:,} run{'s' if card.n_runs != 1 else ''}"


def _delta(card: Card) -> str | None:
    run = card.latest
    if run is None or run.gain is None:
        return None
    if run.best_model == card.baseline:
        return "nothing beats the baseline"
    return f"{run.gain:+.1%}{f' against {plain(card.baseline)}' if card.baseline else ''}"


def _row(card: Card, champion: str) -> dict[str, object]:
    run = card.latest
    return {
        "experiment": card.name,
        "best model": run.best_model if run else "",
        "metric": run.metric if run else "",
        "value": run.value if run else None,
        "gain %": None if run is None or run.gain is None else round(run.gain * 100, 1),
        "baseline": card.baseline,
        "runs": card.n_runs,
        "latest": (run.finished if run else "")[:16].replace("T", " "),
        "gates": card.gates,
        "champion": champion,
        "trouble": card.trouble,
    }
