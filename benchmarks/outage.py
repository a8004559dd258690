"""A tracking server that is killed during a run, at many points: what fails, what it costs, and what arrives later.

    python benchmarks/outage.py [POINTS] [TRIALS]

Each row is a run of specs/quickstart.yaml with more trials, against a fresh `mlflow server` on 127.0.0.1 that is killed
(SIGKILL), or every fifth time stopped so that it takes connections and never answers (SIGSTOP), after that share of the
time of an undisturbed run. Then the server comes back on the same store, and `run-spec sync` delivers. The delay is
against the median of three undisturbed runs before; `twice` counts MLflow runs that are there more than once.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from mlflow import MlflowClient
from rich.console import Console
from rich.table import Table

SPEC = Path(__file__).parents[1] / "specs" / "quickstart.yaml"
UNDISTURBED = 3


@dataclass(frozen=True)
class Ran:
    """A run of the command."""

    seconds: float
    code: int
    said: str
    failed_trials: int


def main() -> None:
    """Print the table."""
    points, trials = (int(a) for a in (*sys.argv[1:], "20", "60")[:2])
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        usual = median(_undisturbed(Path(folder) / f"usual-{n}", trials) for n in range(UNDISTURBED))
        console.print(f"{trials} trials; undisturbed {usual:.1f} s (median of {UNDISTURBED})")
        titles = ("at", "how", "exit", "failed trials", "delay s", "pending", "runs after sync", "twice", "unfinished")
        table = Table(*titles)
        for point in range(points):
            share = (point + 0.5) / points
            stop = signal.SIGSTOP if point % 5 == 4 else signal.SIGKILL
            row = _disturbed(Path(folder) / f"cut-{point}", trials, usual, share, stop)
            table.add_row(f"{share:.0%}", stop.name, *row)
            console.print(*row, style="dim")
        console.print(table)


def _undisturbed(folder: Path, trials: int) -> float:
    project = _project(folder, trials)
    with _server(folder, _free_port()) as server:
        return _run(project, server.uri).seconds


def _disturbed(folder: Path, trials: int, usual: float, share: float, how: signal.Signals) -> tuple[str, ...]:
    project, port = _project(folder, trials), _free_port()
    with _server(folder, port) as server:
        threading.Timer(usual * share, server.signal, [how]).start()
        ran = _run(project, server.uri)
    found = re.search(r"(\d+) events pending", ran.said)
    pending = found[1] if found else "0"
    with _server(folder, port) as server:
        synced = _command(project, server.uri, "sync")
        if synced.returncode:
            raise SystemExit(f"sync: exit {synced.returncode}\n{synced.stdout}{synced.stderr}")
        runs, twice, unfinished = _arrived(server.uri)
    numbers = (ran.code, ran.failed_trials, f"{ran.seconds - usual:+.1f}", pending, runs, twice, unfinished)
    return tuple(map(str, numbers))


def _project(folder: Path, trials: int) -> Path:
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "quickstart.yaml").write_text(
        SPEC.read_text().replace("budget: {trials: 4}", f"budget: {{trials: {trials}}}")
    )
    return folder


def _run(project: Path, uri: str) -> Ran:
    begun = time.monotonic()
    done = _command(project, uri, "run", "quickstart.yaml")
    seconds = time.monotonic() - begun
    (row,) = (r for r in _document(project)["results"] if r["model_name"] == "lightgbm")
    return Ran(seconds, done.returncode, done.stdout + done.stderr, row["trials"].get("fail", 0))


def _document(project: Path) -> Any:
    return json.loads((project / "results" / "benchmarks" / "quickstart.json").read_bytes())


def _command(project: Path, uri: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "MLFLOW_TRACKING_URI": uri}
    line = [sys.executable, "-m", "runner", *arguments]
    return subprocess.run(line, cwd=project, env=environ, capture_output=True, text=True)


def _arrived(uri: str) -> tuple[int, int, int]:
    """(MLflow runs, those that are there more than once, those that have not ended)."""
    client = MlflowClient(uri, uri)
    found = client.get_experiment_by_name("quickstart")
    runs = client.search_runs([found.experiment_id] if found else [], max_results=5000)
    keys = Counter(run.data.tags["run_spec.key"] for run in runs)
    return len(runs), sum(n > 1 for n in keys.values()), sum(run.info.status == "RUNNING" for run in runs)


@dataclass(frozen=True)
class _Server:
    uri: str
    process: subprocess.Popen[bytes]

    def signal(self, how: signal.Signals) -> None:
        os.killpg(self.process.pid, how)


@contextmanager
def _server(folder: Path, port: int) -> Iterator[_Server]:
    store = [f"--backend-store-uri=sqlite:///{folder}/server.db", f"--artifacts-destination={folder}/artifacts"]
    line = [sys.executable, "-m", "mlflow", "server", "--host=127.0.0.1", f"--port={port}", "--workers=1", *store]
    process = subprocess.Popen(line, cwd=folder, stdout=-3, stderr=-3, start_new_session=True)
    server = _Server(f"http://127.0.0.1:{port}", process)
    try:
        while not _answers(server.uri):
            time.sleep(0.2)
        yield server
    finally:
        server.signal(signal.SIGKILL)
        process.wait()


def _answers(uri: str) -> bool:
    """Whether its store is there: a server that is killed while it makes the tables never has one."""
    try:
        with urllib.request.urlopen(f"{uri}/api/2.0/mlflow/experiments/search?max_results=1", timeout=20):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


if __name__ == "__main__":
    main()
