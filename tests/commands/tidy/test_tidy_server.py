"""On a server runs are deleted there, and its own `mlflow gc` wipes them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from mlflow.entities import ViewType
from test_tidy import Tracked, _grown

from runner.commands.tidy import clear, survey
from runner.track.client import open_client
from runner.track.destination import destination

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a real server whose store lies in `tmp_path`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/server.db"]
    command += ["--artifacts-destination", f"{tmp_path}/artifacts"]
    with (tmp_path / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/health", tmp_path / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def _wait(address: str, log: Path) -> None:
    give_up = time.monotonic() + 300
    while time.monotonic() < give_up:
        with suppress(OSError), urlopen(address, timeout=10):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_old_families_on_server_are_deleted(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # its first answers take their time on a busy machine
    project = tmp_path / "project"
    project.mkdir()
    tracked = Tracked(open_client(destination(os.environ, project)))
    current = tracked.family()
    gone = tracked.family("KILLED") + tracked.family(run_spec__superseded_by=current[0])
    champion = tracked.family("KILLED")
    tracked.register(champion[1], "champion")
    kept = tracked.family("KILLED", keep="yes")
    grown = {run for family in _grown(tracked) for run in family}
    clear(survey(project, timedelta(days=1)))
    assert tracked.alive() == {*current, *champion, *kept, *grown}
    assert tracked.alive(ViewType.DELETED_ONLY) == set(gone)

    wipe = [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", f"sqlite:///{tmp_path}/server.db"]
    subprocess.run([*wipe, "--run-ids", ",".join(gone)], check=True, capture_output=True, timeout=120)
    assert tracked.alive(ViewType.ALL) == {*current, *champion, *kept, *grown}
