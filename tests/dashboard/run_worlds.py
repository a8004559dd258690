"""A project whose runs were written and not run: six series, two models, a failed one, a study with every ending."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from mlflow import MlflowClient

from runner.language.parse import parse
from runner.results.document import BenchmarkDocument, WindowRow, benchmark_document
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.track.client import open_client
from runner.track.destination import destination
from runner.values.records import (
    Comparison,
    CurvePoint,
    ModelResult,
    RunStatus,
    Scoreboard,
    TrialRecord,
    WindowScore,
)

MARKUP = "<script>alert(1)</script> **bold** [x](http://e.x) $a$ :red[r] `c` | ~~s~~"
"""What a name or a reason may hold at the worst."""
SPEC = """\
version: 1
name: {name}
data:
  source: {{synthetic: {{series: 6, steps: 60, season: 12}}}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {{known: [promo], static: [kind]}}
forecast: {{horizon: 4, season: 12}}
evaluation: {{metric: wape, tuning: {{windows: 1}}, test: {{windows: 2}}, baseline: seasonal_naive}}
models: {{seasonal_naive: {{}}}}
"""
LABELS = tuple(f"s{number}" for number in range(6))
WINDOWS = ("tuning-1", "test-1", "test-2")
HORIZON = 4


def document(name: str = "shop", run_id: str = "0123456789ab", **changes: Any) -> BenchmarkDocument:
    """`good` beats the baseline by half; `broken` failed with markup in its reason."""
    return benchmark_document(
        board(),
        **{
            "timestamp": "2026-01-02T03:04:05+00:00",
            "name": name,
            "description": "Six made-up series.",
            "run_id": run_id,
            "dataset": "synthetic",
            "n_series": 6,
            "windows": tuple(
                WindowRow(
                    name=w, first_cutoff=f"2024-0{i + 1}-01", last_cutoff=f"2024-0{i + 1}-01", horizon=4, n_cells=24
                )
                for i, w in enumerate(WINDOWS)
            ),
            **changes,
        },
    )


def board() -> Scoreboard:
    rows = (_result("good", 0.1, 0.5), _result("seasonal_naive", 0.2, 0.0))
    failed = ModelResult(model="broken", kind="lightgbm", status="failed", reason=MARKUP, trials={"fail": 2})
    compared = Comparison(model="seasonal_naive", against="good", statistic=3.0, p_value=0.01, significant=True)
    return Scoreboard(
        metric="wape",
        direction="lower",
        baseline="seasonal_naive",
        results=(*rows, failed),
        comparisons=(compared,),
        test_looks=2,
    )


def trials() -> tuple[TrialRecord, ...]:
    """Six complete ones, a pruned and a failed one."""
    found = [_trial(number, 0.3 - 0.02 * number) for number in range(6)]
    pruned = _trial(6, None).model_copy(update={"state": "pruned", "reason": "worse than the median"})
    failed = _trial(7, None).model_copy(update={"state": "fail", "reason": MARKUP, "curve": ()})
    return (*found, pruned, failed)


def write_run(root: Path, name: str = "shop", run_id: str = "0123456789ab", state: str = "finished") -> RunFolder:
    """A run folder, and for a finished one its results."""
    store = Store(root)
    folder = store.run(name, run_id)
    text = SPEC.format(name=name)
    folder.write_spec(text, {})
    folder.write_spec(text, parse(folder.path / "spec.yaml").spec.model_dump(mode="json"))
    ended = None if state == "running" else "2026-01-02T03:04:05+00:00"
    folder.begin(RunStatus(state=state, started="2026-01-02T03:00:00+00:00", finished=ended))
    for trial in trials():
        folder.add_trial("good", trial)
    if state != "finished":
        return folder
    results = document(name, run_id)
    for model, error in (("good", 0.1), ("seasonal_naive", 0.2)):
        row = next(r for r in board().results if r.model == model)
        folder.add_result(row, parquet(error))
    plain = results.model_dump(mode="json")
    folder.write_document("benchmark", plain)
    folder.write_document("scoreboard", board().model_dump(mode="json"))
    folder.write_document("environment", {"python": "3.11", "versions": {"numpy": "2"}, "code": "c" * 64})
    store.write_benchmark(name, plain)
    return folder


def write_canonical(root: Path, name: str, text: str) -> Path:
    """A results document of any content."""
    path = root / "results" / "benchmarks" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@cache
def _empty_store() -> bytes:
    """A fresh MLflow store takes a second or two to make; every test gets a copy."""
    with tempfile.TemporaryDirectory() as folder:
        place = destination({}, Path(folder))
        open_client(place)
        with closing(sqlite3.connect(place.database)) as store:
            return store.serialize()


def mlflow_client(root: Path) -> MlflowClient:
    """A client on the local store of a project."""
    place = destination({}, root)
    if not place.database.exists():
        place.database.parent.mkdir(exist_ok=True)
        place.database.write_bytes(_empty_store())
    return open_client(place)


def write_mlflow(root: Path, name: str = "shop", run_id: str = "0123456789ab", **changes: Any) -> Path:
    """A parent run in the local MLflow store; its folder of artifacts.

    `status`, `start` (ms since 1970), `champion` (a version), `text` (of the results document; None for none), `trials`
    (names of models with a trial) and `files` (a folder to deliver) may be changed. What has not finished has no best.
    """
    status, start = changes.get("status", "FINISHED"), changes.get("start", 1_700_000_000_000)
    client = mlflow_client(root)
    tags = {"run_spec.kind": "run", "run_spec.run_id": run_id}
    tags |= {"run_spec.best_model": "good"} if status == "FINISHED" else {}
    tags |= {"run_spec.overrides": changes["overrides"]} if "overrides" in changes else {}
    run = client.create_run(_experiment(client, root, name), start, tags)
    if status == "FINISHED":
        client.log_metric(run.info.run_id, "wape", 0.1)
    if status != "RUNNING":
        client.set_terminated(run.info.run_id, status, start + 60_000)
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    folder.mkdir(parents=True)
    (folder / "spec.yaml").write_text(SPEC.format(name=name))
    (folder / "spec.resolved.json").write_text(parse(folder / "spec.yaml").spec.model_dump_json())
    if "files" in changes:
        shutil.copytree(changes["files"], folder, dirs_exist_ok=True)
    text = changes.get("text", document_text(name, run_id=run_id) if status == "FINISHED" else None)
    if text is not None:
        (folder / "benchmark.json").write_text(text)
    for model in changes.get("trials", ()):
        add_mlflow_trial(root, name, run_id, model)
    if "champion" in changes:
        client.create_registered_model(name)
        for _ in range(changes["champion"]):
            client.create_model_version(name, folder.as_uri(), run.info.run_id, await_creation_for=0)
        client.set_registered_model_alias(name, "champion", str(changes["champion"]))
    return folder


def add_mlflow_trial(root: Path, name: str, run_id: str, model: str, number: int = 0) -> None:
    """A complete trial of a model of that run."""
    client = mlflow_client(root)
    tags = {"run_spec.kind": "trial", "run_spec.run_id": run_id, "run_spec.trial": str(number), "model_name": model}
    run = client.create_run(_experiment(client, root, name), 1_700_000_000_000, {**tags, "run_spec.state": "complete"})
    client.log_metric(run.info.run_id, "value", 0.2)
    client.set_terminated(run.info.run_id, "FINISHED", 1_700_000_001_000)


def _experiment(client: MlflowClient, root: Path, name: str) -> str:
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    return str(client.create_experiment(name, (root / "mlruns" / "artifacts" / name).as_uri()))


def going_on(folder: RunFolder) -> None:
    """The status of a run whose process, this one, is alive."""
    started = "2026-01-02T03:00:00+00:00"
    folder.begin(RunStatus(state="running", started=started, pid=os.getpid(), host=socket.gethostname()))


def grow(folder: RunFolder) -> None:
    """Its budget was raised: the run goes on in this process, and its results are those of the smaller budget."""
    started = "2026-01-03T03:00:00+00:00"
    folder.begin(RunStatus(state="running", started=started, pid=os.getpid(), host=socket.gethostname()))


def document_text(name: str = "shop", **changes: Any) -> str:
    plain = document(name).model_dump(mode="json")
    return json.dumps({**plain, **changes})


def parquet(error: float) -> bytes:
    """Forecasts that are too high by `error` of the truth in every cell; series `s5` has ten times that."""
    n = len(LABELS)
    base = np.datetime64("2024-01-01", "D")
    tables = []
    for place, window in enumerate(WINDOWS):
        cutoff = base + np.timedelta64(31 * HORIZON * place, "D")
        times = cutoff + np.arange(1, HORIZON + 1) * np.timedelta64(31, "D")
        y = np.repeat(100.0 * (1 + np.arange(n)), HORIZON)
        factor = np.where(np.repeat(np.arange(n), HORIZON) == 5, 10 * error, error)
        tables.append(
            pa.table(
                {
                    "series": np.repeat(LABELS, HORIZON),
                    "window": [window] * (n * HORIZON),
                    "cutoff": np.repeat(cutoff, n * HORIZON),
                    "time": np.tile(times, n),
                    "step": np.tile(np.arange(1, HORIZON + 1, dtype=np.int32), n),
                    "y": y,
                    "forecast": y * (1 + factor),
                    "fallback": np.zeros(n * HORIZON, dtype=bool),
                    "q0.1": y * (1 - factor),
                    "q0.9": y * (1 + 2 * factor),
                }
            )
        )
    sink = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), sink)
    return sink.getvalue()


def _result(model: str, value: float, gain: float) -> ModelResult:
    scores = {"wape": value, "mape": value, "rmse": 10 * value, "mae": 8 * value, "directional_accuracy": 0.8}
    windows = tuple(
        WindowScore(window=w, scores={k: v * f for k, v in scores.items()}, n_cells=24, fit_seconds=1.0)
        for w, f in (("test-1", 0.9), ("test-2", 1.1))
    )
    tuned = {"trials": {"complete": 6, "pruned": 1, "fail": 1}, "trial": 5} if model == "good" else {}
    return ModelResult(
        model=model,
        kind="lightgbm" if model == "good" else model,
        status="ok",
        scores=scores,
        windows=windows,
        gain=gain,
        fit_seconds=2.0,
        n_cells=48,
        **tuned,
    )


def _trial(number: int, value: float | None) -> TrialRecord:
    curve = tuple(CurvePoint(rounds=r, value=(value or 0.4) + 0.1 / r) for r in (10, 20))
    return TrialRecord(
        number=number,
        state="complete",
        params={"params.depth": 3 + number, "params.rate": 0.01 * 2**number, "params.kind": "ab"[number % 2]},
        value=value,
        curve=curve,
        rounds=20,
        seconds=1.5,
        started="2026-01-02T03:00:00+00:00",
    )
