"""Every page over what MLflow itself has stored: a finished run, and later ones without results."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from run_worlds import write_run
from seeing import said, sound

from runner.dashboard.frame import PAGES
from runner.values.records import RunStatus

pytestmark = pytest.mark.slow
DELIVER = """
import sys
from pathlib import Path
from runner.track.delivery import prepare_delivery, deliver
from runner.store.folder import Store
store = Store(Path(sys.argv[1]))
print(*(deliver(prepare_delivery(store.run("shop", run_id), store)).pending for run_id in sys.argv[2:]))
"""
FINISHED, INTERRUPTED = "0123456789ab", "ba9876543210"
LATER = {"started": "2026-01-05T03:00:00+00:00", "host": socket.gethostname()}


def deliver(root: Path, *run_ids: str) -> None:
    """In a process of its own, because MLflow warns and warnings are errors here."""
    line = [sys.executable, "-c", DELIVER, str(root), *run_ids]
    environ = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    delivery = subprocess.run(line, capture_output=True, text=True, env=environ)
    assert delivery.stdout.split() == ["0"] * len(run_ids), delivery.stdout + delivery.stderr


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of another machine: a finished run, and a later one of another spec that was interrupted."""
    root = tmp_path_factory.mktemp("theirs")
    (root / "pyproject.toml").touch()
    write_run(root, run_id=FINISHED)
    ended = RunStatus(state="interrupted", **LATER, finished="2026-01-05T03:10:00+00:00")
    write_run(root, run_id=INTERRUPTED, state="interrupted").begin(ended)
    deliver(root, FINISHED, INTERRUPTED)
    return root


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another: its finished run goes on with a larger budget."""
    root = tmp_path_factory.mktemp("grown")
    (root / "pyproject.toml").touch()
    folder = write_run(root, run_id=FINISHED)
    deliver(root, FINISHED)
    folder.begin(RunStatus(state="running", **LATER, pid=os.getpid()))
    deliver(root, FINISHED)
    return root


def shown(page: str, state: str) -> str:
    """What only the finished run has, and of the study, whose run is the newest, its state."""
    said = {"portfolio": "10.00%", "experiment": "good is 50.0% better", "forecasts": "wape of good", "study": state}
    return {**said, "compare": "Choose two runs or more", "spec": "As resolved"}[page]


@pytest.mark.parametrize("page", PAGES)
def test_interrupted_run_after_finished_breaks_no_page(page, interrupted, project, open_page):
    shutil.copytree(interrupted / "mlruns", project / "mlruns")
    app = open_page(page, source="mlflow")
    assert sound(app)
    assert app.sidebar.radio[0].value == "mlflow"
    assert shown(page, "interrupted") in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_running_run_keeps_results_on_every_page(page, grown, project, open_page):
    shutil.copytree(grown / "mlruns", project / "mlruns")
    app = open_page(page, source="mlflow")
    assert sound(app)
    assert shown(page, "running") in said(app)
    if page == "study":
        assert "As of" in said(app)
        assert {"complete", "pruned", "failed"} <= {metric.label for metric in app.metric}
