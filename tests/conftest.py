"""Every test begins in the environment that `pytest` was given, and without a tracking server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # before a test imports mlflow


@pytest.fixture(scope="session", autouse=True)
def no_tracking_server_of_the_machine() -> None:
    """A server that the developer works with would get the runs of the tests."""
    for name in [name for name in os.environ if name.startswith(("MLFLOW_TRACKING_", "MLFLOW_REGISTRY_"))]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def environment_is_given_back() -> Iterator[None]:
    """MLflow writes its address into the environment, from where the processes of later tests would take it."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)
