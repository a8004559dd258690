"""`run-spec explain` and `run-spec diff` at the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import main

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "numpy", "mlflow", "optuna", "lightgbm", "catboost", "pyarrow")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the smallest spec, in a project of its own."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.yaml").write_text((ROOT / "specs" / "quickstart.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a.yaml"


@pytest.mark.parametrize(
    "arguments", [("explain", "specs/walmart.yaml"), ("diff", "specs/walmart.yaml", "specs/walmart_stores.yaml")]
)
def test_explain_and_diff_import_no_heavy_library(arguments: tuple[str, ...]) -> None:
    code = (
        "import sys; from runner.cli import main; code = main(sys.argv[1:]); "
        f"sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_explain_aligns_values_and_origins(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a.yaml", "study.budget", "--set", "study.budget.trials=9"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "study.budget.trials    9     --set study.budget.trials",
        "study.budget.time      null  default",
        "study.budget.failures  20%   default",
        "  How much is tried; not part of the identity, so it can grow.",
    ]


def test_explain_of_an_unknown_path_returns_2(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a.yaml", "study.bugdet"]) == 2
    assert "did you mean `study.budget`?" in capsys.readouterr().err


def test_explain_with_json_prints_a_document(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a.yaml", "forecast.horizon", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["description"] == "Steps forecast."
    (value,) = told["values"]
    assert (value["value"], value["origin"], value["file"], value["line"]) == (8, "file", "a.yaml", 16)


def test_diff_returns_1_with_exit_code_only(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.yaml").write_text(spec.read_text().replace("trials: 4", "trials: 6"))
    assert main(["diff", "a.yaml", "b.yaml"]) == 0
    assert main(["diff", "a.yaml", "b.yaml", "--exit-code"]) == 1
    assert main(["diff", "a.yaml", "a.yaml", "--exit-code"]) == 0
    assert "study lightgbm  continues: 2 more trials, 6 in all" in capsys.readouterr().out


def test_diff_with_data_shows_the_run_ids(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.yaml").write_text(spec.read_text().replace("lags: [1, 2, 4]", "lags: [1, 2]"))
    assert main(["diff", "a.yaml", "b.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    ids = [told[side]["run_id"] for side in ("before", "after")]
    assert len(set(ids)) == 2
    assert main(["plan", "b.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run_id"] == ids[1]


def test_diff_of_a_wrong_spec_shows_the_place(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.yaml").write_text(spec.read_text().replace("horizon: 8", "horizn: 8"))
    assert main(["diff", "a.yaml", "b.yaml"]) == 1
    assert "b.yaml:16:12" in capsys.readouterr().err
