"""The session of docs/dvc.md with the real DVC, and what happens when DVC is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SPEC = """\
version: 1
name: {name}
data:
  source: {{synthetic: {{series: 3, steps: 60, season: 12}}}}
  series: [series]
  time: time
  target: y
  freq: W-SUN
  covariates: {{rest: ignore}}
forecast: {{horizon: 8, season: 12}}
evaluation: {{tuning: {{windows: 1}}, test: {{windows: 1}}, baseline: naive}}
models: {models}
run: {{workers: 1}}
"""
NAIVE = "{naive: {}, seasonal_naive: {}}"
LONG = "{naive: {}, lightgbm: {space: {learning_rate: {float: [0.01, 0.3]}}}}\nstudy: {budget: {trials: 400}}"


def _environ() -> dict[str, str]:
    tools = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SHELL": "/bin/sh",
        "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org",
        "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.org",
    }  # fmt: skip


def _do(folder: Path, command: str, code: int | None = 0) -> str:
    done = subprocess.run(
        command, shell=True, cwd=folder, env=_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=300,
    )  # fmt: skip
    assert code is None or done.returncode == code, f"{command}\n{done.stdout}"
    return done.stdout


def _project(folder: Path, **models: str) -> Path:
    root = folder / "first"
    (root / "specs").mkdir(parents=True)
    for name, text in models.items():
        (root / "specs" / f"{name}.yaml").write_text(SPEC.format(name=name, models=text))
    (root / "pyproject.toml").touch()
    (root / ".gitignore").write_text("results/\nmlruns/\ndvc_plots/\n")
    _do(root, "git init --quiet && dvc init --quiet")
    for name in (".dvc/config", ".dvcignore"):
        (root / name).write_text((ROOT / name).read_text())
    _do(root, "run-spec dvc && git add . && git commit --quiet --message begin")
    return root


def _session() -> list[tuple[str, list[str]]]:
    """(command, lines that its output must hold) of the page."""
    (block,) = re.findall(r"## A session\n.*?```console\n(.*?)```", (ROOT / "docs" / "dvc.md").read_text(), re.DOTALL)
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(lines[0], lines[1:]) for lines in (part.splitlines() for part in parts)]


def test_dvc_session_of_the_docs_works(tmp_path: Path) -> None:
    place = _project(tmp_path, quickstart=NAIVE, walmart_sales_forecasting=NAIVE)
    for command, expected in _session():
        if command.startswith("cd "):
            place = (place / command.removeprefix("cd ")).resolve()
            continue
        begun = time.monotonic()
        out = _do(place, command)
        for line in expected:
            assert line in out, f"{command}\n{out}"
        if "up to date" in out:
            assert "Running stage" not in out
            assert time.monotonic() - begun < 30
    assert (place / "results" / "published" / "quickstart" / "plots" / "scores.csv").exists()
    assert not (place / "results" / "runs").exists()


def test_dvc_repro_restores_deleted_outputs_without_fit(tmp_path: Path) -> None:
    place = _project(tmp_path, only=NAIVE)
    _do(place, "dvc repro")
    records = {path: path.stat().st_mtime_ns for path in (place / "results" / "runs").rglob("*.parquet")}
    before = (place / "results" / "benchmarks" / "only.json").read_bytes()
    _do(place, "dvc repro --force run@only")
    assert (place / "results" / "benchmarks" / "only.json").read_bytes() == before
    assert records
    assert {path: path.stat().st_mtime_ns for path in (place / "results" / "runs").rglob("*.parquet")} == records


def test_killed_dvc_repro_leaves_no_orphan(tmp_path: Path) -> None:
    place = _project(tmp_path, only=LONG)
    repro = subprocess.Popen(
        ["dvc", "repro", "--quiet"], cwd=place, env=_environ(), stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        pid = _wait_for_a_trial(place)
        repro.kill()
        repro.wait()
        until = time.monotonic() + 10
        while _lives(pid):
            assert time.monotonic() < until, "the stage outlives its dvc"
            time.sleep(0.05)
        _wait_until_still(place)
    finally:
        os.killpg(repro.pid, signal.SIGKILL) if _group_lives(repro.pid) else None
    kept = len(_trials(place))
    spec = place / "specs" / "only.yaml"
    spec.write_text(spec.read_text().replace("trials: 400", f"trials: {kept + 8}"))
    _do(place, "dvc repro")
    document = json.loads((place / "results" / "benchmarks" / "only.json").read_text())
    assert next(iter((place / "results" / "runs" / "only").iterdir())).name == document["run_id"]
    rows = {row["model_name"]: row for row in document["results"]}
    assert sum(rows["lightgbm"]["trials"].values()) == kept + 8


def _trials(place: Path) -> list[Path]:
    return [path for path in (place / "results" / "runs").rglob("*.json") if "trial" in str(path)]


def _wait_for_a_trial(place: Path) -> int:
    """The process of the run, once a trial is recorded."""
    until = time.monotonic() + 120
    while not _trials(place):
        assert time.monotonic() < until
        time.sleep(0.05)
    (holder,) = (place / "results" / "locks").glob("*.owner")
    return int(json.loads(holder.read_text())["pid"])


def _wait_until_still(place: Path) -> None:
    """Workers follow their parent within two seconds; from then on nothing is written."""
    time.sleep(2.5)
    before = {path: path.stat().st_mtime_ns for path in (place / "results").rglob("*") if path.is_file()}
    time.sleep(2)
    after = {path: path.stat().st_mtime_ns for path in (place / "results").rglob("*") if path.is_file()}
    assert after == before


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
