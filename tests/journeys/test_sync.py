"""What could not be delivered during a run is delivered by `run-spec sync`: once, and to each server."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from projects import SPEC, Project
from servers import free_port, tracking_server

pytestmark = pytest.mark.slow
SMALL = SPEC.replace("budget: {trials: 4}", "budget: {trials: 2}") + "run: {workers: 1}\ntracking: {register: best}\n"


def _kinds(database: Path) -> Counter[str]:
    """Kind -> how many MLflow runs of it; none may have a key twice, or go on."""
    with closing(sqlite3.connect(database)) as store:
        kinds = Counter(kind for (kind,) in store.execute("select value from tags where key = 'run_spec.kind'"))
        keys = [key for (key,) in store.execute("select value from tags where key = 'run_spec.key'")]
        states = {state for (state,) in store.execute("select status from runs")}
        versions = store.execute("select count(*) from model_versions").fetchone()
    assert len(set(keys)) == len(keys) == kinds.total()
    assert states == {"FINISHED"}
    assert versions == (1,)
    return kinds


def test_what_waits_for_a_server_arrives_once_when_it_is_back_and_at_a_second_one_too(
    new_project: Callable[..., Project], tmp_path: Path
) -> None:
    project, port = new_project(SMALL), free_port()
    there = {"MLFLOW_TRACKING_URI": f"http://user:hunter2@127.0.0.1:{port}"}
    ran = project("small.yaml", **there)
    assert ran.code == 0, "a server that is away fails no run"
    (run,) = project.runs()

    away = project("sync", **there)
    assert away.code == 5
    words = rf"http://127\.0\.0\.1:{port}: .+; ([0-9]+) events pending, `run-spec sync` delivers them\n"
    said = re.fullmatch(words, away.out)
    assert said is not None, away.out
    with tracking_server(tmp_path, port):
        back, again = project("sync", "small", **there), project("sync", **there)
    assert (back.code, again.code) == (0, 0), back.out + back.err
    assert back.out == f"small {run.name}: {said[1]} events delivered\n"
    assert again.out == f"small {run.name}: 0 events delivered\n"
    kinds = _kinds(tmp_path / "server.db")
    assert kinds == {"run": 1, "model": 3, "trial": 2}

    second = project("sync", MLFLOW_TRACKING_URI=f"sqlite:///{tmp_path}/second.db")
    assert second.out == back.out, second.err
    assert _kinds(tmp_path / "second.db") == kinds
    assert "hunter2" not in ran.out + ran.err + away.out + away.err + back.out + back.err
