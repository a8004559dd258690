"""What a page says, and the time that passes for it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

import streamlit as st
from run_worlds import MARKUP, write_mlflow, write_run

FOLDER_MARKUP = "<script> **bold** :red[r]"
"""Markup that a folder can be called."""


def said(app) -> str:
    """Every text on the page."""
    kinds = ("title", "subheader", "markdown", "caption", "warning", "error", "info", "success", "code")
    texts = [element.value for kind in kinds for element in getattr(app, kind)]
    texts += [str(metric.label) + str(metric.value) for metric in app.metric]
    return "\n".join(map(str, texts)).replace("\\", "")


def sound(app) -> bool:
    return not app.exception and not app.error


@contextmanager
def clock(monkeypatch):
    """`later(seconds)`: what is kept for a while is that much older."""
    passed = [0.0]
    monkeypatch.setattr("streamlit.runtime.caching.cache_utils.TTLCACHE_TIMER", lambda: time.monotonic() + passed[0])
    st.cache_resource.clear()
    yield lambda seconds: passed.__setitem__(0, passed[0] + seconds)
    st.cache_resource.clear()


def mark_up(*paths):
    """Markup in place of the description and of the best model's name."""
    for path in paths:
        tree = json.loads(path.read_text())
        tree["description"] = tree["results"][0]["model_name"] = MARKUP
        path.write_text(json.dumps(tree))


def shows_no_markup(app) -> bool:
    """Whether everything that Streamlit takes for Markdown is escaped."""
    texts = [
        element.value for kind in ("markdown", "caption", "warning", "subheader") for element in getattr(app, kind)
    ]
    texts += [text for metric in app.metric for text in (metric.label, metric.value, metric.delta)]
    texts += [option for radio in app.radio for option in radio.options]
    texts += [
        element.label for kind in ("radio", "selectbox", "multiselect", "expander") for element in getattr(app, kind)
    ]
    raw = [element for element in app.markdown if getattr(element.proto, "allow_html", False)]
    return not app.exception and not raw and not any("<script>" in t or "](http" in t or "**bold" in t for t in texts)


def try_spec(app, text, button):
    app.radio(key="spec-part").set_value("Try one").run()
    app.text_area(key="pasted").set_value(text)
    return app.button(key=button).click().run()


def delivered(project, tmp_path_factory, **changes):
    """A finished run of an earlier machine, in MLflow alone."""
    made = write_run(tmp_path_factory.mktemp("theirs"))
    return write_mlflow(project, files=made.path, trials=["good"], **changes)
