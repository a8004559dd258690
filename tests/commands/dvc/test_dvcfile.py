"""dvc.yaml says what the specs say."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.cli import main
from runner.commands.dvc.stages import generate
from runner.data.dvc_status import dvc_revisions
from runner.errors import DataError
from runner.families.engines.parent_watch import DVC_STAGE
from runner.store.identity import CORE

ROOT = Path(__file__).parents[3]
SPEC = """\
version: 1
name: {name}
data: {{source: {source}, series: [series], time: time, target: y, freq: W-SUN, covariates: {{rest: ignore}}}}
forecast: {{horizon: 8}}
models: {{naive: {{}}, seasonal_naive: {{}}}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "pyproject.toml").touch()
    _write(tmp_path, "made", "{synthetic: {}}")
    return tmp_path


def _write(root: Path, name: str, source: str, head: str = "") -> Path:
    path = root / "specs" / f"{name}.yaml"
    path.write_text(head + SPEC.format(name=name, source=source))
    return path


def _tree(root: Path, *chosen: Path) -> Any:
    text = generate(root, chosen)
    (root / "dvc.yaml").write_text(text)
    return yaml.safe_load(text)


def _items(tree: Any) -> Any:
    return tree["stages"]["run"]["foreach"]


def test_the_committed_pipeline_is_current() -> None:
    assert (ROOT / "dvc.yaml").read_text() == generate(ROOT), "run-spec dvc"


def test_the_code_that_makes_numbers_is_a_dependency_of_every_run() -> None:
    deps = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["run"]["do"]["deps"]
    named = {Path(dep).relative_to("runner").as_posix() for dep in deps if dep.startswith("runner/")}
    assert named == set(CORE)


def test_no_record_of_a_run_is_an_output() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    outs = [out for stage in stages for kind in ("outs", "metrics") for out in stage["do"].get(kind, [])]
    assert not [out for out in outs if out.startswith(("results/runs", "results/cache", "results/looks"))]


def test_a_spec_that_is_left_out_is_told_with_the_reason(root: Path) -> None:
    _write(root, "filed", "{csv: data/a.csv}")
    _write(root, "broken", "{cvs: data/a.csv}")
    told: list[str] = []
    generate(root, tell=told.append)
    assert told == [
        "specs/broken.yaml is left out, as it has mistakes; hint: run-spec lint specs/broken.yaml",
        "specs/filed.yaml is left out, as it reads a file of your own; hint: run-spec dvc specs/filed.yaml",
    ]


def test_in_a_project_without_dvc_the_next_step_is_named(root: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(root)
    assert main(["dvc"]) == 0
    assert "written; `dvc init` makes this a DVC project" in capsys.readouterr().out
    (root / ".dvc").mkdir()
    assert main(["dvc"]) == 0
    assert "is up to date; `dvc repro` runs" in capsys.readouterr().out


def test_a_spec_with_a_file_joins_when_it_is_named_and_stays_while_its_file_is_there(root: Path) -> None:
    path = _write(root, "filed", "{csv: data/a.csv}")
    assert list(_items(_tree(root))) == ["made"]
    with pytest.raises(DataError, match="there is no file"):
        _tree(root, path)
    (root / "data").mkdir()
    (root / "data" / "a.csv").write_text("series,time,y\n")
    assert list(_items(_tree(root))) == ["made"], "a file alone is no wish"
    assert _items(_tree(root, path))["filed"]["part_1"] == "data/a.csv"
    assert list(_items(_tree(root))) == ["filed", "made"]
    (root / "data" / "a.csv").unlink()
    assert list(_items(_tree(root))) == ["made"]


def test_a_file_that_dvc_can_pull_counts_as_there(root: Path) -> None:
    path = _write(root, "filed", "{csv: data/a.csv}")
    (root / "data").mkdir()
    (root / "data" / "a.csv.dvc").write_text("outs:\n- md5: abc\n  path: a.csv\n")
    assert _items(_tree(root, path))["filed"]["part_1"] == "data/a.csv"


def test_what_a_spec_extends_is_a_dependency_of_that_spec_alone(root: Path) -> None:
    (root / "specs" / "_base.yaml").write_text("version: 1\nevaluation: {metric: mae}\n")
    _write(root, "child", "{synthetic: {}}", "extends: [_base.yaml]\n")
    items = _items(_tree(root))
    assert items["child"]["part_1"] == "specs/_base.yaml"
    assert items["made"]["part_1"] == "specs/made.yaml"


def test_a_hidden_file_is_no_spec_of_the_pipeline(root: Path) -> None:
    _write(root, ".pasted-1", "{synthetic: {}}").write_text(SPEC.format(name="pasted", source="{synthetic: {}}"))
    assert list(_items(_tree(root))) == ["made"]


def test_a_spec_with_mistakes_stays_out(root: Path) -> None:
    _write(root, "wrong", "{synthetic: {serie: 3}}")
    assert list(_items(_tree(root))) == ["made"]


def test_the_revision_of_a_file_is_what_dvc_wrote_beside_it_or_into_its_lock(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv.dvc").write_text("outs:\n- md5: aaa\n  path: a.csv\n")
    (tmp_path / "raw.dvc").write_text("outs:\n- md5: bbb.dir\n  path: raw\n")
    (tmp_path / "dvc.lock").write_text("stages:\n  fetch:\n    outs:\n    - path: data/c.csv\n      md5: ccc\n")
    files = ["data/a.csv", "raw/b.csv", "data/c.csv", "data/d.csv"]
    assert dvc_revisions(tmp_path, files) == {"data/a.csv": "aaa", "raw/b.csv": "bbb.dir", "data/c.csv": "ccc"}


CHILD = """
import os, sys, time
from runner.families.engines.parent_watch import follow_dvc
follow_dvc(os.environ)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["exec {}", "{}; true"], ids=["direct", "a shell between"])
@pytest.mark.parametrize("under_dvc", [True, False])
def test_a_stage_dies_with_dvc_and_any_other_command_outlives_its_parent(
    tmp_path: Path, shell: str, under_dvc: bool
) -> None:
    note = tmp_path / "pid"
    (tmp_path / "child.py").write_text(CHILD)
    command = shell.format(f"{sys.executable} {tmp_path / 'child.py'} {note}")
    starter = f"import subprocess; subprocess.run(['/bin/sh', '-c', {command!r}])"
    environ = {k: v for k, v in os.environ.items() if k != DVC_STAGE} | ({DVC_STAGE: "run@x"} if under_dvc else {})
    parent = subprocess.Popen([sys.executable, "-c", starter], env=environ, cwd=ROOT)
    _wait(lambda: note.exists() and note.read_text() != "")
    child = int(note.read_text())
    parent.kill()
    parent.wait()
    try:
        if under_dvc:
            _wait(lambda: not _lives(child))
        else:
            time.sleep(1.5)
            assert _lives(child)
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, 9)


def _wait(reached: Any, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
