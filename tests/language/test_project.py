import os

import pytest

from runner.errors import UsageError
from runner.language.project import allowed_names, confine, data_roots, find_root


def test_root_is_nearest_folder_with_project_file(tmp_path):
    spec = tmp_path / "outer" / "inner" / "specs" / "a.yaml"
    spec.parent.mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    assert find_root(spec) == (tmp_path / "outer").resolve()
    (tmp_path / "outer" / "inner" / "pyproject.toml").touch()
    assert find_root(spec) == (tmp_path / "outer" / "inner").resolve()


def test_settings_come_from_the_projects_table(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    text = '[tool.run-spec]\nenv = ["A"]\ndata_roots = ["elsewhere"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    assert allowed_names(tmp_path) == {"A"}
    assert data_roots(tmp_path) == (tmp_path, (tmp_path / "elsewhere").resolve())


@pytest.mark.parametrize("text", ["[tool", "[tool.run-spec]\nenv = 3\n", '[tool.run-spec]\nenv = "A"\n', "tool = 3\n"])
def test_malformed_settings_are_an_error_of_use(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        allowed_names(tmp_path)


def test_without_a_project_file_nothing_is_allowed(tmp_path):
    assert allowed_names(tmp_path) == frozenset()
    assert data_roots(tmp_path) == (tmp_path,)


def test_confine_path_outside_roots_is_refused(tmp_path):
    root = (tmp_path / "root").resolve()
    root.mkdir()
    (root / "in.csv").touch()
    (tmp_path / "out.csv").touch()
    (root / "link.csv").symlink_to(tmp_path / "out.csv")
    (root / "loop").symlink_to(root / "loop")
    os.mkfifo(root / "pipe")
    assert confine(root / "in.csv", (root,)) is None
    assert confine(root / "link.csv", (root,)) == "it is outside the project"
    assert confine(root / ".." / "out.csv", (root,)) == "it is outside the project"
    assert confine(root / "pipe", (root,)) == "it is not a regular file"
    assert confine(root / "none", (root,)) == "there is no such file"
    assert confine(root / "loop", (root,)).startswith("it cannot be opened")
    assert confine(root / ("x" * 5000), (root,)).startswith("it cannot be opened")
    assert confine(root / "a\0b", (root,)).startswith("it cannot be opened")
