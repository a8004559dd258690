"""Finished runs, made in this process."""

from __future__ import annotations

import importlib
import warnings

import pytest
from forecast_worlds import SPEC, World, finish

with warnings.catch_warnings():  # importing mlflow warns of its own type hints
    warnings.simplefilter("ignore")
    importlib.import_module("mlflow.pyfunc")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A finished run of the small spec, with final models of all members. Shared: it is only looked at."""
    return finish(tmp_path_factory.mktemp("world"), SPEC)
