"""The dashboard. `run-spec dashboard`, or `streamlit run runner/dashboard/app.py` in a project's folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import streamlit as st

if importlib.util.find_spec("runner") is None:  # `streamlit run` in a clone that was not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runner.dashboard.frame import draw
from runner.dashboard.warm import warm_up

st.set_page_config(page_title="run-spec", page_icon=":material/monitoring:", layout="wide")
warm_up()
draw()
