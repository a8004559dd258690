"""The command as people and machines call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lint_worlds import ROOT, SOUND, make_project

from runner.cli import main

WARNS = SOUND + "evaluation: {compare: {}, test: {windows: 1}}\n"
SLIPS = SOUND + "features: {ids: yes}\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    make_project(tmp_path)
    (tmp_path / "specs" / "_bases").mkdir(parents=True)
    (tmp_path / "specs" / "_bases" / "half.yaml").write_text("forecast: {horizon: 3}\n")
    (tmp_path / "specs" / "a.yaml").write_text(SOUND)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs" / "a.yaml"


def lint(capsys, *arguments):
    code = main(["lint", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize(("text", "arguments", "code"), [
    (SOUND, [], 0), (WARNS, [], 0), (WARNS, ["--strict"], 1), (WARNS, ["--strict", "--ignore", "FS304"], 0),
    (WARNS, ["--strict", "--select", "FS4,FS5"], 0), (SLIPS, [], 1), (SLIPS, ["--select", "FS3"], 1),
])  # fmt: skip
def test_lint_with_error_returns_one(project, capsys, text, arguments, code):
    project.write_text(text)
    assert lint(capsys, "specs", *arguments)[0] == code


@pytest.mark.parametrize("arguments", [
    [], ["none.yaml"], ["no*.yaml"], ["specs", "--select", "FS777"], ["specs", "--ignore", "E501"],
    ["--explain", "FS777"],
])  # fmt: skip
def test_lint_wrong_call_returns_two(project, capsys, arguments):
    code, out, err = lint(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_lint_glob_or_folder_leaves_out_bases(project, capsys):
    for named in ("specs", "specs/*.yaml", "specs/a.yaml", "specs/_bases", "specs/_bases/half.yaml"):
        assert lint(capsys, named)[:2] == (0, "no problems found\n")


def test_fix_through_link_keeps_permissions(project, capsys):
    project.write_text(SLIPS)
    project.chmod(0o640)
    link = project.parent / "b.yaml"
    link.symlink_to("a.yaml")
    assert lint(capsys, link, "--fix")[0] == 0
    assert link.is_symlink()
    assert "ids: true" in project.read_text()
    assert project.stat().st_mode & 0o777 == 0o640


def test_diff_with_fixable_problem_returns_one(project, capsys):
    assert lint(capsys, "specs", "--diff")[:2] == (0, "")
    project.write_text(SLIPS)
    code, out, _ = lint(capsys, "specs", "--diff")
    assert (code, out.splitlines()[-1]) == (1, "+features: {ids: true}")
    assert project.read_text() == SLIPS


def test_json_of_every_shipped_slip_fits_the_schema(project, capsys):
    project.write_text(SLIPS)
    document = json.loads(lint(capsys, "specs", "--format", "json")[1])
    schema = json.loads((ROOT / "schemas" / "diagnostics.v1.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
    assert document["diagnostics"][0]["fix"] == [{"line": 12, "col": 17, "end_line": 12, "end_col": 20, "text": "true"}]


def test_data_are_read_only_when_asked(project, capsys):
    project.write_text(SOUND.replace("target: y", "target: z"))
    assert lint(capsys, "specs")[0] == 0
    code, out, _ = lint(capsys, "specs", "--data")
    assert code == 1
    assert "error[FS101] data.target:" in out


def test_a_secret_is_found_and_never_shown(project, capsys):
    project.write_text(SOUND + "# https://me:hunter2@host/\ntracking: {tags: {token: hunter2}}\n")
    for format in ("text", "concise", "json", "github", "sarif"):
        code, out, _ = lint(capsys, "specs", "--format", format)
        assert code == 1
        assert "FS601" in out
        assert "hunter2" not in out


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_only_on_terminal_and_unless_disabled(project, environ, coloured):
    project.write_text(SLIPS)
    code = "import pty, sys; sys.exit(pty.spawn([sys.executable, '-m', 'runner', 'lint', 'specs']) >> 8)"
    environ = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environ, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert (b"\x1b[1;31m" in done.stdout) == coloured
    piped = subprocess.run([sys.executable, "-m", "runner", "lint", "specs"], capture_output=True, env=environ)
    assert b"\x1b" not in piped.stdout


def test_the_hooks_name_a_command_that_exists():
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert hooks.count("entry: lint-spec") == 2
    assert 'lint-spec = "runner.cli:main_lint"' in (ROOT / "pyproject.toml").read_text()
    assert Path(ROOT / "docs" / "ci" / "github-lint.yaml").is_file()


def test_lint_secret_in_base_is_reported_there(project, capsys):
    (project.parent / "_bases" / "half.yaml").write_text("# AKIAABCDEFGHIJKLMNOP\nforecast: {gap: 1}\n")
    project.write_text(f"extends: [_bases/half.yaml]\n{SOUND}")
    code, out, _ = lint(capsys, "specs", "--format", "concise")
    assert code == 1
    assert "specs/_bases/half.yaml:1:3: FS601 this looks like an access key of AWS" in out
    assert "AKIAABC" not in out
