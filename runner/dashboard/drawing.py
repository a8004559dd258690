"""Pictures on a page. Imports Altair, so only pages with pictures do."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from runner.dashboard.elements import ground, plain
from runner.report.picture import Picture, browser_spec


def show(picture: Picture | None, *, key: str = "") -> None:
    """Show a picture under its title, with how to read it below."""
    if picture is None:
        return
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(picture.title)}**")
        st.vega_lite_chart(
            browser_spec(picture, ground()), theme=None, width="stretch", key=f"chart-{key}{picture.key}"
        )
        if picture.note:
            st.caption(plain(picture.note))


def show_all(pictures: Iterable[Picture | None], *, key: str = "") -> None:
    """Show pictures in two columns, which a narrow screen stacks; one alone has the whole width."""
    shown = [picture for picture in pictures if picture is not None]
    if len(shown) == 1:
        show(shown[0], key=key)
        return
    for start in range(0, len(shown), 2):
        for column, picture in zip(st.columns(2), shown[start : start + 2], strict=False):
            with column:
                show(picture, key=key)
