"""Charts on a page. Imports Plotly, so only pages with charts do."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from runner.dashboard.elements import plain, theme
from runner.report.chart import Chart
from runner.report.figures import figure


def show(chart: Chart | None, *, heading: bool = True, key: str = "") -> None:
    """A chart under its title, with how to read it below."""
    if chart is None or not chart.marks:
        return
    with st.container(border=True, height="stretch"):
        if heading:
            st.markdown(f"**{plain(chart.title)}**")
        st.plotly_chart(
            figure(chart, theme()), theme=None, key=f"chart-{key}{chart.key}", config={"displayModeBar": False}
        )
        if chart.note:
            st.caption(plain(chart.note))


def show_all(charts: Iterable[Chart | None], *, key: str = "") -> None:
    """Charts in two columns, which a narrow screen stacks; one alone has the whole width."""
    found = [chart for chart in charts if chart is not None and chart.marks]
    if len(found) == 1:
        show(found[0], key=key)
        return
    for start in range(0, len(found), 2):
        for column, chart in zip(st.columns(2), found[start : start + 2], strict=False):
            with column:
                show(chart, key=key)
