"""One page of the dashboard over a project, without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that the dashboard looks at; no tracking server."""
    monkeypatch.setenv("RUN_SPEC_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("RUN_SPEC_EXPERIMENT", raising=False)
    (tmp_path / "pyproject.toml").write_text("")
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def open_page(project: Path) -> Open:
    """`open_page("study", run="...")`: the page as it stands after its first run."""

    def page(key: str) -> None:
        from runner.dashboard.frame import render

        render(key)

    def open_it(key: str, **params: str) -> AppTest:
        app = AppTest.from_function(page, kwargs={"key": key}, default_timeout=30)
        for name, value in params.items():
            app.query_params[name] = value
        return app.run()

    return open_it


@pytest.fixture(autouse=True)
def main_module_is_given_back() -> Iterator[None]:
    """Streamlit's AppTest puts its page in the place of `__main__`, which a worker spawned later would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
