"""Pieces that pages are made of. Text from runs goes through `plain` before it meets Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import streamlit as st

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS: Final = re.compile(r":(?=//)|(?<=www)(?=\.)|@|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
"""Where Streamlit's Markdown would see the beginning of a link, escaped or not: a word joiner goes there."""
STATES: Final = {
    "finished": ("green", "check_circle"),
    "running": ("blue", "sync"),
    "interrupted": ("orange", "pause_circle"),
    "stopped": ("orange", "error"),
    "failed": ("red", "error"),
    "broken": ("red", "broken_image"),
}


def plain(text: object) -> str:
    """Return text that Markdown shows unchanged: signs escaped, line ends as blanks, no links."""
    bare = _ADDRESS.sub("\\g<0>\u2060", " ".join(str(text).split()))
    return _PUNCTUATION.sub(r"\\\1", bare)


def ground() -> Literal["light", "dark"]:
    """Return the ground that the reader has chosen."""
    try:
        return "dark" if st.context.theme.type == "dark" else "light"
    except AttributeError:  # outside a browser
        return "light"


def figures(pairs: Sequence[tuple[str, str]]) -> None:
    """Draw a row of figures, each with its title."""
    with st.container(horizontal=True):
        for title, value in pairs:
            st.metric(plain(title), plain(value), border=True, width="content")


def badge(state: str) -> None:
    """Draw the state of a run."""
    colour, icon = STATES.get(state, ("gray", "help"))
    st.badge(state, icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]


def empty(title: str, advice: str, command: str = "") -> None:
    """Draw an empty place: what is absent, and what to do."""
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.markdown(plain(advice))
        if command:
            st.code(command, language="sh")


def trouble(sentence: str) -> None:
    """Draw a warning; the rest of the page stays."""
    st.warning(plain(sentence), icon=":material/warning:")


def age(moment: str) -> str:
    """Return the age of an ISO time, such as `3 h ago`."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "unknown"
    seconds = (datetime.now(UTC) - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"


def table(rows: Sequence[dict[str, Any]], **options: Any) -> None:
    """Draw a sortable table; text from a run is shown as text alone."""
    st.dataframe(rows, hide_index=True, width="stretch", placeholder="–", **options)
