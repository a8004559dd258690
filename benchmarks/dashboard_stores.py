"""Stores with thousands of runs, made in seconds: copies of one small finished run of each experiment."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "dashboard"))

from run_worlds import document, write_run

DELIVER = """
import sys
from pathlib import Path
from runner.store.folder import Store
from runner.track.delivery import prepare_delivery, deliver
store = Store(Path(sys.argv[1]))
delivery = deliver(prepare_delivery(store.run(sys.argv[2], sys.argv[3]), store))
assert not delivery.pending, delivery.message
"""
TABLES = ("tags", "params", "latest_metrics", "metrics")
"""Tables of MLflow's store that say something of a run."""


def fill_files(root: Path, runs: int, experiments: int) -> None:
    """A results folder with so many runs of so many experiments."""
    (root / "pyproject.toml").write_text("")
    for number in range(experiments):
        write_run(root, _name(number), f"{number:012x}")
    for number in range(experiments, runs):
        name = _name(number % experiments)
        folder = root / "results" / "runs" / name / f"{number:012x}"
        folder.mkdir(parents=True)
        found = document(name, folder.name).model_dump(mode="json")
        (folder / "benchmark.json").write_text(json.dumps(found))
        first = root / "results" / "runs" / name / f"{number % experiments:012x}"
        for part in ("status.json", "spec.yaml", "spec.resolved.json"):
            os.link(first / part, folder / part)


def fill_mlflow(root: Path, runs: int, experiments: int) -> int:
    """A local MLflow store with so many parent runs, each with its models and trials; the number of all runs.

    One run is delivered as every run is; its rows are copied under other ids, times and experiments.
    """
    (root / "pyproject.toml").write_text("")
    write_run(root, _name(0), f"{0:012x}")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    subprocess.run([sys.executable, "-c", DELIVER, str(root), _name(0), f"{0:012x}"], env=environ, check=True)
    with closing(sqlite3.connect(root / "mlruns" / "mlflow.db")) as store, store:
        store.execute("PRAGMA synchronous=OFF")
        (first,) = store.execute("SELECT experiment_id FROM experiments WHERE name = ?", (_name(0),)).fetchone()
        for number in range(1, experiments):
            _copy_experiment(store, root, first, number)
        family = [row[0] for row in store.execute("SELECT run_uuid FROM runs WHERE experiment_id = ?", (first,))]
        for number in range(1, runs):
            _copy_family(store, family, number, first + number % experiments)
        (total,) = store.execute("SELECT count(*) FROM runs").fetchone()
    shutil.rmtree(root / "results")  # so that nothing can come from the files
    return int(total)


def _copy_experiment(store: sqlite3.Connection, root: Path, first: int, number: int) -> None:
    """Another experiment, and the artefacts of its runs under its own name."""
    columns = "artifact_location, lifecycle_stage, creation_time, last_update_time"
    values = f"SELECT ?, ?, {columns} FROM experiments WHERE experiment_id = ?"
    store.execute(
        f"INSERT INTO experiments (experiment_id, name, {columns}) {values}", (first + number, _name(number), first)
    )
    folder = root / "mlruns" / "artifacts" / _name(number)
    folder.mkdir()
    (folder / "benchmark.json").write_text(json.dumps(document(_name(number)).model_dump(mode="json")))


def _copy_family(store: sqlite3.Connection, family: list[str], number: int, experiment: int) -> None:
    """The rows of a parent run, its models and trials, a minute later each."""
    new = {old: f"{number:08x}{old[8:]}" for old in family}
    run_id, shift = f"{number:012x}", number * 60_000
    (name,) = store.execute("SELECT name FROM experiments WHERE experiment_id = ?", (experiment,)).fetchone()
    for old, copy in new.items():
        store.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " SELECT ?, name, source_type, source_name, entry_point_name, user_id, status, start_time + ?,"
            " end_time + ?, source_version, lifecycle_stage, CASE WHEN ? THEN artifact_uri ELSE ? END, ?"
            " FROM runs WHERE run_uuid = ?",
            (copy, shift, shift, name == _name(0), _artefacts(store, name), experiment, old),
        )
        for table, columns in _columns(store):
            store.execute(
                f"INSERT INTO {table} (run_uuid, {columns}) SELECT ?, {columns} FROM {table} WHERE run_uuid = ?",
                (copy, old),
            )
        store.execute("UPDATE tags SET value = ? WHERE run_uuid = ? AND key = 'run_spec.run_id'", (run_id, copy))
        store.execute(
            "UPDATE tags SET value = replace(value, ?, ?) WHERE run_uuid = ? AND key = 'run_spec.key'",
            (f"{0:012x}", run_id, copy),
        )
    for copy in new.values():
        rows = store.execute("SELECT value FROM tags WHERE run_uuid = ? AND key = 'mlflow.parentRunId'", (copy,))
        for (parent,) in rows.fetchall():
            store.execute(
                "UPDATE tags SET value = ? WHERE run_uuid = ? AND key = 'mlflow.parentRunId'", (new[parent], copy)
            )


def _columns(store: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for table in TABLES:
        found = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
        yield table, ", ".join(column for column in found if column != "run_uuid")


def _artefacts(store: sqlite3.Connection, name: str) -> str:
    """The folder in which the copies of an experiment find their documents."""
    (there,) = store.execute("SELECT artifact_location FROM experiments WHERE name = ?", (_name(0),)).fetchone()
    return f"{there.removesuffix(_name(0))}{name}"


def _name(number: int) -> str:
    return f"experiment-{number:04}"
