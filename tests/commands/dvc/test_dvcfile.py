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


def test_committed_pipeline_is_up_to_date() -> None:
    assert (ROOT / "dvc.yaml").read_text() == generate(ROOT), "run-spec dvc"


def test_pipeline_runs_depend_on_numeric_code() -> None:
    deps = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["run"]["do"]["deps"]
    named = {Path(dep).relative_to("runner").as_posix() for dep in deps if dep.startswith("runner/")}
    assert named == set(CORE)


def test_pipeline_outputs_include_no_record() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    outs = [out for stage in stages for kind in ("outs", "metrics") for out in stage["do"].get(kind, [])]
    assert not [out for out in outs if out.startswith(("results/runs", "results/cache", "results/looks"))]


def test_generate_names_the_specs_left_out(root: Path) -> None:
    _write(root, "filed", "{csv: data/a.csv}")
    _write(root, "broken", "{cvs: data/a.csv}")
    told: list[str] = []
    generate(root, tell=told.append)
    assert told == [
        "specs/broken.yaml is left out, as it has mistakes; hint: run-spec lint specs/broken.yaml",
        "specs/filed.yaml is left out, as it reads a file of your own; hint: run-spec dvc specs/filed.yaml",
    ]


def test_dvc_command_without_dvc_suggests_init(root: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(root)
    assert main(["dvc"]) == 0
    assert "written; `dvc init` makes this a DVC project" in capsys.readouterr().out
    (root / ".dvc").mkdir()
    assert main(["dvc"]) == 0
    assert "is up to date; `dvc repro` runs" in capsys.readouterr().out


def test_generate_keeps_a_chosen_spec(root: Path) -> None:
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


def test_generate_accepts_a_file_tracked_by_dvc(root: Path) -> None:
    path = _write(root, "filed", "{csv: data/a.csv}")
    (root / "data").mkdir()
    (root / "data" / "a.csv.dvc").write_text("outs:\n- md5: abc\n  path: a.csv\n")
    assert _items(_tree(root, path))["filed"]["part_1"] == "data/a.csv"


def test_bases_are_dependencies_of_their_spec_only(root: Path) -> None:
    (root / "specs" / "_base.yaml").write_text("version: 1\nevaluation: {metric: mae}\n")
    _write(root, "child", "{synthetic: {}}", "extends: [_base.yaml]\n")
    items = _items(_tree(root))
    assert items["child"]["part_1"] == "specs/_base.yaml"
    assert items["made"]["part_1"] == "specs/made.yaml"


def test_generate_ignores_hidden_files(root: Path) -> None:
    _write(root, ".pasted-1", "{synthetic: {}}").write_text(SPEC.format(name="pasted", source="{synthetic: {}}"))
    assert list(_items(_tree(root))) == ["made"]


def test_generate_leaves_out_a_wrong_spec(root: Path) -> None:
    _write(root, "wrong", "{synthetic: {serie: 3}}")
    assert list(_items(_tree(root))) == ["made"]


def test_dvc_revisions_come_from_dvc_files(tmp_path: Path) -> None:
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
def test_only_stages_of_dvc_die_with_it(tmp_path: Path, shell: str, under_dvc: bool) -> None:
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
