"""The door is light, mistakes end in sentences, and the exit code says whose fault it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import COMMANDS, combine_exit_codes, main, overview

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "numpy", "mlflow", "optuna", "lightgbm", "catboost", "altair", "vl_convert", "jinja2", "sklearn")


def loaded(*arguments: str) -> set[str]:
    """Heavy libraries that a command has imported."""
    code = (
        "import sys; from runner.cli import main; main(sys.argv[1:]); "
        f"sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("lint", "specs/walmart.yaml"), ("lint", "--help"), ("schema",)]
)
def test_light_command_imports_no_heavy_library(arguments: tuple[str, ...]) -> None:
    assert loaded(*arguments) == set()


def test_overview_lists_every_command() -> None:
    assert all(f"  {name} " in overview() for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_exists_for_every_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"usage: run-spec {name}" in capsys.readouterr().out


def test_main_without_arguments_returns_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: run-spec" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 3], 3), ([3, 1], 1), ([1, 5], 5), ([5, 75], 75), ([75, 130], 130), ([], 0)]
)
def test_combine_exit_codes_returns_the_worst(codes: list[int], code: int) -> None:
    assert combine_exit_codes(codes) == code


def test_lint_of_a_wrong_spec_shows_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text((ROOT / "specs" / "quickstart.yaml").read_text().replace("horizon: 8", "horizn: 8"))
    assert main(["run", str(spec)]) == 1
    said = capsys.readouterr().err
    assert f"{spec}:16:12" in said
    assert "horizon" in said
    assert "Traceback" not in said


def test_run_of_an_absent_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "s.yaml"
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    at = text.index("{synthetic")
    spec.write_text(text[:at] + "{csv: nowhere.csv}" + text[text.index("}}", at) + 2 :])
    assert main(["run", str(spec)]) == 1
    assert 'data.source.csv: there is no file "nowhere.csv"' in capsys.readouterr().err


def test_plan_shows_dates_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "quickstart.yaml"
    spec.write_text((ROOT / "specs" / "quickstart.yaml").read_text())
    assert main(["plan", str(spec)]) == 0
    assert "test-2    known until 2017-10-29, 8 steps, 48 cells count" in capsys.readouterr().out
    assert main(["plan", str(spec), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][2]["trials"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["quickstart.yaml"]


def test_committed_schemas_are_current(tmp_path: Path) -> None:
    assert main(["schema", str(tmp_path)]) == 0
    for made in tmp_path.iterdir():
        assert made.read_text() == (ROOT / "schemas" / made.name).read_text(), f"{made.name}: run `make schema`"
