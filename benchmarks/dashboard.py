"""Seconds until the first page of the dashboard shows its experiments, with thousands of runs; and the report's size.

    python benchmarks/dashboard.py [RUNS] [EXPERIMENTS]

Runs are copies of one small finished run. The first time counts everything a cold server imports; the second is a new
session on a warm one. Measured without a browser: the page's script until its last element.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "dashboard"))

from run_worlds import document, write_run

from runner.report.html import report_html
from runner.store.run_facts import run_facts

PAGE = """
import sys, time
from streamlit.testing.v1 import AppTest
page = f"from runner.dashboard.frame import render; render({sys.argv[1]!r})"
for _ in range(2):
    begin = time.perf_counter()
    app = AppTest.from_string(page, default_timeout=120).run()
    assert not app.exception and not app.error, (app.exception, app.error)
    print(time.perf_counter() - begin)
"""


def fill(root: Path, runs: int, experiments: int) -> None:
    """A store with so many runs of so many experiments."""
    (root / "pyproject.toml").write_text("")
    for number in range(experiments):
        write_run(root, f"experiment-{number:04}", f"{number:012x}")
    for number in range(experiments, runs):
        name = f"experiment-{number % experiments:04}"
        folder = root / "results" / "runs" / name / f"{number:012x}"
        folder.mkdir(parents=True)
        found = document(name, folder.name).model_dump(mode="json")
        (folder / "benchmark.json").write_text(json.dumps(found))
        first = root / "results" / "runs" / name / f"{number % experiments:012x}"
        for part in ("status.json", "spec.yaml", "spec.resolved.json"):
            os.link(first / part, folder / part)


def seconds(root: Path, page: str) -> tuple[float, float]:
    """(cold, warm)."""
    environ = {**os.environ, "RUN_SPEC_ROOT": str(root)}
    done = subprocess.run([sys.executable, "-c", PAGE, page], env=environ, capture_output=True, text=True, check=True)
    cold, warm = map(float, done.stdout.split())
    return cold, warm


def main() -> None:
    """Print the table."""
    runs, experiments = (int(a) for a in (*sys.argv[1:], "5000", "50")[:2])
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        begin = time.perf_counter()
        fill(root, runs, experiments)
        console.print(f"{runs:,} runs of {experiments:,} experiments, made in {time.perf_counter() - begin:.0f} s")
        table = Table("page", "cold s", "warm s")
        for page in ("portfolio", "experiment", "study", "compare"):
            cold, warm = seconds(root, page)
            table.add_row(page, f"{cold:.2f}", f"{warm:.2f}")
        console.print(table)
        facts = run_facts(write_run(root, "one", "0" * 12))
        console.print(f"report of a small run: {len(report_html(facts)) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
