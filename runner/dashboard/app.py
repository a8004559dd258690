"""The dashboard. `run-spec dashboard`, or `streamlit run runner/dashboard/app.py` in a project's folder."""

from __future__ import annotations

import streamlit as st

from runner.dashboard.frame import draw

st.set_page_config(page_title="run-spec", page_icon=":material/monitoring:", layout="wide")
draw()
