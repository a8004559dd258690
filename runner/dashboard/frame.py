"""The frame of every page: navigation, choices, banner, and a net below which no traceback is seen."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from runner.dashboard import state
from runner.dashboard.elements import empty, plain
from runner.dashboard.warm import drawn
from runner.errors import RunSpecError

log = logging.getLogger(__name__)

PAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    "portfolio": ("Portfolio", "dashboard", "runner.dashboard.views.portfolio"),
    "experiment": ("Experiment", "leaderboard", "runner.dashboard.views.experiment"),
    "study": ("Study", "tune", "runner.dashboard.views.study"),
    "forecasts": ("Forecasts", "show_chart", "runner.dashboard.views.forecasts"),
    "compare": ("Compare", "compare_arrows", "runner.dashboard.views.compare"),
    "spec": ("Spec", "description", "runner.dashboard.views.spec"),
}
"""Address -> title, icon, module with `render`."""
_VIEW: Final = "view"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def draw() -> None:
    """Draw the whole app, once."""
    if st.get_option("server.address") not in LOOPBACK:
        st.error("This dashboard shows itself to its own machine only. Start it with --server.address=127.0.0.1.")
        st.stop()
    pages = [
        st.Page(_page(key), title=title, icon=f":material/{icon}:", url_path=key, default=key == "portfolio")
        for key, (title, icon, _) in PAGES.items()
    ]
    st.session_state["pages"] = dict(zip(PAGES, pages, strict=True))
    page = st.navigation(pages)
    waiting = st.empty()
    if not drawn.is_set():
        with waiting.container():
            skeleton(page.title)
    # Drawn here and not by the page, because Streamlit forgets a page's own choices when another is opened.
    guarded(_choose)
    waiting.empty()
    page.run()
    drawn.set()


def skeleton(title: str) -> None:
    """Draw the outline of a page, while its libraries are imported and its results are read."""
    st.title(title, anchor=False)
    st.caption("Reading experiments ...")
    for column in st.columns(3):
        column.container(border=True, height=160)


def render(key: str, view: state.View | None = None) -> None:
    """Draw one page and its missing choices, with errors as sentences."""
    title, _, module = PAGES[key]
    guarded(lambda: _render(title, view or state.sidebar(), importlib.import_module(module).render))


def guarded(act: Callable[[], Any]) -> None:
    """Call it; an error ends in a sentence. Streamlit's own signals are no `Exception` and pass."""
    try:
        act()
    except RunSpecError as error:
        st.error(plain(error), icon=":material/error:")
    except Exception as error:
        log.exception("a page could not be drawn")
        st.error(
            f"This part cannot be shown ({plain(type(error).__name__)}). The server's log says more; "
            "the other pages are not affected.",
            icon=":material/error:",
        )


def link(key: str, label: str, **params: str) -> None:
    """Draw a link straight to a page; nothing outside the app (a test of one page)."""
    page = st.session_state.get("pages", {}).get(key)
    if page is not None:
        st.page_link(page, label=plain(label), query_params=params)


def _page(key: str) -> Callable[[], None]:
    def show() -> None:
        view = st.session_state.get(_VIEW)
        if view is not None:
            render(key, view)

    show.__name__ = key
    return show


def _choose() -> None:
    st.session_state[_VIEW] = None
    st.session_state[_VIEW] = state.sidebar()


def _render(title: str, view: state.View, body: Callable[[state.View], None]) -> None:
    st.title(title, anchor=False)
    if view.name and title != "Portfolio":
        st.caption(plain(view.name))
    state.banner(view)
    if not view.names and title != "Spec":
        empty(
            "Nothing has been run yet",
            "Run a spec in this project, and its results appear here.",
            "run-spec specs/quickstart.yaml",
        )
        return
    body(view)
