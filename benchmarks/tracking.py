"""Milliseconds a trial that tracking costs: one delivery from records against fluent calls one by one.

    python benchmarks/tracking.py [TRIALS [TRIALS BY FLUENT CALLS ON THE SERVER]]

Every way writes the same run (8 parameters, 9 metrics with 3 windows and a curve of 10 points, 10 tags a trial), first
to a fresh local store, then to a real `mlflow server` on 127.0.0.1 with a sqlite store of its own. Making the stores
and starting the server is not counted. Fluent calls on the server take a third of a second a trial, so fewer of them
are counted there.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import mlflow
from rich.console import Console
from rich.table import Table

from runner.store.run import RunFolder
from runner.track.destination import Destination, destination
from runner.track.run_content import RunContent, trial_content
from runner.track.sender import deliver_snapshot
from runner.values.records import CurvePoint, RunSnapshot, RunStatus, TrialRecord, WindowScore

_START_SECONDS = 120


def snapshot(n_trials: int) -> RunSnapshot:
    """A finished study of one model."""
    return RunSnapshot(
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


def by_delivery(run: RunSnapshot, place: Destination, folder: Path) -> float:
    """Seconds, marks on disk included."""
    records = RunFolder(folder / "results", run.name, run.run_id)
    begun = time.perf_counter()
    done = deliver_snapshot(run, place, (), lambda keys: records.mark(place.label, keys))
    if done.pending:
        raise SystemExit(done.message)
    return time.perf_counter() - begun


def by_fluent_calls(run: RunSnapshot, place: Destination, folder: Path) -> float:
    """Seconds of the same content, call by call."""
    mlflow.set_tracking_uri(place.uri)
    mlflow.create_experiment(f"{run.name} by calls", None if place.remote else (folder / "artifacts").as_uri())
    mlflow.set_experiment(f"{run.name} by calls")
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


Way = Callable[[RunSnapshot, Destination, Path], float]


def measure(table: Table, where: str, place: Destination, folder: Path, counts: dict[Way, int]) -> None:
    """A row for each way, the store made before the clock starts: that takes a second or two."""
    deliver_snapshot(replace(snapshot(0), name="first"), place, (), lambda keys: None)
    for way, n_trials in counts.items():
        seconds = way(snapshot(n_trials), place, folder)
        name = way.__name__.replace("_", " ")
        table.add_row(where, name, f"{n_trials:,}", f"{seconds:.1f}", f"{1000 * seconds / n_trials:.1f}")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Address of an `mlflow server` with one worker, ended with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", f"{folder}/there"]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def _wait(address: str) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up:
        with suppress(OSError), urlopen(f"{address}/health", timeout=10):
            return
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def main() -> None:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # two lines a run otherwise
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    by_calls = int(sys.argv[2]) if len(sys.argv) > 2 else min(n_trials, 50)
    table = Table("store", "way", "trials", "seconds", "ms a trial", title="What tracking costs")
    mine = os.environ.pop("MLFLOW_TRACKING_URI", None)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            here, there = Path(temporary) / "local", Path(temporary) / "server"
            here.mkdir()
            there.mkdir()
            measure(table, "local", destination({}, here), here, {by_delivery: n_trials, by_fluent_calls: n_trials})
            with server(there) as address:
                place = destination({"MLFLOW_TRACKING_URI": address}, there)
                measure(table, "server", place, there, {by_delivery: n_trials, by_fluent_calls: by_calls})
    finally:  # mlflow.set_tracking_uri writes into the environment of the process
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        if mine is not None:
            os.environ["MLFLOW_TRACKING_URI"] = mine
    Console().print(table)


if __name__ == "__main__":
    main()
