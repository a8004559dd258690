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
def test_a_full_disk_is_one_sentence_and_code_5(arguments: list[str], unbuffered: str) -> None:
    with FULL.open("wb") as full:
        code, said = ended(*arguments, out=full.fileno(), unbuffered=unbuffered)
    assert code == 5
    assert said == ("run-spec: standard output: cannot be written (no space left on device); finished work is kept\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--help"], ["lint", "--rules"], ["lint", "--help"], ["explain", SPEC]])
def test_a_reader_who_has_gone_hears_nothing_more(arguments: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended(*arguments, out=writing, unbuffered=unbuffered) == (0, "")
    finally:
        os.close(writing)


def test_the_code_of_a_command_that_failed_is_kept_when_nobody_reads(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\n")
    reading, writing = os.pipe()
    os.close(reading)
    assert ended("lint", str(bad), out=writing)[0] == 1
    os.close(writing)


@pytest.mark.parametrize("arguments", [["explain", "nothing.yaml"], ["lint", "--hlep"]])
def test_an_error_that_cannot_be_said_keeps_its_code(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        assert ended(*arguments, err=full.fileno())[0] == 2


def test_what_was_typed_wrong_is_told_without_its_secrets(
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
def test_an_override_that_is_none_is_a_mistake_of_usage(
    command: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, str(ROOT / SPEC), "--set", text])
    assert end.value.code == 2
    assert f"argument --set: `{text}` " in capsys.readouterr().err


def test_an_override_of_a_key_that_is_none_is_the_spec_s_and_says_what_was_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", str(ROOT / SPEC), "--set", "study.bugdet.trials=3"]) == 1
    assert "did you mean `budget`?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "plan", "explain", "forecast", "report"])
def test_a_file_that_is_not_there_is_a_mistake_of_usage(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([command, "specs/quikstart.yaml"]) == 2
    assert "there is no such file; did you mean `specs/quickstart.yaml`?" in capsys.readouterr().err


def test_an_experiment_may_be_named_in_place_of_its_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["explain", "walmart_sales_forecasting", "name"]) == 0
    assert "specs/walmart.yaml" in capsys.readouterr().out
