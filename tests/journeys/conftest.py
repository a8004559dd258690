"""Projects of a user's journey: a new one, and one whose spec has been run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import SPEC, Project


@pytest.fixture
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    def make(text: str = SPEC) -> Project:
        project = Project(tmp_path_factory.mktemp("project"))
        (project.root / "pyproject.toml").write_text("")
        project.spec.write_text(text)
        return project

    return make


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose spec has been run once. Shared: what changes it belongs into a project of its own."""
    project = Project(tmp_path_factory.mktemp("finished"))
    (project.root / "pyproject.toml").write_text("")
    project.spec.write_text(SPEC)
    done = project("small.yaml")
    assert done.code == 0, done.err
    return project
