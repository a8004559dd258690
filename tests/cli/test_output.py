"""Where the output goes wrong, the command says so in a sentence, or says nothing to a reader who has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import main

ROOT = Path(__file__).parents[2]
SPEC = "specs/quickstart.yaml"
FULL = Path("/dev/full")


def ended(*arguments: str, out: int | None = None, err: int = subprocess.PIPE, unbuffered: str = "") -> tuple[int, str]:
    """Exit code, and what was said on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "runner", *arguments],
        stdout=out,
        stderr=err,
        cwd=ROOT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--version"], ["lint", "--rules"], ["explain", SPEC]])
def test_echo_on_a_full_disk_returns_5(arguments: list[str], unbuffered: str) -> None:
    with FULL.open("wb") as full:
        code, said = ended(*arguments, out=full.fileno(), unbuffered=unbuffered)
    assert code == 5
    assert said == ("run-spec: standard output: cannot be written (no space left on device); finished work is kept\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--help"], ["lint", "--rules"], ["lint", "--help"], ["explain", SPEC]])
def test_echo_to_a_closed_pipe_is_silent(arguments: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended(*arguments, out=writing, unbuffered=unbuffered) == (0, "")
    finally:
        os.close(writing)


def test_failed_command_keeps_its_code_without_reader(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\n")
    reading, writing = os.pipe()
    os.close(reading)
    assert ended("lint", str(bad), out=writing)[0] == 1
    os.close(writing)


@pytest.mark.parametrize("arguments", [["explain", "nothing.yaml"], ["lint", "--hlep"]])
def test_report_error_without_stderr_keeps_the_code(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        assert ended(*arguments, err=full.fileno())[0] == 2


def test_usage_error_is_shown_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2hunter2")
    with pytest.raises(SystemExit) as end:
        main(["lint", "--hlep", "--x=hunter2hunter2"])
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    assert said.err.startswith("usage: run-spec lint ")
    assert "run-spec lint: error: unrecognized arguments: --hlep" in said.err
    assert "hunter2" not in said.err


@pytest.mark.parametrize("text", ["foo", "=3", "a..b=3", "extends=x"])
@pytest.mark.parametrize("command", ["run", "plan", "explain", "forecast"])
def test_set_with_a_malformed_override_returns_2(command: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, str(ROOT / SPEC), "--set", text])
    assert end.value.code == 2
    assert f"argument --set: `{text}` " in capsys.readouterr().err


def test_set_of_an_unknown_key_suggests_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", str(ROOT / SPEC), "--set", "study.bugdet.trials=3"]) == 1
    assert "did you mean `budget`?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "plan", "explain", "forecast", "report"])
def test_command_on_an_absent_file_returns_2(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([command, "specs/quikstart.yaml"]) == 2
    assert "there is no such file; did you mean `specs/quickstart.yaml`?" in capsys.readouterr().err


def test_command_accepts_the_name_of_an_experiment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["explain", "walmart_sales_forecasting", "name"]) == 0
    assert "specs/walmart.yaml" in capsys.readouterr().out
