"""Secrets in the environment and in addresses appear nowhere: no output, file, tag or database, however a run ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CANARIES = {
    "MLFLOW_TRACKING_PASSWORD": "canary-password-1f",
    "MLFLOW_TRACKING_TOKEN": "canary-token-2e",
    "AWS_SECRET_ACCESS_KEY": "canary/aws+3d=",
    "WAREHOUSE_API_KEY": "canary key 4c",
    "DB_PASSWORD": "canary@5b:/?",
    "GITHUB_TOKEN": "canary-github-6a",
}
IN_ADDRESS = "canary-address-7g"
MARK = b"canary"
SPEC = """\
version: 1
name: small
data:
  source: {synthetic: {series: 3, steps: 60, season: 12, seed: 1}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {rest: ignore}
forecast: {horizon: 4, season: 12}
evaluation: {tuning: {windows: 1}, test: {windows: 1}, baseline: naive}
models: {naive: {}, lightgbm: {params: {min_data_in_leaf: 3}, space: {learning_rate: {float: [0.05, 0.3]}}}}
study: {budget: {trials: 2}}
run: {workers: 1}
gates: [{metric: wape, not_worse_than: champion}]
"""


@dataclass
class Place:
    """A project, and what its commands have said."""

    root: Path
    said: str = ""

    def __call__(self, *arguments: str, **environ: str) -> int:
        base = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
        done = subprocess.run(
            [sys.executable, "-m", "runner", *arguments],
            cwd=self.root, capture_output=True, text=True, env={**base, **CANARIES, **environ}, timeout=180,
        )  # fmt: skip
        self.said += done.stdout + done.stderr
        return done.returncode

    def leaks(self) -> list[str]:
        """Where a canary sings."""
        files = [path for path in self.root.rglob("*") if path.is_file() and MARK in path.read_bytes()]
        lines = [line for line in self.said.splitlines() if MARK.decode() in line]
        return [str(path) for path in files] + lines


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "pyproject.toml").write_text('[tool.run-spec]\nenv = ["MLFLOW_TRACKING_URI"]\n')
    (tmp_path / "small.yaml").write_text(SPEC)
    return Place(tmp_path)


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that answers 401 and repeats what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<html>no: {self.headers.get('Authorization')}</html>".encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_run_and_all_that_is_done_with_it_leak_nothing(place: Place) -> None:
    assert place("small.yaml", "--debug") == 0
    assert place("promote", "small", "--first") == 0
    assert place("compare", "--source", "mlflow") == 0
    assert place("tidy", "--older-than", "0s", "--yes") == 0
    assert (place.root / "mlruns" / "mlflow.db").exists()
    assert place.leaks() == []


def test_a_server_that_refuses_us_leaks_nothing(place: Place, refusing: str) -> None:
    address = f"http://user:{IN_ADDRESS}@{refusing}"
    assert place("small.yaml", MLFLOW_TRACKING_URI=address) == 0
    assert "refuses our credentials (401)" in place.said
    for command in (("sync",), ("promote", "small"), ("compare", "--source", "mlflow"), ("tidy",), ("gates", "small")):
        place(*command, MLFLOW_TRACKING_URI=address)
    assert place.leaks() == []


@pytest.mark.parametrize(
    "address",
    [
        f"http://user:{IN_ADDRESS}@127.0.0.1:9",
        f"https://{IN_ADDRESS}@nowhere.invalid/mlflow",
        f"postgresql://user:{IN_ADDRESS}@127.0.0.1:9/mlflow",
        f"no-such-store://user:{IN_ADDRESS}@host/path",
        f"http://127.0.0.1:9/?token={IN_ADDRESS}",
    ],
)
def test_an_address_that_leads_nowhere_leaks_nothing(place: Place, address: str) -> None:
    place("small.yaml", "--set", "models={naive: {}}", MLFLOW_TRACKING_URI=address, MLFLOW_REGISTRY_URI=address)
    place("sync", "--debug", MLFLOW_TRACKING_URI=address, MLFLOW_REGISTRY_URI=address)
    place("compare", "--source", "mlflow", MLFLOW_TRACKING_URI=address)
    assert "pending" in place.said or "MLflow has no store for an address" in place.said
    assert place.leaks() == []


def test_mistakes_in_specs_and_data_leak_nothing(place: Place) -> None:
    text = SPEC.replace("{synthetic: {series: 3, steps: 60, season: 12, seed: 1}}", "{env: DB_PASSWORD}")
    (place.root / "asking.yaml").write_text(text)
    assert place("asking.yaml") == 1
    assert place("lint", "asking.yaml") == 1
    where = f"https://user:{IN_ADDRESS}@host/sales.csv"
    assert place("small.yaml", "--set", f"data.source={{csv: '{where}'}}") == 1
    assert place("plan", "small.yaml", "--set", f"data.source={{csv: '{where}'}}", "--debug") == 1
    assert place.leaks() == []


def test_trials_that_fail_leak_nothing(place: Place) -> None:
    (place.root / "small.yaml").write_text(SPEC.replace("min_data_in_leaf: 3", "objective: poisson, max_bin: 1"))
    assert place("small.yaml") == 4
    assert place.leaks() == []
