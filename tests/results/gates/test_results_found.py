"""Results that are there and cannot be read are not results that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import SPEC

from runner.cli import main
from runner.store.folder import Store
from runner.values.records import RunStatus
from runner.values.section import FrozenMap


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the results document belongs."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    file = Store(tmp_path).benchmark_path("small")
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize("command", ["gates", "promote"])
@pytest.mark.parametrize("text", ['{"name": "small", "resul', "", "null", "[" * 100_000])
def test_gates_of_an_invalid_document_names_it(
    command: str, text: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    assert main([command, "small"]) == 5
    assert f"{file}: this is not a results document of this version; hint: " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["gates", "promote"])
def test_gates_without_results_is_one_line(command: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "small"]) == 2
    assert f"there are no results in {file}; hint: run its spec first" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["gates", "promote"])
def test_gates_after_only_set_runs_says_why(command: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    budgets = (FrozenMap({"trials": 1}),)
    folder = Store(file.parents[2]).run("small", "0123456789ab")
    folder.finish(RunStatus(state="finished", budgets=budgets, overrides=("study.sampler.seed=9",)))
    assert main([command, "small"]) == 2
    said = capsys.readouterr().err
    assert "run 0123456789ab was made with --set; hint: run its spec without --set" in said
    assert "run its spec without --set" in said


def test_gates_of_a_folder_checks_its_specs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs").mkdir()
    for name in ("apples", "pears"):
        (tmp_path / "specs" / f"{name}.yaml").write_text(SPEC.replace("name: small", f"name: {name}"))
    monkeypatch.chdir(tmp_path)
    assert main(["gates", "specs"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in said] == ["apples", "pears"]
    (tmp_path / "empty").mkdir()
    assert main(["gates", "empty"]) == 2
    assert "there are no specs (.yaml) in this folder" in capsys.readouterr().err
