"""Finished runs, made in this process, and the warnings of other people's libraries."""

from __future__ import annotations

import importlib
import warnings

import pytest
from forecast_worlds import SPEC, World, finish

with warnings.catch_warnings():  # importing mlflow warns of its own type hints
    warnings.simplefilter("ignore")
    importlib.import_module("mlflow.pyfunc")

# mlflow and what it imports warn of their own affairs; ours stay errors.
FOREIGN_WARNINGS = (
    "ignore::DeprecationWarning:mlflow.*",
    "ignore::DeprecationWarning:google.*",
    "ignore::FutureWarning:mlflow.*",
    "ignore::pydantic.warnings.PydanticDeprecatedSince20",
    "ignore:unclosed database:ResourceWarning",
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/forecast/" in item.path.as_posix():
            for warning in FOREIGN_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A finished run of the small spec, with final models of all members. Shared: it is only looked at."""
    return finish(tmp_path_factory.mktemp("world"), SPEC)
