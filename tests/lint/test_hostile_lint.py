"""Whatever lies at a path, the linter ends soon, in little memory, with a place and one line."""

from __future__ import annotations

import os
import random
import resource
import runpy
import subprocess
import sys

import pytest
from lint_worlds import ROOT, SOUND, make_project

from runner.lint import lint, render

sys.path.insert(0, str(ROOT / "tests" / "language"))
from test_hostile import CORPUS

CHILD = """
import sys, time
from runner.cli import main
start = time.process_time()
code = main(["lint", sys.argv[1], "--format", "concise"])
seconds = time.process_time() - start
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
sys.stderr.write(f"{code} {seconds:.3f} {int(peak) // 1024}\\n")
"""
"""The kernel's own peak: what `getrusage` says of a child begins with the size of its parent."""
MOST_SECONDS = 1.0
MOST_MEGABYTES = 200


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


def in_a_child(path):
    """(lines printed, exit code) of a lint in a process of its own; asserts the limits."""
    command = [sys.executable, "-c", CHILD, str(path)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, preexec_fn=_limit, timeout=20, check=False)
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    code, seconds, megabytes = err.splitlines()[-1].split()
    assert float(seconds) < MOST_SECONDS
    assert int(megabytes) < MOST_MEGABYTES
    return done.stdout.decode(), int(code)


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_lint_hostile_bytes_stays_within_limits(tmp_path, name):
    make_project(tmp_path)
    (tmp_path / "a.yaml").write_bytes(CORPUS[name])
    output, code = in_a_child(tmp_path / "a.yaml")
    assert code == 1
    assert all(line.startswith(f"{tmp_path}/a.yaml:") for line in output.splitlines())


def make(folder, kind):
    """Something at `folder/odd` that is no file of text."""
    path = folder / "odd"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to("odd")
    elif kind != "absent":
        path.symlink_to({"zero": "/dev/zero", "terminal": "/dev/tty", "null": "/dev/null", "process": "/proc/self/mem",
                         "outside": "/etc/passwd", "dangling": "/no/such/file"}[kind])  # fmt: skip
    return "odd"


KINDS = ("fifo", "folder", "circle", "absent", "zero", "terminal", "null", "process", "outside", "dangling")


@pytest.mark.parametrize("kind", KINDS)
def test_lint_base_outside_project_is_refused(tmp_path, kind):
    make_project(tmp_path)
    (tmp_path / "a.yaml").write_text(f"extends: [{make(tmp_path, kind)}]\n{SOUND}")
    (found,) = lint(tmp_path / "a.yaml", environ={})
    assert (found.code, found.span.line) == ("FS015", 1)
    assert "root:" not in render([found], "text")


@pytest.mark.parametrize("kind", KINDS)
def test_lint_data_outside_project_are_refused(tmp_path, kind):
    from runner.data.checks import check_data

    make_project(tmp_path)
    (tmp_path / "a.yaml").write_text(SOUND.replace("{synthetic: {}}", f"{{csv: {make(tmp_path, kind)}}}"))
    assert lint(tmp_path / "a.yaml", environ={}) == ()
    (found,) = lint(tmp_path / "a.yaml", environ={}, check_data=check_data)
    assert (found.code, found.path) == ("FS111", "data.source.csv")
    assert "\n" not in found.message


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("folder", "absent", "outside")])
def test_lint_spec_that_is_irregular_is_unread(tmp_path, kind):
    make_project(tmp_path)
    output, code = in_a_child(tmp_path / make(tmp_path, kind))
    assert code == 1
    assert "FS015" in output


def test_lint_long_chain_of_bases_reports_one_line(tmp_path):
    make_project(tmp_path)
    for number in range(60):
        (tmp_path / f"b{number}.yaml").write_text(f"extends: [b{number + 1}.yaml]\n")
    (tmp_path / "b60.yaml").write_text(SOUND)
    found = lint(tmp_path / "b0.yaml", environ={})
    assert [one.code for one in found] == ["FS006"]


def test_bases_that_fan_out_are_read_once_each(tmp_path):
    make_project(tmp_path)
    for number in range(15):
        both = f"[b{number + 1}.yaml, b{number + 1}.yaml]" if number < 14 else "[]"
        (tmp_path / f"b{number}.yaml").write_text(f"extends: {both}\n{SOUND}")
    output, code = in_a_child(tmp_path / "b0.yaml")
    assert (output.count("FS016") < 400, code) == (True, 0)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2028"])
def test_lint_bidirectional_marks_are_named_never_shown(tmp_path, mark):
    make_project(tmp_path)
    for text in (f"# a{mark}b\n{SOUND}", SOUND.replace("sound", f"so{mark}und"), f"{SOUND}description: 'x{mark}'\n"):
        (tmp_path / "a.yaml").write_text(text)
        found = lint(tmp_path / "a.yaml", environ={})
        assert {one.code for one in found} == {"FS006"}
        for format in ("text", "concise", "github", "sarif", "json"):
            assert mark not in render(found, format)


@pytest.mark.slow
def test_a_thousand_broken_specs_end_in_diagnostics(tmp_path):
    benchmark = runpy.run_path(str(ROOT / "benchmarks" / "lint.py"))
    make_project(tmp_path)
    chance, path = random.Random(7), tmp_path / "a.yaml"
    texts = [spec.read_text(encoding="utf-8") for spec in benchmark["SPECS"]]
    for _ in range(1000):
        path.write_bytes(benchmark["broken"](chance.choice(texts), chance).encode("utf-8", "surrogatepass"))
        assert render(lint(path, environ={}), "text")
