"""Milliseconds a trial that tracking costs: one delivery from records against fluent calls one by one.

    python benchmarks/tracking.py [TRIALS]

Both write the same run (8 parameters, 7 metrics with 3 windows and a curve of 10 points, 10 tags) to a fresh local
store; making the store is not counted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import mlflow
from rich.console import Console
from rich.table import Table

from runner.records import CurvePoint, Dossier, RunStatus, TrialRecord, WindowScore
from runner.store.run import RunFolder
from runner.track.contents import RunContent, trial_content
from runner.track.mlflow import deliver, destination


def dossier(n_trials: int) -> Dossier:
    """A finished study of one model."""
    return Dossier(
        name="speed",
        run_id="0123456789ab",
        status=RunStatus(state="finished", started="2024-03-01T12:00:00+00:00", finished="2024-03-01T13:00:00+00:00"),
        studies={"lightgbm": tuple(trial(number) for number in range(n_trials))},
    )


def trial(number: int) -> TrialRecord:
    scores = dict.fromkeys(("wape", "mape", "rmse", "mae"), 0.1 + number / 1000)
    return TrialRecord(
        number=number,
        state="complete",
        params={f"params.number_{i}": i / 7 for i in range(8)},
        value=scores["wape"],
        scores=scores,
        windows=tuple(WindowScore(window=f"tuning-{w}", scores=scores) for w in range(3)),
        curve=tuple(CurvePoint(rounds=25 * r, value=1 / r) for r in range(1, 11)),
        rounds=250,
        seconds=3.0,
        started="2024-03-01T12:00:00+00:00",
    )


def by_delivery(run: Dossier, root: Path) -> float:
    """Seconds, marks on disk included."""
    folder = RunFolder(root / "results", run.name, run.run_id)
    place = destination({}, root)
    begun = time.perf_counter()
    done = deliver(run, place, (), lambda keys: folder.mark(place.label, keys))
    if done.pending:
        raise SystemExit(done.message)
    return time.perf_counter() - begun


def by_fluent_calls(run: Dossier, root: Path) -> float:
    """Seconds of the same content, call by call."""
    mlflow.set_tracking_uri(destination({}, root).uri)
    mlflow.create_experiment(run.name, (root / "artifacts").as_uri())
    mlflow.set_experiment(run.name)
    begun = time.perf_counter()
    with mlflow.start_run(run_name="parent"):
        for record in run.studies["lightgbm"]:
            _say(trial_content(run, "lightgbm", record))
    return time.perf_counter() - begun


def _say(content: RunContent) -> None:
    with mlflow.start_run(run_name=content.name, nested=True):
        for key, value in content.params.items():
            mlflow.log_param(key, value)
        for point in content.metrics:
            mlflow.log_metric(point.key, point.value, step=point.step)
        for key, value in content.tags.items():
            if not key.startswith("mlflow."):
                mlflow.set_tag(key, value)


def main() -> None:
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    run = dossier(n_trials)
    table = Table("way", "seconds", "ms a trial", title=f"{n_trials} trials into a local store")
    with tempfile.TemporaryDirectory() as temporary:
        for way in (by_delivery, by_fluent_calls):
            root = Path(temporary) / way.__name__
            _make_store(root)
            seconds = way(run, root)
            table.add_row(way.__name__.replace("_", " "), f"{seconds:.2f}", f"{1000 * seconds / n_trials:.1f}")
    Console().print(table)


def _make_store(root: Path) -> None:
    """Before the clock starts: it takes a second or two."""
    deliver(replace(dossier(0), name="first"), destination({}, root), (), lambda keys: None)


if __name__ == "__main__":
    main()
