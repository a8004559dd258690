"""A run of one clone comes out again in another one, which has its spec and data and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from projects import SPEC, Project
from servers import free_port, tracking_server

pytestmark = pytest.mark.slow
OF_A_FILE = SPEC.replace("{synthetic: {series: 3, steps: 60, season: 12}}", "{csv: data/history.csv}")
SMALL = OF_A_FILE.replace("budget: {trials: 4}", "budget: {trials: 2}") + "run: {workers: 1}\n"


def _write_data(project: Project) -> None:
    rows = ["series,time,y,promo,kind"]
    for series in range(3):
        for month in range(60):
            y = (10 + 20 * series) * (1 + 0.3 * (month * 7 % 12) / 12) + month * 13 % 7 / 10
            time = f"{2015 + month // 12}-{month % 12 + 1:02d}-01"
            rows.append(f"s{series},{time},{y!r},{month % 5 == 0:d},k{series % 2}")
    (project.root / "data").mkdir()
    (project.root / "data" / "history.csv").write_text("\n".join(rows) + "\n")


def test_a_run_of_another_clone_comes_out_again_from_the_server_alone(
    new_project: Callable[..., Project], tmp_path: Path
) -> None:
    first, port = new_project(SMALL), free_port()
    _write_data(first)
    second = Project(shutil.copytree(first.root, tmp_path / "somewhere" / "else" / "another clone"))
    server = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    with tracking_server(tmp_path, port):
        ran = first("small.yaml", **server)
        assert ran.code == 0, ran.err
        (run,) = first.runs()
        shutil.rmtree(first.root)
        with closing(sqlite3.connect(tmp_path / "server.db")) as store:
            ((theirs,),) = store.execute("select run_uuid from tags where key = 'run_spec.kind' and value = 'run'")
        checked = [second("reproduce", one, "--check", **server) for one in (run.name, "small", theirs)]
        again = second("reproduce", theirs, "--quiet", **server)
        none = second("reproduce", "0" * 32, **server)
    for done in checked:
        assert done.code == 0, done.out + done.err
        assert f"original   run {run.name} of small, from http://127.0.0.1:{port}" in done.out
        assert "unchanged  code, data, libraries and Python" in done.out
    assert again.code == 0, again.out + again.err
    assert "identical  2 trials and 3 models" in again.out
    assert (none.code, "there is no run of this id or name" in none.err) == (2, True)
    assert sorted(path.name for path in second.root.iterdir()) == ["data", "pyproject.toml", "small.yaml"]
